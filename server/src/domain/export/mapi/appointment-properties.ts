import type { ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import { encodeGlobalObjectId, type InstanceDate } from '../../../formats/mapi/global-object-id.ts'
import {
  PidLidAllAttendeesString,
  PidLidAppointmentColor,
  PidLidAppointmentDuration,
  PidLidAppointmentEndWhole,
  PidLidAppointmentSequence,
  PidLidAppointmentStartWhole,
  PidLidAppointmentSubType,
  PidLidAppointmentTimeZoneDefinitionEndDisplay,
  PidLidAppointmentTimeZoneDefinitionStartDisplay,
  PidLidBusyStatus,
  PidLidCcAttendeesString,
  PidLidCommonEnd,
  PidLidCommonStart,
  PidLidFInvited,
  PidLidLocation,
  PidLidPrivate,
  PidLidRecurrenceType,
  PidLidRecurring,
  PidLidReminderDelta,
  PidLidReminderSet,
  PidLidReminderSignalTime,
  PidLidReminderTime,
  PidLidSideEffects,
  PidLidTaskMode,
  PidLidTimeZoneDescription,
  PidLidToAttendeesString,
  PidTagEndDate,
  PidTagStartDate,
} from '../../../formats/mapi/properties-appointment.ts'
import {
  PidLidCleanGlobalObjectId,
  PidLidGlobalObjectId,
  PidLidOwnerCriticalChange,
} from '../../../formats/mapi/properties-meeting.ts'
import {
  PidTagClientSubmitTime,
  PidTagDisplayCc,
  PidTagDisplayTo,
  PidTagMessageDeliveryTime,
} from '../../../formats/mapi/properties-message.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { encodeTimeZoneDefinition } from '../../../formats/mapi/time-zone.ts'
import { createItemProperties } from './mapi-item.ts'
import { meetingRecipients, setSender } from './meeting-recipients.ts'
import { setMeetingRole } from './meeting-role.ts'
import type { EventFacts } from './read-event.ts'
import { windowsZoneOf, zonePeriodsOf } from './zone-rule.ts'

const minuteMs = 60_000
const defaultReminderMinutes = 15
const iconIndexes = { single: 0x400, series: 0x401, meeting: 0x402, meetingSeries: 0x403 } as const
/** What Outlook shall do with an appointment that is opened, moved or deleted, as it writes it itself ([MS-OXCMSG] §2.2.1.16). */
const sideEffects = 369

export const yearOf = ({ localMs }: ZonedMoment): number => new Date(localMs).getUTCFullYear()

/** The day of an occurrence, as it stands in a global object id. */
export const instanceDateOf = ({ localMs }: ZonedMoment): InstanceDate => {
  const date = new Date(localMs)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** By the rule of the year of this moment; of a series the rules until its last year are told as well. */
const zoneDefinition = (moment: ZonedMoment, lastYear: number): Uint8Array => {
  const periods = zonePeriodsOf(moment.zone, yearOf(moment), lastYear)
  const { keyName } = windowsZoneOf(moment.zone, yearOf(moment))
  return encodeTimeZoneDefinition(keyName, periods, { effective: periods[0]!, isOfSeries: false })
}

export type AppointmentShape = {
  readonly isSeries: boolean
  /** Of a series: the year of its last occurrence, Infinity for no end. */
  readonly lastYear?: number
  /** Of an occurrence that stands alone: when the series had it. */
  readonly occurrence?: ZonedMoment | undefined
  readonly messageClass?: string
}

/** The properties and recipients of an appointment ([MS-OXOCAL] §2.2.1), all but those of its recurrence. */
export const appointmentProperties = (
  facts: EventFacts,
  { isSeries, lastYear = 0, occurrence, messageClass = 'IPM.Appointment' }: AppointmentShape,
): { readonly properties: PropertyBag; readonly recipients: readonly PropertyBag[] } => {
  const { start, end, uid } = facts
  const { isMeeting, isReceived } = facts.role
  const iconIndex = iconIndexes[isMeeting ? (isSeries ? 'meetingSeries' : 'meeting') : isSeries ? 'series' : 'single']
  const properties = createItemProperties({
    messageClass,
    iconIndex,
    subject: facts.subject,
    identity: `${uid} ${occurrence?.utcMs ?? (uid === '' ? start.utcMs : '')}`,
    body: facts.body,
    html: facts.html,
    categories: facts.categories,
    importance: facts.importance,
    sensitivity: facts.sensitivity,
    createdMs: facts.createdMs ?? facts.modifiedMs,
    modifiedMs: facts.modifiedMs,
  })
    .set(PidLidAppointmentStartWhole, start.utcMs)
    .set(PidLidAppointmentEndWhole, end.utcMs)
    .set(PidLidCommonStart, start.utcMs)
    .set(PidLidCommonEnd, end.utcMs)
    .set(PidTagStartDate, start.utcMs)
    .set(PidTagEndDate, end.utcMs)
    .set(PidTagClientSubmitTime, facts.stampMs ?? facts.modifiedMs)
    .set(PidTagMessageDeliveryTime, facts.stampMs ?? facts.modifiedMs)
    .set(
      PidLidAppointmentDuration,
      Math.round((facts.isAllDay ? end.localMs - start.localMs : end.utcMs - start.utcMs) / minuteMs),
    )
    .set(PidLidAppointmentSubType, facts.isAllDay)
    .set(PidLidLocation, facts.location === '' ? undefined : facts.location)
    .set(PidLidBusyStatus, facts.busyStatus)
    .set(PidLidAppointmentColor, 0)
    .set(PidLidAppointmentSequence, facts.sequence)
    .set(PidLidRecurring, isSeries)
    .set(PidLidRecurrenceType, isSeries ? undefined : 0)
    .set(PidLidPrivate, facts.sensitivity === 2)
    .set(PidLidSideEffects, sideEffects)
    .set(PidLidTaskMode, 0)
    .set(PidLidReminderSet, facts.reminderMinutes !== null)
    .set(PidLidReminderDelta, facts.reminderMinutes ?? defaultReminderMinutes)
    .set(PidLidReminderTime, start.utcMs)
    .set(PidLidReminderSignalTime, start.utcMs - (facts.reminderMinutes ?? defaultReminderMinutes) * minuteMs)
    .set(PidLidTimeZoneDescription, start.zone.name)
    .set(PidLidAppointmentTimeZoneDefinitionStartDisplay, zoneDefinition(start, lastYear))
    .set(PidLidAppointmentTimeZoneDefinitionEndDisplay, zoneDefinition(end, lastYear))
  if (uid !== '') {
    properties
      .set(
        PidLidGlobalObjectId,
        encodeGlobalObjectId(uid, occurrence === undefined ? null : instanceDateOf(occurrence)),
      )
      .set(PidLidCleanGlobalObjectId, encodeGlobalObjectId(uid, null))
  }
  setMeetingRole(properties, facts.role, facts.isCancelled)
  if (!isMeeting) return { properties, recipients: [] }
  const { recipients, required, optional, resources } = meetingRecipients(facts.organizer, facts.attendees)
  const joined = (names: readonly string[]) => (names.length === 0 ? undefined : names.join('; '))
  properties
    .set(PidLidFInvited, isReceived ? undefined : true)
    .set(PidLidOwnerCriticalChange, facts.stampMs)
    .set(PidLidAllAttendeesString, joined([...required, ...optional, ...resources]))
    .set(PidLidToAttendeesString, joined(required))
    .set(PidLidCcAttendeesString, joined(optional))
    .set(PidTagDisplayTo, joined(required))
    .set(PidTagDisplayCc, joined(optional))
  if (facts.organizer !== null) setSender(properties, facts.organizer)
  return { properties, recipients }
}
