import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { inZone, momentAt, momentOf, readDuration, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import type { Projected } from '../../../formats/mapi/message.ts'
import {
  PidLidCommonEnd,
  PidLidCommonStart,
  PidLidPrivate,
  PidLidReminderDelta,
  PidLidReminderSet,
  PidLidReminderSignalTime,
  PidLidReminderTime,
  PidLidTaskMode,
} from '../../../formats/mapi/properties-appointment.ts'
import {
  PidLidPercentComplete,
  PidLidTaskAcceptanceState,
  PidLidTaskActualEffort,
  PidLidTaskComplete,
  PidLidTaskDateCompleted,
  PidLidTaskDueDate,
  PidLidTaskEstimatedEffort,
  PidLidTaskFRecurring,
  PidLidTaskOwnership,
  PidLidTaskStartDate,
  PidLidTaskStatus,
  PidLidTaskVersion,
} from '../../../formats/mapi/properties-task.ts'
import { calendarAttachments } from './calendar-attachments.ts'
import {
  categoriesOf,
  htmlOf,
  importanceOf,
  integerOf,
  linesOf,
  longTextOf,
  sensitivityOf,
  textOf,
  wordOf,
} from './calendar-values.ts'
import { createLosses } from './losses.ts'
import { createItem, createItemProperties } from './mapi-item.ts'
import { dayOf } from './occurrences.ts'
import type { CalendarContext } from './project-series.ts'
import { withLosses } from './project-series.ts'
import { readReminder } from './read-reminder.ts'
import { tellUnexpressed } from './unexpressed.ts'

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
])

const taskIcon = 0x500
const dayMs = 86_400_000
const minuteMs = 60_000
/** What Outlook writes into tasks it makes. */
const taskVersion = 5
const complete = 2
const statuses: Readonly<Record<string, number>> = {
  'NEEDS-ACTION': 0,
  'IN-PROCESS': 1,
  COMPLETED: complete,
  CANCELLED: 4,
}

const recurring = ['RRULE', 'RDATE', 'EXDATE', 'RECURRENCE-ID']

/** The local date as midnight UTC: so a task has its days ([MS-OXOTASK] §2.2.2.2.4). */
const dateOf = (moment: ZonedMoment | null): number | undefined => (moment === null ? undefined : dayOf(moment.localMs))

const dueOf = (
  component: CalendarComponent,
  start: ZonedMoment | null,
  { zones }: CalendarContext,
): ZonedMoment | null => {
  const due = momentOf(component.lines, 'DUE', zones)
  const duration = readDuration(linesOf(component, 'DURATION')[0]?.value ?? '')
  if (due !== null || start === null || duration === null) return due
  const day = momentAt(start.zone, start.localMs + duration.days * dayMs, start.isDate)
  return start.isDate ? day : inZone({ ...day, utcMs: day.utcMs + duration.ms }, start.zone)
}

/** A VTODO (RFC 5545 §3.6.2) as IPM.Task ([MS-OXOTASK] §2.2.2). */
export const projectTask = (component: CalendarComponent, context: CalendarContext): Projected[] => {
  const { zones } = context
  const losses = createLosses()
  const start = momentOf(component.lines, 'DTSTART', zones)
  const due = dueOf(component, start, context)
  const completed = momentOf(component.lines, 'COMPLETED', zones)
  const percent = Math.min(100, Math.max(0, integerOf(component, 'PERCENT-COMPLETE') ?? 0))
  const isComplete = wordOf(component, 'STATUS') === 'COMPLETED' || completed !== null || percent === 100
  const status = isComplete ? complete : (statuses[wordOf(component, 'STATUS')] ?? (percent > 0 ? 1 : 0))
  for (const moment of [start, due]) {
    if (moment?.isFloating === true) losses.add('floating_time')
    if (moment?.isZoneUnknown === true) losses.add('zone_unknown')
  }
  if (recurring.some((name) => linesOf(component, name).length > 0)) losses.add('task_recurrence')
  if (['ORGANIZER', 'ATTENDEE'].some((name) => linesOf(component, name).length > 0)) losses.add('task_assigned')
  tellUnexpressed(component, new Set([...expressed, ...recurring, 'ORGANIZER', 'ATTENDEE']), losses)
  const base = start ?? due
  const reminderMinutes = base === null ? null : readReminder(component, base, due ?? base, zones, losses)
  if (base === null && component.components.some(({ name }) => name === 'VALARM'))
    losses.add('reminder_not_expressible')
  const utcOf = (name: string): number | undefined => momentOf(component.lines, name, zones)?.utcMs
  const sensitivity = sensitivityOf(component)
  const uid = textOf(component, 'UID')
  const properties = createItemProperties({
    messageClass: 'IPM.Task',
    iconIndex: taskIcon,
    subject: textOf(component, 'SUMMARY'),
    identity: `${uid} ${textOf(component, 'RECURRENCE-ID')}`,
    body: longTextOf(component, 'DESCRIPTION'),
    html: htmlOf(component),
    categories: categoriesOf(component),
    importance: importanceOf(component),
    sensitivity,
    createdMs: utcOf('CREATED') ?? utcOf('DTSTAMP'),
    modifiedMs: utcOf('LAST-MODIFIED') ?? utcOf('DTSTAMP'),
  })
    .set(PidLidTaskStatus, status)
    .set(PidLidPercentComplete, isComplete ? 1 : percent / 100)
    .set(PidLidTaskComplete, isComplete)
    .set(PidLidTaskStartDate, dateOf(start))
    .set(PidLidTaskDueDate, dateOf(due))
    .set(PidLidTaskDateCompleted, isComplete && completed !== null ? dateOf(inZone(completed, zones.own)) : undefined)
    .set(PidLidCommonStart, start === null ? undefined : start.zone.toUtcMs(dayOf(start.localMs)))
    .set(PidLidCommonEnd, due === null ? undefined : due.zone.toUtcMs(dayOf(due.localMs)))
    .set(PidLidTaskFRecurring, false)
    .set(PidLidTaskOwnership, 0)
    .set(PidLidTaskAcceptanceState, 0)
    .set(PidLidTaskActualEffort, 0)
    .set(PidLidTaskEstimatedEffort, 0)
    .set(PidLidTaskVersion, taskVersion)
    .set(PidLidTaskMode, 0)
    .set(PidLidPrivate, sensitivity === 2)
    .set(PidLidReminderSet, reminderMinutes !== null)
  if (base !== null && reminderMinutes !== null) {
    const atMs = base.utcMs - reminderMinutes * minuteMs
    // Of a task the reminder is a time, not a distance ([MS-OXORMDR] §2.2.1.4).
    properties.set(PidLidReminderDelta, 0).set(PidLidReminderTime, atMs).set(PidLidReminderSignalTime, atMs)
  }
  return withLosses([createItem(properties, [], calendarAttachments(component, losses))], losses, context)
}
