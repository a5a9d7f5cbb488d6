import type { CalendarZone } from '../../../formats/ics/calendar-zone.ts'
import type { ZoneChange, ZoneRule } from '../../../formats/mapi/time-zone.ts'
import { type WindowsZone, windowsZoneOf } from './zone-rule.ts'

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

export type SeriesZone = WindowsZone & {
  /** The year whose rule it is. */
  readonly year: number
  /** Occurrences that this rule puts at another instant than the zone does. */
  readonly shifted: number
}

/** A series has one rule of its zone in MAPI, for all its years: the one by which the most of these occurrences are right. */
export const seriesZone = (zone: CalendarZone, occurrences: readonly number[]): SeriesZone => {
  const years = [occurrences[0]!, occurrences.at(-1)!].map((at) => new Date(at).getUTCFullYear())
  const candidates = [...new Set(years)].map((year) => {
    const found = windowsZoneOf(zone, year)
    const shifted = occurrences.filter(
      (localMs) => Math.abs(localMs - offsetByRule(found.rule, localMs) - zone.toUtcMs(localMs)) >= minuteMs,
    ).length
    return { ...found, year, shifted }
  })
  return candidates.reduce((best, candidate) => (candidate.shifted < best.shifted ? candidate : best))
}
