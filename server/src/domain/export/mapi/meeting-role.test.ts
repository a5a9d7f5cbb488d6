import { describe, expect, it } from 'vitest'
import { collect } from '../../../../testkit/collect.ts'
import {
  PidLidAppointmentRecur,
  PidLidAppointmentStateFlags,
  PidLidFInvited,
  PidLidResponseStatus,
} from '../../../formats/mapi/properties-appointment.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const project = async (userName: string, ...events: readonly (readonly string[])[]) => {
  const lines = events.flatMap((event) => ['BEGIN:VEVENT', 'UID:meeting', ...event, 'END:VEVENT'])
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n')
  const projected = await collect(projectCalendar(rawItemOf(Buffer.from(text)), signal, { userName }))
  expect(projected).toHaveLength(1)
  return projected[0]!.message
}
const stateOf = ({ properties }: Awaited<ReturnType<typeof project>>) => [
  properties.get(PidLidAppointmentStateFlags),
  properties.get(PidLidResponseStatus),
  properties.get(PidLidFInvited),
]
const start = 'DTSTART:20260701T100000Z'
const organizer = 'ORGANIZER;CN=Åsa:mailto:asa@example.org'
const invite = (answer: string | null, address = 'bo@example.org') =>
  `ATTENDEE${answer === null ? '' : `;PARTSTAT=${answer}`}:mailto:${address}`

const organized = [1, 1, true]

describe('the role of the user in a meeting', () => {
  it.each<[what: string, userName: string, lines: string[], state: unknown[]]>([
    ['an appointment', 'bo@example.org', [], [0, 0, undefined]],
    ['the organizer', 'asa@example.org', [organizer, invite('ACCEPTED')], organized],
    ['the organizer, in other letters', 'Asa@Example.org', [organizer, invite(null)], organized],
    [
      'the organizer, who is invited as well',
      'asa@example.org',
      [organizer, invite(null), invite('ACCEPTED', 'asa@example.org')],
      organized,
    ],
    ['the organizer by the name before the @', 'asa', [organizer, invite(null)], organized],
    ['nobody named as organizer', 'bo@example.org', [invite('ACCEPTED'), invite(null, 'di@example.org')], organized],
    ['accepted', 'bo@example.org', [organizer, invite('ACCEPTED')], [3, 3, undefined]],
    ['tentative', 'bo@example.org', [organizer, invite('tentative')], [3, 2, undefined]],
    ['declined', 'bo@example.org', [organizer, invite('DECLINED')], [3, 4, undefined]],
    ['delegated', 'bo@example.org', [organizer, invite('DELEGATED')], [3, 4, undefined]],
    ['not answered', 'bo@example.org', [organizer, invite('NEEDS-ACTION')], [3, 5, undefined]],
    ['no PARTSTAT, which is the same', 'bo@example.org', [organizer, invite(null)], [3, 5, undefined]],
    ['an attendee by the name before the @', 'bo', [organizer, invite('ACCEPTED')], [3, 3, undefined]],
    [
      'two of that name before the @',
      'bo',
      [organizer, invite('ACCEPTED'), invite('DECLINED', 'bo@example.net')],
      [3, 0, undefined],
    ],
    ['neither', 'cy@example.org', [organizer, invite('ACCEPTED')], [3, 0, undefined]],
    ['the same name at another domain', 'bo@example.net', [organizer, invite('ACCEPTED')], [3, 0, undefined]],
    ['no user name', '', [organizer, invite('ACCEPTED')], [3, 0, undefined]],
    ['cancelled by another', 'bo@example.org', [organizer, invite('ACCEPTED'), 'STATUS:CANCELLED'], [7, 3, undefined]],
    ['cancelled by the user', 'asa@example.org', [organizer, invite('ACCEPTED'), 'STATUS:CANCELLED'], [5, 1, true]],
  ])('%s', async (_, userName, lines, state) => {
    expect(stateOf(await project(userName, [start, ...lines]))).toEqual(state)
  })

  it('knows the answer to one occurrence', async () => {
    const message = await project(
      'bo@example.org',
      [start, 'RRULE:FREQ=DAILY;COUNT=3', organizer, invite('ACCEPTED')],
      ['RECURRENCE-ID:20260702T100000Z', 'DTSTART:20260702T100000Z', organizer, invite('DECLINED')],
    )
    expect(stateOf(message)).toEqual([3, 3, undefined])
    expect(message.properties.get(PidLidAppointmentRecur)).toBeDefined()
    const [exception] = message.attachments
    const { content } = exception!
    expect(content.kind === 'message' ? stateOf(content.message) : null).toEqual([3, 4, undefined])
  })
})
