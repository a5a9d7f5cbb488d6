import type { RecurrenceRule } from '../../../formats/ics/recurrence-rule.ts'
import type { RecurrencePattern } from '../../../formats/mapi/recurrence-blob.ts'

/** What Outlook takes ([MS-OXOCAL] §2.2.1.44.1, Period). */
const maxEvery = { days: 999, weeks: 99, months: 99, years: 99 } as const

const workdays = 0b0111110
const weekend = 0b1000001
const allDays = 0b1111111

const isOneDay = (mask: number): boolean => (mask & (mask - 1)) === 0

/** Days of a month that is no leap February. */
const shortestMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** The parts of a time are nothing where they say what the start says. */
const isClockOf = (rule: RecurrenceRule, start: Date): boolean =>
  rule.byHour.every((hour) => hour === start.getUTCHours()) &&
  rule.byMinute.every((minute) => minute === start.getUTCMinutes()) &&
  rule.bySecond.every((second) => second === start.getUTCSeconds())

/** The nth day of a mask within a month: BYDAY=2TU, or BYDAY=MO,TU,WE,TH,FR with BYSETPOS=-1. */
const nthOf = (rule: RecurrenceRule): { dayMask: number; nth: number } | null => {
  const [first, ...others] = rule.byDay
  const dayMask = rule.byDay.reduce((mask, { weekday }) => mask | (1 << weekday), 0)
  const hasOrdinal = rule.byDay.some(({ ordinal }) => ordinal !== 0)
  const nth = hasOrdinal ? first!.ordinal : rule.bySetPos[0]
  if (hasOrdinal ? others.length > 0 || rule.bySetPos.length > 0 : rule.bySetPos.length !== 1) return null
  if (nth === undefined || (nth !== -1 && (nth < 1 || nth > 4))) return null
  if (!isOneDay(dayMask) && ![workdays, weekend, allDays].includes(dayMask)) return null
  return { dayMask, nth: nth === -1 ? 5 : nth }
}

/**
 * The day of a month. MAPI takes the last one for a day that a month lacks where iCalendar leaves that month out: so only days that are always
 * there, and the last itself.
 */
const monthDayOf = (rule: RecurrenceRule, start: Date, unit: 'month' | 'year'): number | null => {
  const day = rule.byMonthDay[0] ?? start.getUTCDate()
  if (rule.byMonthDay.length > 1 || rule.bySetPos.length > 0) return null
  if (day === -1) return 31
  const most = unit === 'month' ? 28 : shortestMonths[start.getUTCMonth()]!
  return day >= 1 && day <= most ? day : null
}

/** Whether a rule means 29 February of each year that has it. */
const isLeapDay = (rule: RecurrenceRule, start: Date): boolean =>
  rule.frequency === 'YEARLY' &&
  start.getUTCMonth() === 1 &&
  start.getUTCDate() === 29 &&
  rule.byMonthDay.every((day) => day === 29) &&
  rule.byMonthDay.length < 2 &&
  rule.byDay.length + rule.bySetPos.length === 0

/** Years of all intervals that are leap years, as long as none is left out. */
const leapYears = (interval: number): number =>
  interval % 4 === 0 ? interval : interval % 2 === 0 ? interval * 2 : interval * 4

/** From then on a pattern that means leap years is wrong: 2100 is none. */
export const leapYearsEndMs = Date.UTC(2100, 0, 1)

/**
 * The pattern of MAPI that has the very same occurrences; null when there is none. `startMs` is the local time of the first. That of a leap day is
 * right until `leapYearsEndMs`.
 */
export const expressRule = (rule: RecurrenceRule, startMs: number): RecurrencePattern | null => {
  const start = new Date(startMs)
  if (!isClockOf(rule, start) || rule.byYearDay.length > 0 || rule.byWeekNo.length > 0) return null
  const dayMask = rule.byDay.reduce((mask, { weekday }) => mask | (1 << weekday), 0)
  if (rule.frequency === 'DAILY' || rule.frequency === 'WEEKLY') {
    if (rule.byMonth.length + rule.byMonthDay.length + rule.bySetPos.length > 0) return null
    if (rule.byDay.some(({ ordinal }) => ordinal !== 0)) return null
    if (rule.frequency === 'DAILY' && dayMask === 0) {
      return rule.interval > maxEvery.days ? null : { kind: 'daily', everyDays: rule.interval }
    }
    if (rule.interval > (rule.frequency === 'DAILY' ? 1 : maxEvery.weeks)) return null
    return { kind: 'weekly', everyWeeks: rule.interval, dayMask: dayMask || 1 << start.getUTCDay() }
  }
  if (rule.frequency !== 'MONTHLY' && rule.frequency !== 'YEARLY') return null
  const unit = rule.frequency === 'MONTHLY' ? 'month' : 'year'
  if (rule.interval > (unit === 'month' ? maxEvery.months : maxEvery.years)) return null
  // A year has one day of it, in the month of the start.
  if (unit === 'month' ? rule.byMonth.length > 0 : rule.byMonth.length > 1) return null
  if (unit === 'year' && rule.byMonth.length === 0 && rule.byDay.length + rule.byMonthDay.length > 0) return null
  if (isLeapDay(rule, start)) {
    const every = leapYears(rule.interval)
    return every > maxEvery.years || startMs >= leapYearsEndMs ? null : { kind: 'monthDay', unit, every, day: 29 }
  }
  if (dayMask === 0) {
    const day = monthDayOf(rule, start, unit)
    return day === null ? null : { kind: 'monthDay', unit, every: rule.interval, day }
  }
  const nth = rule.byMonthDay.length > 0 ? null : nthOf(rule)
  return nth === null ? null : { kind: 'monthNth', unit, every: rule.interval, ...nth }
}
