import type { RecurrencePattern } from '../../../formats/mapi/recurrence-blob.ts'

/** Days of a month that is no leap February. */
const shortestMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const lastDayOfMonth = 31
/** What is due later has dates that no pattern can tell. */
const maxDays = 3_650

export const laterWeekday = (weekday: number, days: number): number => (weekday + days) % 7

/**
 * The pattern whose occurrences are all so many days later; null where there is none. iCalendar repeats the start of a task, Outlook its due
 * date. `firstMs` is the local time of the first occurrence.
 */
export const laterPattern = (pattern: RecurrencePattern, days: number, firstMs: number): RecurrencePattern | null => {
  if (days > maxDays) return null
  if (days === 0 || pattern.kind === 'daily') return pattern
  if (pattern.kind === 'weekly') {
    const weekdays = [0, 1, 2, 3, 4, 5, 6].filter((weekday) => (pattern.dayMask & (1 << weekday)) !== 0)
    return {
      ...pattern,
      dayMask: weekdays.reduce((mask, weekday) => mask | (1 << laterWeekday(weekday, days)), 0),
    }
  }
  if (pattern.kind === 'monthNth' || pattern.day === lastDayOfMonth) return null
  const most = pattern.unit === 'month' ? 28 : shortestMonths[new Date(firstMs).getUTCMonth()]!
  return pattern.day + days > most ? null : { ...pattern, day: pattern.day + days }
}
