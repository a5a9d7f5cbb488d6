import type { ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import {
  PidLidExceptionReplaceTime,
  PidLidFExceptionalBody,
  PidLidRecurring,
  PidTagExceptionReplaceTime,
} from '../../../formats/mapi/properties-appointment.ts'
import {
  attachMethods,
  PidTagAttachMethod,
  PidTagAttachmentContactPhoto,
  PidTagAttachmentFlags,
  PidTagAttachmentHidden,
  PidTagAttachmentLinkId,
  PidTagExceptionEndTime,
  PidTagExceptionStartTime,
  PidTagRenderingPosition,
} from '../../../formats/mapi/properties-attachment.ts'
import { PidTagDisplayName } from '../../../formats/mapi/properties-recipient.ts'
import { createPropertyBag } from '../../../formats/mapi/property.ts'
import {
  maxExceptionTextLength,
  minutesSince1601,
  type RecurrenceException,
} from '../../../formats/mapi/recurrence-blob.ts'
import { appointmentProperties } from './appointment-properties.ts'
import { createItem } from './mapi-item.ts'
import { meetingStateOf } from './meeting-role.ts'
import type { EventFacts } from './read-event.ts'

/** [MS-OXOCAL] §2.2.10.1.2: what marks the attachment as an exception. */
const exceptionFlag = 2
const exceptionClass = 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}'

/**
 * The attachment that holds a changed occurrence ([MS-OXOCAL] §2.2.10). `files` are its own attachments; `isBodyOwn` says that its text is not the one of the series; `originalStart` is when the series has it.
 */
export const exceptionAttachment = (
  facts: EventFacts,
  originalStart: ZonedMoment,
  files: readonly MapiAttachment[],
  isBodyOwn: boolean,
): MapiAttachment => {
  const { properties, recipients } = appointmentProperties(facts, {
    isSeries: false,
    occurrence: originalStart,
    messageClass: exceptionClass,
  })
  properties
    .set(PidLidExceptionReplaceTime, originalStart.utcMs)
    .set(PidLidRecurring, true)
    .set(PidLidFExceptionalBody, isBodyOwn)
  return {
    properties: createPropertyBag()
      .set(PidTagAttachMethod, attachMethods.embeddedMessage)
      .set(PidTagRenderingPosition, -1)
      .set(PidTagDisplayName, facts.subject === '' ? 'Untitled' : facts.subject)
      .set(PidTagAttachmentFlags, exceptionFlag)
      .set(PidTagAttachmentHidden, true)
      .set(PidTagAttachmentLinkId, 0)
      .set(PidTagAttachmentContactPhoto, false)
      // Local times, as the series has them.
      .set(PidTagExceptionStartTime, facts.start.localMs)
      .set(PidTagExceptionEndTime, facts.end.localMs)
      .set(PidTagExceptionReplaceTime, originalStart.utcMs),
    content: { kind: 'message', message: createItem(properties, recipients, files) },
  }
}

const stateOf = ({ role, isCancelled }: EventFacts): number => meetingStateOf(role, isCancelled)

/** What differs from the series, as the pattern tells it. The times of `facts` are by the clock of the series. */
export const recurrenceException = (
  facts: EventFacts,
  series: EventFacts,
  originalStart: ZonedMoment,
  hasFiles: boolean,
): RecurrenceException => {
  const text = (value: string, other: string): string | undefined =>
    value === other ? undefined : value.slice(0, maxExceptionTextLength)
  const differing = <T>(value: T, other: T): T | undefined => (value === other ? undefined : value)
  const subject = text(facts.subject, series.subject)
  const location = text(facts.location, series.location)
  const isReminderSet = differing(facts.reminderMinutes !== null, series.reminderMinutes !== null)
  const reminderDeltaMinutes =
    facts.reminderMinutes === null ? undefined : differing(facts.reminderMinutes, series.reminderMinutes ?? undefined)
  const busyStatus = differing(facts.busyStatus, series.busyStatus)
  const isAllDay = differing(facts.isAllDay, series.isAllDay)
  const stateFlags = differing(stateOf(facts), stateOf(series))
  return {
    start: minutesSince1601(facts.start.localMs),
    end: minutesSince1601(facts.end.localMs),
    originalStart: minutesSince1601(originalStart.localMs),
    ...(subject === undefined ? {} : { subject }),
    ...(location === undefined ? {} : { location }),
    ...(isReminderSet === undefined ? {} : { isReminderSet }),
    ...(reminderDeltaMinutes === undefined ? {} : { reminderDeltaMinutes }),
    ...(busyStatus === undefined ? {} : { busyStatus }),
    ...(isAllDay === undefined ? {} : { isAllDay }),
    ...(stateFlags === undefined ? {} : { stateFlags }),
    ...(hasFiles ? { hasAttachment: true } : {}),
    ...(facts.body === series.body && facts.html === series.html ? {} : { isBodyChanged: true }),
  }
}
