import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { type RecurrenceRule, readRecurrenceRule } from '../../../formats/ics/recurrence-rule.ts'
import { inZone, momentAt, momentOf, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import type { RecurrencePattern } from '../../../formats/mapi/recurrence-blob.ts'
import { integerOf, linesOf } from './calendar-values.ts'
import { express } from './express-first.ts'
import { leapYearsEndMs } from './express-rule.ts'
import type { Losses } from './losses.ts'
import { datesOf, dayOf, expand, meansOccurrence, untilOf } from './occurrences.ts'

/** Occurrences that are counted at most; 50 years of a daily series are fewer. */
const maxCounted = 20_000
const dayMs = 86_400_000

export type SeriesShape = {
  /** What becomes of a series that MAPI has no pattern for: so many single items, of so long a time. */
  readonly maxSingles: number
  readonly maxSinglesMs: number
  /** The pattern as the item wants it, `first` being the local time of its first occurrence; null where there is none. */
  readonly adapt: (pattern: RecurrencePattern, first: number) => RecurrencePattern | null
}

const appointments: SeriesShape = {
  maxSingles: 1_000,
  maxSinglesMs: 3 * 365.25 * dayMs,
  adapt: (pattern) => pattern,
}

/** An override of one occurrence (RFC 5545 §3.8.4.4). */
export type Override = { readonly component: CalendarComponent; readonly at: ZonedMoment }

export type PatternPlan = {
  readonly pattern: RecurrencePattern
  readonly rule: RecurrenceRule
  /** Local times; of a series without an end, as many as are needed to place its exceptions. */
  readonly occurrences: readonly number[]
  readonly hasEnd: boolean
  /** Taken away, overridden ones not among them. */
  readonly deleted: readonly number[]
  readonly overridden: readonly { readonly at: number; readonly override: Override }[]
}

export type SeriesPlan = {
  /** Null where there is no series: all occurrences are singles. */
  readonly series: PatternPlan | null
  /** Local times of occurrences that stand alone. */
  readonly singles: readonly number[]
  /** Overrides that stand alone. */
  readonly loose: readonly Override[]
}

const never = Number.POSITIVE_INFINITY

const lastDayOf = (start: ZonedMoment, end: ZonedMoment): number =>
  Math.max(dayOf(start.localMs), dayOf(end.localMs - 1))

/** By the occurrence each is for; of several for one the latest revision first (SEQUENCE, RFC 5545 §3.8.7.4). */
const inTheirOrder = (overrides: readonly Override[]): Override[] => {
  const revisionOf = ({ component }: Override): number => integerOf(component, 'SEQUENCE') ?? 0
  return overrides.toSorted((one, other) => one.at.localMs - other.at.localMs || revisionOf(other) - revisionOf(one))
}

/** A move that MAPI cannot tell: onto or beyond the day of another occurrence ([MS-OXOCAL] §2.2.1.44: occurrences keep their order). */
const movesOutOfOrder = (
  occurrences: readonly number[],
  index: number,
  start: ZonedMoment,
  end: ZonedMoment,
): boolean => {
  const before = occurrences[index - 1]
  const after = occurrences[index + 1]
  const day = dayOf(start.localMs)
  return (
    (before !== undefined && day <= dayOf(before)) || (after !== undefined && lastDayOf(start, end) >= dayOf(after))
  )
}

/** Decides what of the recurrence of a component becomes a pattern and what stands alone. */
export const planSeries = (
  master: CalendarComponent,
  start: ZonedMoment,
  overrides: readonly Override[],
  moved: (override: Override) => {
    readonly start: ZonedMoment
    readonly end: ZonedMoment
    readonly isCancelled: boolean
  },
  zones: CalendarZones,
  losses: Losses,
  { maxSingles, maxSinglesMs, adapt }: SeriesShape = appointments,
): SeriesPlan => {
  const rules = linesOf(master, 'RRULE').map(({ value }) => readRecurrenceRule(value))
  const exdates = datesOf(master, 'EXDATE', start, zones)
  const rdates = datesOf(master, 'RDATE', start, zones).map(({ localMs }) => localMs)
  const isExcluded = (at: number): boolean => exdates.some((date) => meansOccurrence(date, at, start.isDate))
  const isOverridden = (at: number): boolean => overrides.some((one) => meansOccurrence(one.at, at, start.isDate))
  const standing = (all: readonly number[]): number[] => {
    const kept = [...new Set(all.filter((at) => !isExcluded(at) && !isOverridden(at)))]
    if (kept.length > maxSingles) losses.add('series_cut_off')
    return kept.slice(0, maxSingles)
  }
  if (rdates.length > 0) losses.add('dates_as_single', `${rdates.length}`)
  if (linesOf(master, 'RDATE').some(({ value }) => value.includes('/'))) losses.add('period_as_date')
  const [rule] = rules
  if (rule === undefined) return { series: null, singles: standing([start.localMs, ...rdates]), loose: overrides }
  const expressed = rules.length === 1 && linesOf(master, 'EXRULE').length === 0 ? express(rule, start, zones) : null
  const pattern = expressed === null ? null : adapt(expressed.pattern, expressed.first)
  if (expressed === null || pattern === null) {
    const lastMs = start.localMs + maxSinglesMs
    const read = rules.filter((one) => one !== null)
    if (read.length < rules.length) losses.add('rule_unknown')
    const expansions = read.map((one) =>
      expand(one, start.localMs, untilOf(one, start, zones), { maxCount: maxSingles, lastMs }),
    )
    const excluded = new Set(
      linesOf(master, 'EXRULE').flatMap(({ value }) => {
        const exRule = readRecurrenceRule(value)
        if (exRule === null) return []
        return expand(exRule, start.localMs, untilOf(exRule, start, zones), { maxCount: maxSingles, lastMs })
          .occurrences
      }),
    )
    const all = [...new Set([start.localMs, ...rdates, ...expansions.flatMap(({ occurrences }) => occurrences)])]
      .filter((at) => !excluded.has(at))
      .sort((one, other) => one - other)
    const singles = standing(all.slice(0, maxSingles))
    losses.add('series_as_single', `${singles.length}`)
    if (all.length > maxSingles || expansions.some(({ isComplete }) => !isComplete)) losses.add('series_cut_off')
    return { series: null, singles, loose: overrides }
  }
  return planPattern(pattern, rule!, expressed.first, start, overrides, moved, exdates, rdates, zones, losses, standing)
}

const isFebruary = (localMs: number): boolean => new Date(localMs).getUTCMonth() === 1

const planPattern = (
  pattern: RecurrencePattern,
  rule: RecurrenceRule,
  first: number,
  start: ZonedMoment,
  overrides: readonly Override[],
  moved: (override: Override) => {
    readonly start: ZonedMoment
    readonly end: ZonedMoment
    readonly isCancelled: boolean
  },
  exdates: readonly ZonedMoment[],
  rdates: readonly number[],
  zones: CalendarZones,
  losses: Losses,
  standing: (all: readonly number[]) => number[],
): SeriesPlan => {
  const endsItself = rule.count !== null || rule.until !== null
  // Two periods of the longest kind beyond the last exception, so that its neighbours are known.
  const lastNeeded = [...exdates, ...overrides.map(({ at }) => at)].reduce(
    (last, { localMs }) => Math.max(last, localMs),
    first,
  )
  const { occurrences, isComplete } = expand(rule, first, untilOf(rule, start, zones), {
    maxCount: maxCounted,
    lastMs: endsItself ? never : lastNeeded + 800 * dayMs,
  })
  if (endsItself && !isComplete) losses.add('series_end_too_far')
  const isLeapDay = pattern.kind === 'monthDay' && pattern.unit === 'year' && pattern.day === 29 && isFebruary(first)
  if (isLeapDay && (!endsItself || occurrences.at(-1)! >= leapYearsEndMs)) losses.add('leap_day')
  const index = new Map(occurrences.map((at, no) => [at, no]))
  const byDay = new Map(occurrences.map((at) => [dayOf(at), at]))
  const find = (moment: ZonedMoment): number | undefined => {
    const at = byDay.get(dayOf(moment.localMs))
    return at !== undefined && meansOccurrence(moment, at, start.isDate) ? at : undefined
  }
  const excluded = new Set(exdates.map(find).filter((at) => at !== undefined))
  const deleted = new Set(excluded)
  const overridden: { at: number; override: Override }[] = []
  const loose: Override[] = []
  const seen = new Set<number>()
  /** The last day that the changed occurrence before takes: two may have moved towards each other. */
  let takenUntil = Number.NEGATIVE_INFINITY
  for (const override of inTheirOrder(overrides)) {
    const at = find(override.at)
    if (at === undefined) {
      loose.push(override)
      continue
    }
    const now = moved(override)
    if (seen.has(at)) {
      losses.add('occurrence_twice')
      loose.push(override)
      continue
    }
    seen.add(at)
    deleted.add(at)
    if (now.isCancelled) losses.add('occurrence_cancelled')
    else if (excluded.has(at)) {
      losses.add('occurrence_excluded')
      loose.push(override)
    } else if (
      dayOf(now.start.localMs) <= takenUntil ||
      movesOutOfOrder(occurrences, index.get(at)!, now.start, now.end)
    ) {
      losses.add('occurrence_moved_far')
      loose.push(override)
    } else {
      overridden.push({ at, override })
      deleted.delete(at)
      takenUntil = lastDayOf(now.start, now.end)
    }
  }
  const extra = first === start.localMs ? rdates : [start.localMs, ...rdates]
  if (first !== start.localMs) losses.add('start_not_in_rule')
  const singles = standing(extra.filter((at) => !index.has(at)))
  // A pattern of which nothing is left is no series.
  if (endsItself && isComplete && deleted.size === occurrences.length) return { series: null, singles, loose }
  return {
    series: {
      pattern,
      rule,
      occurrences,
      hasEnd: endsItself && isComplete,
      deleted: [...deleted],
      overridden,
    },
    singles,
    loose,
  }
}

/** The moment an override is for, by the clock of the series. */
export const overrideOf = (component: CalendarComponent, start: ZonedMoment, zones: CalendarZones): Override | null => {
  const at = momentOf(component.lines, 'RECURRENCE-ID', zones)
  if (at === null) return null
  return {
    component,
    at: at.isDate || start.isDate ? momentAt(start.zone, at.localMs, at.isDate) : inZone(at, start.zone),
  }
}
