import type { Frequency, RecurrenceRule } from './recurrence-rule.ts'

const dayMs = 86_400_000
const clockSteps: Readonly<Partial<Record<Frequency, number>>> = { SECONDLY: 1000, MINUTELY: 60_000, HOURLY: 3_600_000 }

/** Periods without a single occurrence after which a rule counts as one that has no more; each is longer than any real gap. */
const maxEmptyPeriods: Readonly<Record<Frequency, number>> = {
  SECONDLY: 100_000,
  MINUTELY: 100_000,
  HOURLY: 50_000,
  DAILY: 12_000,
  WEEKLY: 5_000,
  MONTHLY: 1_200,
  YEARLY: 100,
}

const dayOf = (ms: number): number => ms - (((ms % dayMs) + dayMs) % dayMs)
const weekdayOf = (dayStart: number): number => (((Math.floor(dayStart / dayMs) + 4) % 7) + 7) % 7
const monthDays = (year: number, month: number): number => new Date(Date.UTC(year, month + 1, 0)).getUTCDate()

const daysFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, no) => first + no * dayMs)

/** The first day of week 1: the week with at least four days of the year (RFC 5545 §3.3.10, BYWEEKNO). */
const weekOneOf = (year: number, weekStart: number): number => {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - ((weekdayOf(fourth) - weekStart + 7) % 7) * dayMs
}

/** Whether a number that counts from the end where it is negative means `position` (from 1) of `length`. */
const means = (listed: readonly number[], position: number, length: number): boolean =>
  listed.some((no) => (no > 0 ? no : length + no + 1) === position)

type Span = { readonly first: number; readonly length: number }

/** BYDAY: with an ordinal within this span, without one every such weekday. */
const isByDay = (rule: RecurrenceRule, day: number, span: Span | null): boolean => {
  const weekday = weekdayOf(day)
  return rule.byDay.some((listed) => {
    if (listed.weekday !== weekday) return false
    if (listed.ordinal === 0 || span === null) return true
    const at = Math.floor((day - span.first) / dayMs)
    const fromStart = Math.floor(at / 7) + 1
    const fromEnd = Math.floor((span.length - 1 - at) / 7) + 1
    return listed.ordinal > 0 ? listed.ordinal === fromStart : -listed.ordinal === fromEnd
  })
}

const yearSpan = (year: number): Span => {
  const first = Date.UTC(year, 0, 1)
  return { first, length: (Date.UTC(year + 1, 0, 1) - first) / dayMs }
}
const monthSpan = (date: Date): Span => ({
  first: Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
  length: monthDays(date.getUTCFullYear(), date.getUTCMonth()),
})

/** What limits days in a period of any length; what the rule does not say comes from the start, as the frequency wants it. */
const dayFilter = (rule: RecurrenceRule, start: Date): ((day: number) => boolean) => {
  const { frequency } = rule
  const hasDays = rule.byDay.length + rule.byMonthDay.length + rule.byYearDay.length + rule.byWeekNo.length > 0
  const isWhole = frequency === 'YEARLY' || frequency === 'MONTHLY'
  return (day) => {
    const date = new Date(day)
    if (rule.byMonth.length > 0 && !rule.byMonth.includes(date.getUTCMonth() + 1)) return false
    if (rule.byMonthDay.length > 0 && !means(rule.byMonthDay, date.getUTCDate(), monthSpan(date).length)) return false
    if (rule.byYearDay.length > 0) {
      const span = yearSpan(date.getUTCFullYear())
      if (!means(rule.byYearDay, (day - span.first) / dayMs + 1, span.length)) return false
    }
    if (rule.byDay.length > 0) {
      const isByYear = frequency === 'YEARLY' && rule.byMonth.length === 0
      const span =
        rule.byWeekNo.length > 0 || !isWhole ? null : isByYear ? yearSpan(date.getUTCFullYear()) : monthSpan(date)
      return isByDay(rule, day, span)
    }
    if (rule.byWeekNo.length > 0 && rule.byMonthDay.length + rule.byYearDay.length === 0) {
      return weekdayOf(day) === weekdayOf(dayOf(start.getTime()))
    }
    if (frequency === 'WEEKLY') return weekdayOf(day) === weekdayOf(dayOf(start.getTime()))
    if (hasDays || !isWhole) return true
    if (date.getUTCDate() !== start.getUTCDate()) return false
    return frequency === 'MONTHLY' || rule.byMonth.length > 0 || date.getUTCMonth() === start.getUTCMonth()
  }
}

