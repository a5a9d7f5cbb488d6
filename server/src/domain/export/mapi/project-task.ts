import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { momentOf, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import type { MapiMessage, Projected } from '../../../formats/mapi/message.ts'
import { minutesSince1601, type RecurrenceCourse } from '../../../formats/mapi/recurrence-blob.ts'
import { calendarAttachments } from './calendar-attachments.ts'
import { linesOf, textOf } from './calendar-values.ts'
import { createLosses, type Losses } from './losses.ts'
import { createItem } from './mapi-item.ts'
import { dayOf } from './occurrences.ts'
import type { CalendarContext } from './project-series.ts'
import { withLosses } from './project-series.ts'
import { onOwnDays, readTask, type TaskFacts, taskAt } from './read-task.ts'
import { type Override, overrideOf, type PatternPlan, planSeries } from './series-plan.ts'
import { laterPattern, laterWeekday } from './task-pattern.ts'
import { setTaskRecurrence, taskProperties } from './task-properties.ts'

const dayMs = 86_400_000
/** Of a task without a pattern: a list of a thousand open tasks helps nobody. */
const maxSingles = 50
const maxSinglesMs = 366 * dayMs
const maxExceptions = 1_000

const repeats = ['RRULE', 'RDATE']

const isOverride = (component: CalendarComponent): boolean => linesOf(component, 'RECURRENCE-ID').length > 0

const singleOf = (facts: TaskFacts, occurrence: string, context: CalendarContext, losses: Losses): MapiMessage =>
  createItem(
    taskProperties(onOwnDays(facts, context), context, occurrence),
    [],
    calendarAttachments(facts.component, losses),
  )

/** Days from the start to the due date; what is due before it starts counts as due then. */
const daysToDue = ({ start, due }: TaskFacts): number =>
  start === null || due === null ? 0 : Math.max(0, (dayOf(due.localMs) - dayOf(start.localMs)) / dayMs)

/**
 * The series as Outlook has it: one task with the dates of the next open occurrence, from which Outlook makes the later ones. Null where no
 * occurrence is left.
 */
const seriesOf = (
  facts: TaskFacts,
  plan: PatternPlan,
  context: CalendarContext,
  losses: Losses,
): MapiMessage | null => {
  const gone = new Set([...plan.deleted, ...plan.overridden.map(({ at }) => at)])
  const next = plan.occurrences.findIndex((at) => !gone.has(at))
  if (next < 0) return null
  const left = plan.occurrences.slice(next)
  const kept = left.filter((at) => gone.has(at)).length
  if (kept > 0) losses.add('task_exceptions', `${kept}`)
  const days = daysToDue(facts)
  const dueDay = (at: number): number => minutesSince1601(dayOf(at) + days * dayMs)
  const course: RecurrenceCourse = {
    pattern: plan.pattern,
    start: dueDay(left[0]!),
    // The weeks of the rule begin so many days later, too.
    firstDayOfWeek: laterWeekday(plan.rule.weekStart, days),
    end: plan.hasEnd
      ? {
          kind: plan.rule.count === null ? 'until' : 'count',
          occurrences: left.length,
          lastDay: dueDay(left.at(-1)!),
        }
      : { kind: 'never' },
  }
  const properties = taskProperties(taskAt(facts, left[0]!), context, '')
  setTaskRecurrence(properties, course, facts.isComplete || (plan.hasEnd && left.length === 1))
  return createItem(properties, [], calendarAttachments(facts.component, losses))
}

const recurring = (
  facts: TaskFacts,
  base: ZonedMoment,
  overrides: readonly Override[],
  context: CalendarContext,
  losses: Losses,
): MapiMessage[] => {
  // A changed occurrence is a task of its own, wherever it was moved to.
  const moved = ({ at }: Override) => ({ start: at, end: at, isCancelled: false })
  const days = daysToDue(facts)
  const { series, singles, loose } = planSeries(
    facts.component,
    base,
    overrides.slice(0, maxExceptions),
    moved,
    context.zones,
    losses,
    { maxSingles, maxSinglesMs, adapt: (pattern, first) => laterPattern(pattern, days, first) },
  )
  if (overrides.length > maxExceptions) losses.add('exceptions_cut_off', `${overrides.length - maxExceptions}`)
  const task = series === null ? null : seriesOf(facts, series, context, losses)
  const changed = [...(series?.overridden ?? []).map(({ override }) => override), ...loose]
  if (task === null && singles.length + changed.length === 0) {
    losses.add('series_empty')
    return [singleOf(facts, '', context, losses)]
  }
  return [
    ...(task === null ? [] : [task]),
    ...singles.map((at) => singleOf(taskAt(facts, at), `${at}`, context, losses)),
    ...changed.map(({ component, at }) => {
      context.signal.throwIfAborted()
      const own = readTask(component, context, losses)
      // One that says nothing of its time is where the series has it.
      return singleOf(
        own.start === null && own.due === null ? { ...own, due: at } : own,
        `${at.utcMs}`,
        context,
        losses,
      )
    }),
  ]
}

/** The tasks of one UID (VTODO, RFC 5545 §3.6.2) as IPM.Task ([MS-OXOTASK] §2.2.2): a single one, or a series with what was changed in it. */
export const projectTasks = (components: readonly CalendarComponent[], context: CalendarContext): Projected[] => {
  const losses = createLosses()
  const masters = components.filter((component) => !isOverride(component))
  const overriding = components.filter(isOverride)
  if (overriding.some((component) => linesOf(component, 'RECURRENCE-ID')[0]!.parameters.RANGE !== undefined)) {
    losses.add('range_not_expressible')
  }
  const messages: MapiMessage[] = []
  /** All overrides are there already, whatever occurrence they are for. */
  let areKept = false
  for (const [no, component] of masters.entries()) {
    context.signal.throwIfAborted()
    const facts = readTask(component, context, losses)
    const base = facts.start ?? facts.due
    const isSeries = repeats.some((name) => linesOf(component, name).length > 0)
    const own = no > 0 ? [] : overriding
    if (base !== null && (isSeries || own.length > 0)) {
      const overrides = own.map((one) => overrideOf(one, base, context.zones)).filter((one) => one !== null)
      messages.push(...recurring(facts, base, overrides, context, losses))
      continue
    }
    if (isSeries) losses.add('task_recurrence')
    messages.push(singleOf(facts, '', context, losses))
    if (no === 0) areKept = true
    for (const one of own)
      messages.push(singleOf(readTask(one, context, losses), textOf(one, 'RECURRENCE-ID'), context, losses))
  }
  // One of an occurrence that cannot be told has nothing but itself.
  const isAlone = (one: CalendarComponent): boolean =>
    masters.length === 0 || (!areKept && momentOf(one.lines, 'RECURRENCE-ID', context.zones) === null)
  for (const one of overriding.filter(isAlone))
    messages.push(singleOf(readTask(one, context, losses), textOf(one, 'RECURRENCE-ID'), context, losses))
  return withLosses(messages, losses, context)
}
