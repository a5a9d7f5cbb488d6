import type { CalendarZone } from '../../../formats/ics/calendar-zone.ts'
import type { ZoneChange, ZonePeriod, ZoneRule } from '../../../formats/mapi/time-zone.ts'
import { windowsZoneOf, zonePeriodsOf } from './zone-rule.ts'

const minuteMs = 60_000
const dayMs = 86_400_000

const yearOf = (localMs: number): number => new Date(localMs).getUTCFullYear()

const changeIn = (year: number, { month, dayOfWeek, week, hour, minute }: ZoneChange): number => {
  const first = Date.UTC(year, month - 1, 1)
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  let day = ((dayOfWeek - new Date(first).getUTCDay() + 7) % 7) + (week - 1) * 7
  while (day >= length) day -= 7
  return first + day * dayMs + (hour * 60 + minute) * minuteMs
}

/** The offset by a rule; when it changes is found once a year. */
const offsetsBy = ({ biasMinutes, daylightBiasMinutes, changes }: ZoneRule): ((localMs: number) => number) => {
  const standard = -biasMinutes * minuteMs
  if (changes === null) return () => standard
  const years = new Map<number, { readonly on: number; readonly off: number }>()
  return (localMs) => {
    const year = yearOf(localMs)
    let found = years.get(year)
    if (found === undefined) {
      found = { on: changeIn(year, changes.toDaylight), off: changeIn(year, changes.toStandard) }
      years.set(year, found)
    }
    const { on, off } = found
    const isDaylight = on < off ? localMs >= on && localMs < off : localMs >= on || localMs < off
    return isDaylight ? standard - daylightBiasMinutes * minuteMs : standard
  }
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

/** Occurrences that are looked at where a zone keeps its rule: it is right by all of them, or wrong in each year. */
const maxOfOneRule = 500

/**
 * A series is counted by one rule of its zone in MAPI, for all its years: the one by which the most of its occurrences are right. The others
 * are told with it. `lastYear` is that of the last occurrence, Infinity for no end; `allOccurrences` is asked where the zone changes its rule.
 */
export const seriesZone = (
  zone: CalendarZone,
  occurrences: readonly number[],
  lastYear: number,
  allOccurrences: () => readonly number[],
): SeriesZone => {
  const periods = zonePeriodsOf(zone, yearOf(occurrences[0]!), lastYear)
  const counted = (periods.length > 1 ? allOccurrences() : occurrences.slice(0, maxOfOneRule)).map((localMs) => ({
    localMs,
    offsetMs: localMs - zone.toUtcMs(localMs),
  }))
  const shiftedBy = ({ rule }: ZonePeriod): number => {
    const offsetAt = offsetsBy(rule)
    return counted.filter(({ localMs, offsetMs }) => Math.abs(offsetAt(localMs) - offsetMs) >= minuteMs).length
  }
  const lastCounted = yearOf(counted.at(-1)!.localMs)
  const [best] = periods
    .filter(({ year }) => year <= lastCounted)
    .map((period) => ({ period, shifted: shiftedBy(period) }))
    .sort((one, other) => one.shifted - other.shifted)
  const { period, shifted } = best!
  return { keyName: windowsZoneOf(zone, period.year).keyName, periods, effective: period, shifted }
}
