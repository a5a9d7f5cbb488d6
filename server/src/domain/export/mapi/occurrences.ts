import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import { expandRule } from '../../../formats/ics/expand-rule.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import type { RecurrenceRule } from '../../../formats/ics/recurrence-rule.ts'
import { inZone, readZonedMoment, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import { linesOf } from './calendar-values.ts'

const dayMs = 86_400_000

/** The last moment UNTIL allows, by the clock of the series: of a date the whole day. Null for none. */
export const untilOf = (rule: RecurrenceRule, start: ZonedMoment, zones: CalendarZones): number | null => {
  if (rule.until === null) return null
  const until = readZonedMoment(rule.until, start.zone.name, zones)
  if (until === null) return null
  if (until.isDate) return until.localMs + dayMs - 1000
  // A local time is one of the series; with a Z it is an instant (RFC 5545 §3.3.10).
  return /Z$/i.test(rule.until) && !start.isDate ? inZone(until, start.zone).localMs : until.localMs
}

/** The values of EXDATE or RDATE by the clock of the series; a period counts by its start. */
export const datesOf = (
  component: CalendarComponent,
  name: 'EXDATE' | 'RDATE',
  start: ZonedMoment,
  zones: CalendarZones,
): ZonedMoment[] =>
  linesOf(component, name).flatMap(({ parameters, value }) =>
    value
      .split(',', 20_000)
      .map((listed) => readZonedMoment(listed.split('/')[0]!, parameters.TZID, zones))
      .filter((moment) => moment !== null)
      .map((moment) => (moment.isDate || start.isDate ? moment : inZone(moment, start.zone))),
  )

export const dayOf = (localMs: number): number => localMs - (((localMs % dayMs) + dayMs) % dayMs)

/** No clock is changed by more. */
const maxChangeMs = 3 * 3_600_000

/**
 * Whether a date of EXDATE or RECURRENCE-ID, by the clock of the series, means this occurrence: a date means any time on it, and an instant the
 * local time that counts as that one when the clock is changed.
 */
export const meansOccurrence = (moment: ZonedMoment, localMs: number, isDateSeries: boolean): boolean => {
  if (moment.isDate || isDateSeries) return dayOf(moment.localMs) === dayOf(localMs)
  if (moment.localMs === localMs) return true
  return Math.abs(moment.localMs - localMs) <= maxChangeMs && moment.zone.toUtcMs(localMs) === moment.utcMs
}

export type Expansion = {
  /** Local times, in order, those of EXDATE among them. */
  readonly occurrences: readonly number[]
  /** All there are. */
  readonly isComplete: boolean
}

/** The first occurrences of a rule, up to `maxCount` and to the local time `lastMs`. */
export const expand = (
  rule: RecurrenceRule,
  startMs: number,
  untilMs: number | null,
  { maxCount, lastMs }: { readonly maxCount: number; readonly lastMs: number },
): Expansion => {
  const occurrences: number[] = []
  for (const at of expandRule(rule, startMs, untilMs)) {
    if (occurrences.length >= maxCount || at > lastMs) return { occurrences, isComplete: false }
    occurrences.push(at)
  }
  return { occurrences, isComplete: true }
}
