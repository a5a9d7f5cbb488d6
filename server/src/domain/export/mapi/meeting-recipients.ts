import { addressSearchKey, oneOffEntryId } from '../../../formats/mapi/one-off-address.ts'
import {
  PidTagSearchKey,
  PidTagSenderAddressType,
  PidTagSenderEmailAddress,
  PidTagSenderEntryId,
  PidTagSenderName,
  PidTagSenderSearchKey,
  PidTagSenderSmtpAddress,
  PidTagSentRepresentingAddressType,
  PidTagSentRepresentingEmailAddress,
  PidTagSentRepresentingEntryId,
  PidTagSentRepresentingName,
  PidTagSentRepresentingSearchKey,
  PidTagSentRepresentingSmtpAddress,
} from '../../../formats/mapi/properties-message.ts'
import {
  PidTagAddressBookDisplayNamePrintable,
  PidTagAddressType,
  PidTagDisplayName,
  PidTagDisplayType,
  PidTagEmailAddress,
  PidTagEntryId,
  PidTagObjectType,
  PidTagRecipientDisplayName,
  PidTagRecipientEntryId,
  PidTagRecipientFlags,
  PidTagRecipientTrackStatus,
  PidTagRecipientType,
  PidTagRecordKey,
  PidTagResponsibility,
  PidTagSendRichInfo,
  PidTagSmtpAddress,
} from '../../../formats/mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../../../formats/mapi/property.ts'
import type { Participant } from './calendar-values.ts'

/** What a recipient is to a meeting: the numbers of PidTagRecipientType ([MS-OXOCAL] §2.2.4.10.7). */
export const attendeeTypes = { required: 1, optional: 2, resource: 3 } as const

const mailUser = 6
const flagSendable = 1
const flagOrganizer = 2

/** PARTSTAT (RFC 5545 §3.2.12) as PidTagRecipientTrackStatus. */
const trackStatuses: Readonly<Record<string, number>> = { TENTATIVE: 2, ACCEPTED: 3, DECLINED: 4 }

const typeOf = ({ line }: Participant): number => {
  if (/^(?:RESOURCE|ROOM)$/i.test(line.parameters.CUTYPE ?? '')) return attendeeTypes.resource
  return /^(?:OPT|NON)-PARTICIPANT$/i.test(line.parameters.ROLE ?? '') ? attendeeTypes.optional : attendeeTypes.required
}

const recipientOf = (person: Participant, type: number, flags: number, trackStatus: number): PropertyBag => {
  const { name, address } = person
  const entryId = oneOffEntryId({ name, address })
  return createPropertyBag()
    .set(PidTagRecipientType, type)
    .set(PidTagDisplayName, name)
    .set(PidTagAddressType, 'SMTP')
    .set(PidTagEmailAddress, address)
    .set(PidTagSmtpAddress, address)
    .set(PidTagObjectType, mailUser)
    .set(PidTagDisplayType, 0)
    .set(PidTagEntryId, entryId)
    .set(PidTagRecordKey, entryId)
    .set(PidTagSearchKey, addressSearchKey(address))
    .set(PidTagAddressBookDisplayNamePrintable, name)
    .set(PidTagSendRichInfo, false)
    .set(PidTagResponsibility, false)
    .set(PidTagRecipientDisplayName, name)
    .set(PidTagRecipientEntryId, entryId)
    .set(PidTagRecipientFlags, flags)
    .set(PidTagRecipientTrackStatus, trackStatus)
}

const same = (one: Participant, other: Participant): boolean =>
  one.address.toLowerCase() === other.address.toLowerCase()

export type MeetingRecipients = {
  readonly recipients: readonly PropertyBag[]
  /** Names of the required ones, and of the optional ones, without the organizer. */
  readonly required: readonly string[]
  readonly optional: readonly string[]
  readonly resources: readonly string[]
}

/** The organizer first, then everybody who is invited, with the answer each gave. */
export const meetingRecipients = (
  organizer: Participant | null,
  attendees: readonly Participant[],
): MeetingRecipients => {
  const invited = attendees.filter((attendee) => organizer === null || !same(attendee, organizer))
  const names = (type: number): string[] => invited.filter((person) => typeOf(person) === type).map(({ name }) => name)
  return {
    recipients: [
      ...(organizer === null ? [] : [recipientOf(organizer, attendeeTypes.required, flagSendable | flagOrganizer, 0)]),
      ...invited.map((attendee) =>
        recipientOf(
          attendee,
          typeOf(attendee),
          flagSendable,
          trackStatuses[attendee.line.parameters.PARTSTAT?.toUpperCase() ?? ''] ?? 0,
        ),
      ),
    ],
    required: names(attendeeTypes.required),
    optional: names(attendeeTypes.optional),
    resources: names(attendeeTypes.resource),
  }
}

/** The organizer as the one the meeting is from. */
export const setSender = (properties: PropertyBag, { name, address }: Participant): void => {
  const entryId = oneOffEntryId({ name, address })
  const searchKey = addressSearchKey(address)
  properties
    .set(PidTagSentRepresentingName, name)
    .set(PidTagSentRepresentingAddressType, 'SMTP')
    .set(PidTagSentRepresentingEmailAddress, address)
    .set(PidTagSentRepresentingSmtpAddress, address)
    .set(PidTagSentRepresentingEntryId, entryId)
    .set(PidTagSentRepresentingSearchKey, searchKey)
    .set(PidTagSenderName, name)
    .set(PidTagSenderAddressType, 'SMTP')
    .set(PidTagSenderEmailAddress, address)
    .set(PidTagSenderSmtpAddress, address)
    .set(PidTagSenderEntryId, entryId)
    .set(PidTagSenderSearchKey, searchKey)
}
