import { momentOf, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
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
import { PidTagIconIndex } from '../../../formats/mapi/properties-message.ts'
import {
  PidLidPercentComplete,
  PidLidTaskAcceptanceState,
  PidLidTaskActualEffort,
  PidLidTaskComplete,
  PidLidTaskDateCompleted,
  PidLidTaskDeadOccurrence,
  PidLidTaskDueDate,
  PidLidTaskEstimatedEffort,
  PidLidTaskFFixOffline,
  PidLidTaskFRecurring,
  PidLidTaskOwner,
  PidLidTaskOwnership,
  PidLidTaskRecurrence,
  PidLidTaskStartDate,
  PidLidTaskState,
  PidLidTaskStatus,
  PidLidTaskVersion,
} from '../../../formats/mapi/properties-task.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { encodeTaskRecurrence, type RecurrenceCourse } from '../../../formats/mapi/recurrence-blob.ts'
import { categoriesOf, htmlOf, importanceOf, longTextOf, sensitivityOf, textOf } from './calendar-values.ts'
import { createItemProperties } from './mapi-item.ts'
import { dayOf } from './occurrences.ts'
import type { CalendarContext } from './project-series.ts'
import type { TaskFacts } from './read-task.ts'

const iconIndexes = { single: 0x500, series: 0x501 } as const
const minuteMs = 60_000
/** What Outlook writes into tasks it makes. */
const taskVersion = 5
const notAssigned = 1

/** The local date as midnight UTC: so a task has its days ([MS-OXOTASK] §2.2.2.2.4). */
const dateOf = (moment: ZonedMoment | null): number | undefined => (moment === null ? undefined : dayOf(moment.localMs))

/** The properties of a task ([MS-OXOTASK] §2.2.2.2). `occurrence` tells apart the tasks of one UID. */
export const taskProperties = (facts: TaskFacts, { zones }: CalendarContext, occurrence: string): PropertyBag => {
  const { component, start, due, reminderMinutes } = facts
  const utcOf = (name: string): number | undefined => momentOf(component.lines, name, zones)?.utcMs
  const sensitivity = sensitivityOf(component)
  const properties = createItemProperties({
    messageClass: 'IPM.Task',
    iconIndex: iconIndexes.single,
    subject: textOf(component, 'SUMMARY'),
    identity: `${textOf(component, 'UID')} ${occurrence}`,
    body: longTextOf(component, 'DESCRIPTION'),
    html: htmlOf(component),
    categories: categoriesOf(component),
    importance: importanceOf(component),
    sensitivity,
    createdMs: utcOf('CREATED') ?? utcOf('DTSTAMP'),
    modifiedMs: utcOf('LAST-MODIFIED') ?? utcOf('DTSTAMP'),
  })
    .set(PidLidTaskStatus, facts.status)
    .set(PidLidPercentComplete, facts.done)
    .set(PidLidTaskComplete, facts.isComplete)
    .set(PidLidTaskStartDate, dateOf(start))
    .set(PidLidTaskDueDate, dateOf(due))
    .set(PidLidTaskDateCompleted, facts.isComplete ? dateOf(facts.completed) : undefined)
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
  const base = start ?? due
  if (base !== null && reminderMinutes !== null) {
    const atMs = base.utcMs - reminderMinutes * minuteMs
    // Of a task the reminder is a time, not a distance ([MS-OXORMDR] §2.2.1.4).
    properties.set(PidLidReminderDelta, 0).set(PidLidReminderTime, atMs).set(PidLidReminderSignalTime, atMs)
  }
  return properties
}

/** What makes a task a recurring one, as Outlook has it: the task is its next open occurrence. `isLast` says that none follows. */
export const setTaskRecurrence = (properties: PropertyBag, course: RecurrenceCourse, isLast: boolean): PropertyBag =>
  properties
    .set(PidTagIconIndex, iconIndexes.series)
    .set(PidLidTaskFRecurring, true)
    .set(PidLidTaskRecurrence, encodeTaskRecurrence(course))
    .set(PidLidTaskDeadOccurrence, isLast)
    .set(PidLidTaskState, notAssigned)
    // Outlook puts the name of its user in place of this one.
    .set(PidLidTaskOwner, 'Unknown')
    .set(PidLidTaskFFixOffline, true)
