import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { RecurrenceRule } from '../../../formats/ics/recurrence-rule.ts'
import type { ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import type { RecurrencePattern } from '../../../formats/mapi/recurrence-blob.ts'
import { expressRule } from './express-rule.ts'
import { expand, untilOf } from './occurrences.ts'

/** The pattern with the first occurrence the rule has, which need not be the start; null where there is no pattern or no occurrence. */
export const express = (
  rule: RecurrenceRule | null,
  start: ZonedMoment,
  zones: CalendarZones,
): { readonly pattern: RecurrencePattern; readonly first: number } | null => {
  if (rule === null) return null
  const limits = { maxCount: 1, lastMs: Number.POSITIVE_INFINITY }
  const [first] = expand(rule, start.localMs, untilOf(rule, start, zones), limits).occurrences
  if (first === undefined) return null
  const pattern = expressRule(rule, first)
  return pattern === null ? null : { pattern, first }
}