/** The days of the period `no` periods after the one of the start. */
const daysOfPeriod = (rule: RecurrenceRule, start: Date, no: number): number[] => {
  const first = dayOf(start.getTime())
  const step = no * rule.interval
  if (rule.frequency === 'WEEKLY') {
    const weekStart = first - ((weekdayOf(first) - rule.weekStart + 7) % 7) * dayMs
    return daysFrom(weekStart + step * 7 * dayMs, 7)
  }
  if (rule.frequency === 'MONTHLY') {
    const span = monthSpan(new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + step, 1)))
    return daysFrom(span.first, span.length)
  }
  if (rule.frequency === 'YEARLY') {
    const year = start.getUTCFullYear() + step
    if (rule.byWeekNo.length === 0) {
      const span = yearSpan(year)
      return daysFrom(span.first, span.length)
    }
    const one = weekOneOf(year, rule.weekStart)
    const weeks = Math.round((weekOneOf(year + 1, rule.weekStart) - one) / (7 * dayMs))
    return daysFrom(one, weeks * 7).filter((_, at) => means(rule.byWeekNo, Math.floor(at / 7) + 1, weeks))
  }
  return [first + step * dayMs]
}

const or = (listed: readonly number[], otherwise: number): readonly number[] =>
  listed.length > 0 ? listed.toSorted((one, other) => one - other) : [otherwise]

/**
 * The occurrences of a rule in order, as local times (milliseconds as if they were UTC), from the start on; the start itself only where the rule
 * has it. `untilMs` takes the place of UNTIL. Bounded for every rule: it ends at the year 4500, and where nothing comes for thousands of periods.
 */
export function* expandRule(rule: RecurrenceRule, startMs: number, untilMs: number | null): Generator<number> {
  const start = new Date(startMs)
  const end = Math.min(untilMs ?? Number.POSITIVE_INFINITY, Date.UTC(4500, 0, 1))
  const isFit = dayFilter(rule, start)
  const clockStep = clockSteps[rule.frequency]
  const hours = or(rule.byHour, start.getUTCHours())
  const minutes = or(rule.byMinute, start.getUTCMinutes())
  const seconds = or(rule.bySecond, start.getUTCSeconds())
  const timesOn = (day: number): number[] =>
    hours.flatMap((hour) =>
      minutes.flatMap((minute) => seconds.map((second) => day + ((hour * 60 + minute) * 60 + second) * 1000)),
    )
  /** Below a day each period is one moment, and the parts of its own size and larger limit it. */
  const momentsOf = (no: number, step: number): number[] => {
    const at = startMs + no * rule.interval * step
    const date = new Date(at)
    if (!isFit(dayOf(at))) return []
    if (rule.byHour.length > 0 && !rule.byHour.includes(date.getUTCHours())) return []
    if (step < 3_600_000 && rule.byMinute.length > 0 && !rule.byMinute.includes(date.getUTCMinutes())) return []
    if (step < 60_000 && rule.bySecond.length > 0 && !rule.bySecond.includes(date.getUTCSeconds())) return []
    const base = at - (at % step)
    const minuteList = step === 3_600_000 ? minutes : [date.getUTCMinutes()]
    const secondList = step >= 60_000 ? seconds : [date.getUTCSeconds()]
    const hourBase = at - (((at % 3_600_000) + 3_600_000) % 3_600_000)
    return step === 1000
      ? [base]
      : minuteList.flatMap((minute) => secondList.map((second) => hourBase + (minute * 60 + second) * 1000))
  }
  let given = 0
  let empty = 0
  for (let no = 0; empty < maxEmptyPeriods[rule.frequency]; no++) {
    const all =
      clockStep === undefined ? daysOfPeriod(rule, start, no).filter(isFit).flatMap(timesOn) : momentsOf(no, clockStep)
    const chosen = rule.bySetPos.length === 0 ? all : all.filter((_, at) => means(rule.bySetPos, at + 1, all.length))
    empty = chosen.length === 0 ? empty + 1 : 0
    for (const moment of chosen) {
      if (moment < startMs) continue
      if (moment > end || (rule.count !== null && given >= rule.count)) return
      given++
      yield moment
    }
    // A period without any says nothing of whether the end is behind: it is asked by where the period lies.
    if (chosen.length === 0 && periodStart(rule, start, no) > end) return
  }
}

const periodStart = (rule: RecurrenceRule, start: Date, no: number): number => {
  const step = clockSteps[rule.frequency]
  if (step !== undefined) return start.getTime() + no * rule.interval * step
  if (rule.frequency === 'YEARLY') return Date.UTC(start.getUTCFullYear() + no * rule.interval, 0, -6)
  return daysOfPeriod(rule, start, no)[0]!
}
