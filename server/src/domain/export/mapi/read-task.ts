import { type CalendarZones, utcZone } from '../../../formats/ics/calendar-zone.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { inZone, later, momentAt, momentOf, readDuration, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import { integerOf, linesOf, wordOf } from './calendar-values.ts'
import type { Losses } from './losses.ts'
import type { CalendarContext } from './project-series.ts'
import { readReminder } from './read-reminder.ts'
import { tellZones } from './tell-zones.ts'
import { tellUnexpressed } from './unexpressed.ts'

/** When a task is, and how far it is. What it says otherwise is read from its component. */
export type TaskFacts = {
  readonly component: CalendarComponent
  readonly start: ZonedMoment | null
  readonly due: ZonedMoment | null
  /** By the clock of the calendar. */
  readonly completed: ZonedMoment | null
  readonly isComplete: boolean
  /** PidLidTaskStatus */
  readonly status: number
  /** From 0 to 1. */
  readonly done: number
  /** Before the start, or before the due date where there is no start. Null for none. */
  readonly reminderMinutes: number | null
}

const expressed: ReadonlySet<string> = new Set([
  'UID',
  'SUMMARY',
  'DESCRIPTION',
  'X-ALT-DESC',
  'STYLED-DESCRIPTION',
  'DTSTART',
  'DUE',
  'DURATION',
  'COMPLETED',
  'PERCENT-COMPLETE',
  'STATUS',
  'CLASS',
  'PRIORITY',
  'CATEGORIES',
  'ATTACH',
  'URL',
  'CONFERENCE',
  'CREATED',
  'LAST-MODIFIED',
  'SEQUENCE',
  'RRULE',
  'RDATE',
  'EXDATE',
  'RECURRENCE-ID',
  // Told by a code of their own.
  'ORGANIZER',
  'ATTENDEE',
])

const dayMs = 86_400_000
const statusInProgress = 1
const statusComplete = 2
const statuses: Readonly<Record<string, number>> = {
  'NEEDS-ACTION': 0,
  'IN-PROCESS': statusInProgress,
  COMPLETED: statusComplete,
  CANCELLED: 4,
}

const dueOf = (
  component: CalendarComponent,
  start: ZonedMoment | null,
  { zones }: CalendarContext,
): ZonedMoment | null => {
  const due = momentOf(component.lines, 'DUE', zones)
  const duration = readDuration(linesOf(component, 'DURATION')[0]?.value ?? '')
  if (due !== null || start === null || duration === null) return due
  const day = momentAt(start.zone, start.localMs + duration.days * dayMs, start.isDate)
  return start.isDate ? day : later(day, duration.ms)
}

/** Reads a VTODO; what cannot be expressed is told to `losses`. */
export const readTask = (component: CalendarComponent, context: CalendarContext, losses: Losses): TaskFacts => {
  const { zones } = context
  const start = momentOf(component.lines, 'DTSTART', zones)
  const due = dueOf(component, start, context)
  const completed = momentOf(component.lines, 'COMPLETED', zones)
  const percent = Math.min(100, Math.max(0, integerOf(component, 'PERCENT-COMPLETE') ?? 0))
  const word = wordOf(component, 'STATUS')
  const isComplete = word === 'COMPLETED' || completed !== null || percent === 100
  if (
    [start, due].some((moment) => moment !== null && !moment.isDate && byOwnClock(moment, zones).localMs % dayMs !== 0)
  )
    losses.add('task_times')
  tellZones(component, ['DTSTART', 'DUE'], zones, losses)
  if (['ORGANIZER', 'ATTENDEE'].some((name) => linesOf(component, name).length > 0)) losses.add('task_assigned')
  tellUnexpressed(component, expressed, zones, losses)
  const base = start ?? due
  if (base === null && component.components.some(({ name }) => name === 'VALARM'))
    losses.add('reminder_not_expressible')
  return {
    component,
    start,
    due,
    completed: completed === null ? null : inZone(completed, zones.own),
    isComplete,
    status: isComplete ? statusComplete : (statuses[word] ?? (percent > 0 ? statusInProgress : 0)),
    done: isComplete ? 1 : percent / 100,
    reminderMinutes: base === null ? null : readReminder(component, base, due ?? base, zones, losses),
  }
}

/** An instant has its day by the clock of the calendar. */
const byOwnClock = (moment: ZonedMoment, zones: CalendarZones): ZonedMoment =>
  moment.zone === utcZone && !moment.isDate ? inZone(moment, zones.own) : moment

/** A task that stands alone, on the days that its user sees. */
export const onOwnDays = (facts: TaskFacts, { zones }: CalendarContext): TaskFacts => ({
  ...facts,
  start: facts.start && byOwnClock(facts.start, zones),
  due: facts.due && byOwnClock(facts.due, zones),
})

/** The occurrence of a recurring task at this local time: that of its start, or where it has none of its due date. */
export const taskAt = (facts: TaskFacts, localMs: number): TaskFacts => {
  const { start, due } = facts
  const base = start ?? due
  if (base === null) return facts
  const moved = (moment: ZonedMoment | null): ZonedMoment | null =>
    moment === null ? null : momentAt(moment.zone, moment.localMs + localMs - base.localMs, moment.isDate)
  return { ...facts, start: moved(start), due: moved(due) }
}
