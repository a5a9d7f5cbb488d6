import { PidLidAppointmentStateFlags, PidLidResponseStatus } from '../../../formats/mapi/properties-appointment.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import type { Participant } from './calendar-values.ts'

/** What a meeting is to whose calendar it lies in. */
export type MeetingRole = {
  /** False for an appointment, which concerns nobody else. */
  readonly isMeeting: boolean
  /** Somebody else organizes it. */
  readonly isReceived: boolean
  /** PidLidResponseStatus */
  readonly response: number
}

const stateFlags = { meeting: 1, received: 2, cancelled: 4 } as const
const responses = { none: 0, organized: 1, tentative: 2, accepted: 3, declined: 4, notResponded: 5 } as const

/** PARTSTAT (RFC 5545 §3.2.12); who has sent somebody else does not come. */
const answers: Readonly<Record<string, number>> = {
  TENTATIVE: responses.tentative,
  ACCEPTED: responses.accepted,
  DECLINED: responses.declined,
  DELEGATED: responses.declined,
}

/**
 * Whether an address is that of the user. A user name without a domain is compared with what stands before the @, as servers with one domain
 * have it.
 */
const isOf = (userName: string, { address }: Participant): boolean => {
  const wanted = userName.trim().toLowerCase()
  const found = address.toLowerCase()
  return wanted !== '' && (found === wanted || (!wanted.includes('@') && found.startsWith(`${wanted}@`)))
}

const sameAddress = (one: Participant, other: Participant): boolean =>
  one.address.toLowerCase() === other.address.toLowerCase()

/**
 * The role of the user in a meeting. One who is neither its organizer nor among those invited, or who cannot be told apart, has received it and
 * owes no answer: as an organizer Outlook would send updates and cancellations in the name of another.
 */
export const meetingRoleOf = (
  organizer: Participant | null,
  attendees: readonly Participant[],
  userName: string,
): MeetingRole => {
  if (organizer === null && attendees.length === 0)
    return { isMeeting: false, isReceived: false, response: responses.none }
  const own = [...(organizer === null ? [] : [organizer]), ...attendees].filter((person) => isOf(userName, person))
  const [self] = own
  const isKnown = self !== undefined && own.every((person) => sameAddress(person, self))
  // Without an organizer (RFC 5545 §3.8.4.1 wants none without attendees, but not the reverse) nobody else can be it.
  if (organizer === null || (isKnown && sameAddress(self, organizer)))
    return { isMeeting: true, isReceived: false, response: responses.organized }
  if (!isKnown) return { isMeeting: true, isReceived: true, response: responses.none }
  const answer = self.line.parameters.PARTSTAT?.toUpperCase() ?? ''
  return { isMeeting: true, isReceived: true, response: answers[answer] ?? responses.notResponded }
}

/** PidLidAppointmentStateFlags ([MS-OXOCAL] §2.2.1.10) */
export const meetingStateOf = ({ isMeeting, isReceived }: MeetingRole, isCancelled: boolean): number =>
  (isMeeting ? stateFlags.meeting : 0) |
  (isReceived ? stateFlags.received : 0) |
  (isCancelled ? stateFlags.cancelled : 0)

export const setMeetingRole = (properties: PropertyBag, role: MeetingRole, isCancelled: boolean): PropertyBag =>
  properties
    .set(PidLidAppointmentStateFlags, meetingStateOf(role, isCancelled))
    .set(PidLidResponseStatus, role.response)
