import { named, propertySets, tagged } from './property.ts'

const appointment = propertySets.appointment
const common = propertySets.common

// [MS-OXOCAL] §2.2.1
/** §2.2.1.1 */
export const PidLidAppointmentSequence = named('PidLidAppointmentSequence', appointment, 0x8201, 'int32')
/** §2.2.1.2: 0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere */
export const PidLidBusyStatus = named('PidLidBusyStatus', appointment, 0x8205, 'int32')
/** §2.2.1.50 */
export const PidLidAppointmentColor = named('PidLidAppointmentColor', appointment, 0x8214, 'int32')
/** §2.2.1.4 */
export const PidLidLocation = named('PidLidLocation', appointment, 0x8208, 'string')
/** §2.2.1.5 */
export const PidLidAppointmentStartWhole = named('PidLidAppointmentStartWhole', appointment, 0x820d, 'time')
/** §2.2.1.6 */
export const PidLidAppointmentEndWhole = named('PidLidAppointmentEndWhole', appointment, 0x820e, 'time')
/** §2.2.1.7, in minutes */
export const PidLidAppointmentDuration = named('PidLidAppointmentDuration', appointment, 0x8213, 'int32')
/** §2.2.1.9: all-day */
export const PidLidAppointmentSubType = named('PidLidAppointmentSubType', appointment, 0x8215, 'boolean')
/** §2.2.1.10: 1 meeting, 2 received, 4 cancelled */
export const PidLidAppointmentStateFlags = named('PidLidAppointmentStateFlags', appointment, 0x8217, 'int32')
/** §2.2.1.11: 0 none, 1 organized, 2 tentative, 3 accepted, 4 declined, 5 not responded */
export const PidLidResponseStatus = named('PidLidResponseStatus', appointment, 0x8218, 'int32')
/** §2.2.1.12 */
export const PidLidRecurring = named('PidLidRecurring', appointment, 0x8223, 'boolean')
/** §2.2.10.2.5 */
export const PidLidExceptionReplaceTime = named('PidLidExceptionReplaceTime', appointment, 0x8228, 'time')
/** §2.2.10.2.6: of a changed occurrence; without it the text of the series is shown */
export const PidLidFExceptionalBody = named('PidLidFExceptionalBody', appointment, 0x8206, 'boolean')
/** §2.2.2.3, of the organizer's series: a changed occurrence has recipients */
export const PidLidFExceptionalAttendees = named('PidLidFExceptionalAttendees', appointment, 0x822b, 'boolean')
/** §2.2.1.44 */
export const PidLidAppointmentRecur = named('PidLidAppointmentRecur', appointment, 0x8216, 'binary')
/** §2.2.4.4: whether the request was sent */
export const PidLidFInvited = named('PidLidFInvited', appointment, 0x8229, 'boolean')
/** §2.2.1.45: 0 none, 1 daily, 2 weekly, 3 monthly, 4 yearly */
export const PidLidRecurrenceType = named('PidLidRecurrenceType', appointment, 0x8231, 'int32')
/** §2.2.1.46 */
export const PidLidRecurrencePattern = named('PidLidRecurrencePattern', appointment, 0x8232, 'string')
/** §2.2.1.39 */
export const PidLidTimeZoneStruct = named('PidLidTimeZoneStruct', appointment, 0x8233, 'binary')
/** §2.2.1.40 */
export const PidLidTimeZoneDescription = named('PidLidTimeZoneDescription', appointment, 0x8234, 'string')
/** §2.2.1.14 */
export const PidLidClipStart = named('PidLidClipStart', appointment, 0x8235, 'time')
/** §2.2.1.15 */
export const PidLidClipEnd = named('PidLidClipEnd', appointment, 0x8236, 'time')
/** §2.2.1.16 */
export const PidLidAllAttendeesString = named('PidLidAllAttendeesString', appointment, 0x8238, 'string')
/** §2.2.1.17 */
export const PidLidToAttendeesString = named('PidLidToAttendeesString', appointment, 0x823b, 'string')
/** §2.2.1.18 */
export const PidLidCcAttendeesString = named('PidLidCcAttendeesString', appointment, 0x823c, 'string')
/** §2.2.1.42 */
export const PidLidAppointmentTimeZoneDefinitionStartDisplay = named(
  'PidLidAppointmentTimeZoneDefinitionStartDisplay',
  appointment,
  0x825e,
  'binary',
)
/** §2.2.1.43 */
export const PidLidAppointmentTimeZoneDefinitionEndDisplay = named(
  'PidLidAppointmentTimeZoneDefinitionEndDisplay',
  appointment,
  0x825f,
  'binary',
)
/** §2.2.1.41 */
export const PidLidAppointmentTimeZoneDefinitionRecur = named(
  'PidLidAppointmentTimeZoneDefinitionRecur',
  appointment,
  0x8260,
  'binary',
)

// [MS-OXCMSG] §2.2.1 and [MS-OXORMDR] §2.2.1: for all items with a time or a reminder
/** [MS-OXCMSG] §2.2.1.18 */
export const PidLidCommonStart = named('PidLidCommonStart', common, 0x8516, 'time')
/** [MS-OXCMSG] §2.2.1.19 */
export const PidLidCommonEnd = named('PidLidCommonEnd', common, 0x8517, 'time')
/** [MS-OXORMDR] §2.2.1.1 */
export const PidLidReminderSet = named('PidLidReminderSet', common, 0x8503, 'boolean')
/** [MS-OXORMDR] §2.2.1.2: when the reminder is, as a time of the item */
export const PidLidReminderSignalTime = named('PidLidReminderSignalTime', common, 0x8560, 'time')
/** [MS-OXORMDR] §2.2.1.3: minutes before the start */
export const PidLidReminderDelta = named('PidLidReminderDelta', common, 0x8501, 'int32')
/** [MS-OXORMDR] §2.2.1.4: of an appointment its start */
export const PidLidReminderTime = named('PidLidReminderTime', common, 0x8502, 'time')
/** [MS-OXCMSG] §2.2.1.15 */
export const PidLidPrivate = named('PidLidPrivate', common, 0x8506, 'boolean')
/** [MS-OXCMSG] §2.2.1.16 */
export const PidLidSideEffects = named('PidLidSideEffects', common, 0x8510, 'int32')
/** [MS-OXOTASK] §2.2.2.2.1 */
export const PidLidTaskMode = named('PidLidTaskMode', common, 0x8518, 'int32')

/** [MS-OXOCAL] §2.2.1.30 */
export const PidTagStartDate = tagged('PidTagStartDate', 0x0060, 'time')
/** [MS-OXOCAL] §2.2.1.31 */
export const PidTagEndDate = tagged('PidTagEndDate', 0x0061, 'time')

// Of the attachment that carries a changed occurrence ([MS-OXOCAL] §2.2.10.1)
/** §2.2.10.1.6: UTC */
export const PidTagExceptionReplaceTime = tagged('PidTagExceptionReplaceTime', 0x7ff9, 'time')
