import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { ContentLine } from '../../../formats/ics/content-lines.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { later, momentAt, momentOf, readDuration, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import {
  categoriesOf,
  htmlOf,
  importanceOf,
  integerOf,
  linesOf,
  longTextOf,
  type Participant,
  participantOf,
  sensitivityOf,
  textOf,
  wordOf,
} from './calendar-values.ts'
import type { Losses } from './losses.ts'
import { type MeetingRole, meetingRoleOf } from './meeting-role.ts'
import type { CalendarContext } from './project-series.ts'
import { readReminder } from './read-reminder.ts'
import { tellZones } from './tell-zones.ts'

/** What an event says, by our own terms. Of a series it is the first occurrence, of an override that one. */
export type EventFacts = {
  readonly uid: string
  readonly subject: string
  readonly location: string
  readonly body: string
  readonly html: string | undefined
  readonly start: ZonedMoment
  readonly end: ZonedMoment
  readonly isAllDay: boolean
  readonly busyStatus: number
  readonly sensitivity: number
  readonly importance: number
  readonly categories: readonly string[]
  /** Null for none. */
  readonly reminderMinutes: number | null
  readonly sequence: number
  readonly createdMs: number | undefined
  readonly modifiedMs: number | undefined
  readonly stampMs: number | undefined
  readonly isCancelled: boolean
  readonly organizer: Participant | null
  readonly attendees: readonly Participant[]
  readonly role: MeetingRole
}

const dayMs = 86_400_000

const busyStatuses: Readonly<Record<string, number>> = { FREE: 0, TENTATIVE: 1, BUSY: 2, OOF: 3, WORKINGELSEWHERE: 4 }

/** What Exchange wrote counts, else TRANSP and STATUS (RFC 5545 §3.8.2.7, §3.8.1.11). */
const busyStatusOf = (component: CalendarComponent): number => {
  const word = wordOf(component, 'X-MICROSOFT-CDO-BUSYSTATUS') || wordOf(component, 'X-MICROSOFT-CDO-INTENDEDSTATUS')
  const known = busyStatuses[word]
  if (known !== undefined) return known
  // What is called off takes no time.
  if (wordOf(component, 'TRANSP') === 'TRANSPARENT' || wordOf(component, 'STATUS') === 'CANCELLED') return 0
  return wordOf(component, 'STATUS') === 'TENTATIVE' ? 1 : 2
}

const endOf = (component: CalendarComponent, start: ZonedMoment, zones: CalendarZones, losses: Losses): ZonedMoment => {
  const stated = momentOf(component.lines, 'DTEND', zones)
  const duration = readDuration(linesOf(component, 'DURATION')[0]?.value ?? '')
  let end = momentAt(start.zone, start.localMs + (start.isDate ? dayMs : 0), start.isDate)
  if (stated !== null)
    end = stated.isDate === start.isDate ? stated : momentAt(start.zone, stated.localMs, start.isDate)
  else if (duration !== null) {
    const day = momentAt(start.zone, start.localMs + duration.days * dayMs, start.isDate)
    end = start.isDate ? day : later(day, duration.ms)
  }
  if (end.utcMs >= start.utcMs && !(start.isDate && end.utcMs === start.utcMs)) return end
  // One day for a date that ends where it begins: many clients write it so, and mean that.
  if (end.utcMs < start.utcMs) losses.add('end_before_start')
  return momentAt(start.zone, start.localMs + (start.isDate ? dayMs : 0), start.isDate)
}

const maxAttendees = 10_000

const details = ['DELEGATED-TO', 'DELEGATED-FROM', 'SENT-BY', 'MEMBER', 'DIR', 'X-RESPONSE-COMMENT', 'X-NUM-GUESTS']

/** What MAPI has no place for: who stands in for whom, what somebody said to it, whom else they bring. */
const hasMoreToSay = ({ parameters }: ContentLine): boolean =>
  details.some((name) => !['', '0'].includes((parameters[name] ?? '').trim()))

const isMidnight = ({ localMs }: ZonedMoment): boolean => localMs % dayMs === 0

/** Reads a VEVENT; what cannot be expressed is told to `losses`. `fallback` is the start of one that has none. */
export const readEvent = (
  component: CalendarComponent,
  { zones, userName }: CalendarContext,
  losses: Losses,
  fallback?: ZonedMoment,
): EventFacts => {
  const utcOf = (name: string): number | undefined => momentOf(component.lines, name, zones)?.utcMs
  const stampMs = utcOf('DTSTAMP')
  const createdMs = utcOf('CREATED')
  const stated = momentOf(component.lines, 'DTSTART', zones)
  if (stated === null) losses.add('event_without_start')
  tellZones(component, ['DTSTART', 'DTEND'], zones, losses)
  const start = stated ?? fallback ?? momentAt(zones.own, stampMs ?? createdMs ?? 0, false)
  const end = endOf(component, start, zones, losses)
  const [organizing] = linesOf(component, 'ORGANIZER')
  const organizer = organizing === undefined ? null : participantOf(organizing)
  const invited = linesOf(component, 'ATTENDEE')
  if ([...invited, ...linesOf(component, 'ORGANIZER')].some(hasMoreToSay)) losses.add('attendee_details')
  if (invited.length > maxAttendees) losses.add('recipients_left_out', `${invited.length - maxAttendees}`)
  const attendees = invited.slice(0, maxAttendees).map(participantOf)
  return {
    uid: textOf(component, 'UID'),
    subject: textOf(component, 'SUMMARY'),
    location: textOf(component, 'LOCATION'),
    body: longTextOf(component, 'DESCRIPTION'),
    html: htmlOf(component),
    start,
    end,
    isAllDay:
      start.isDate ||
      (wordOf(component, 'X-MICROSOFT-CDO-ALLDAYEVENT') === 'TRUE' && isMidnight(start) && isMidnight(end)),
    busyStatus: busyStatusOf(component),
    sensitivity: sensitivityOf(component),
    importance: importanceOf(component),
    categories: categoriesOf(component),
    reminderMinutes: readReminder(component, start, end, zones, losses),
    sequence: Math.max(0, integerOf(component, 'SEQUENCE') ?? 0),
    createdMs,
    modifiedMs: utcOf('LAST-MODIFIED') ?? stampMs,
    stampMs,
    isCancelled: wordOf(component, 'STATUS') === 'CANCELLED',
    organizer,
    attendees,
    role: meetingRoleOf(organizer, attendees, userName),
  }
}
