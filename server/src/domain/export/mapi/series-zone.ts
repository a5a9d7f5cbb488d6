import type { CalendarZone } from '../../../formats/ics/calendar-zone.ts'
import type { ZoneChange, ZonePeriod, ZoneRule } from '../../../formats/mapi/time-zone.ts'
import { windowsZoneOf, zonePeriodsOf } from './zone-rule.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

const changeIn = (year: number, { month, dayOfWeek, week, hour, minute }: ZoneChange): number => {
  const first = Date.UTC(year, month - 1, 1)
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  let day = ((dayOfWeek - new Date(first).getUTCDay() + 7) % 7) + (week - 1) * 7
  while (day >= length) day -= 7
  return first + day * dayMs + (hour * 60 + minute) * minuteMs
}

const offsetByRule = ({ biasMinutes, daylightBiasMinutes, changes }: ZoneRule, localMs: number): number => {
  const standard = -biasMinutes * minuteMs
  if (changes === null) return standard
  const year = new Date(localMs).getUTCFullYear()
  const on = changeIn(year, changes.toDaylight)
  const off = changeIn(year, changes.toStandard)
  const isDaylight = on < off ? localMs >= on && localMs < off : localMs >= on || localMs < off
  return isDaylight ? standard - daylightBiasMinutes * minuteMs : standard
}

export type SeriesZone = {
  readonly keyName: string
  /** The rules of the zone from the first occurrence to the last. */
  readonly periods: readonly ZonePeriod[]
  /** The one of them by which the series is counted. */
  readonly effective: ZonePeriod
  /** Occurrences that this rule puts at another instant than the zone does. */
  readonly shifted: number
}

const yearOf = (localMs: number): number => new Date(localMs).getUTCFullYear()

/**
 * A series is counted by one rule of its zone in MAPI, for all its years: the one by which the most of these occurrences are right. The others
 * are told with it. `lastYear` is that of the last occurrence, Infinity for no end.
 */
export const seriesZone = (zone: CalendarZone, occurrences: readonly number[], lastYear: number): SeriesZone => {
  const periods = zonePeriodsOf(zone, yearOf(occurrences[0]!), lastYear)
  const shiftedBy = ({ rule }: ZonePeriod): number =>
    occurrences.filter((localMs) => Math.abs(localMs - offsetByRule(rule, localMs) - zone.toUtcMs(localMs)) >= minuteMs)
      .length
  const lastCounted = yearOf(occurrences.at(-1)!)
  const [best] = periods
    .filter(({ year }) => year <= lastCounted)
    .map((period) => ({ period, shifted: shiftedBy(period) }))
    .sort((one, other) => one.shifted - other.shifted)
  const { period, shifted } = best!
  return { keyName: windowsZoneOf(zone, period.year).keyName, periods, effective: period, shifted }
}
