import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeZone } from '../../../../test/mapi/decode-zone.ts'
import { collect } from '../../../../testkit/collect.ts'
import * as a from '../../../formats/mapi/properties-appointment.ts'
import { PidTagAttachLongFilename } from '../../../formats/mapi/properties-attachment.ts'
import { PidLidLogStart } from '../../../formats/mapi/properties-log.ts'
import { PidLidCleanGlobalObjectId, PidLidGlobalObjectId } from '../../../formats/mapi/properties-meeting.ts'
import * as m from '../../../formats/mapi/properties-message.ts'
import * as r from '../../../formats/mapi/properties-recipient.ts'
import * as t from '../../../formats/mapi/properties-task.ts'
import type { Property, PropertyType } from '../../../formats/mapi/property.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const calendarOf = (lines: readonly string[], zone?: string, timezone?: string) =>
  collect(
    projectCalendar(
      rawItemOf(
        Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', ...lines, 'END:VCALENDAR', ''].join('\r\n')),
      ),
      signal,
      { floatingZone: zone ?? 'UTC', timezone },
    ),
  )
const componentOf = async (
  name: string,
  lines: readonly string[],
  zone?: string,
  before: readonly string[] = [],
  timezone?: string,
) => {
  const projected = await calendarOf(
    [...before, `BEGIN:${name}`, 'UID:1@example.org', ...lines, `END:${name}`],
    zone,
    timezone,
  )
  expect(projected).toHaveLength(1)
  const { message, degraded } = projected[0]!
  const names = message.attachments.map(({ properties }) => properties.get(PidTagAttachLongFilename))
  return { message, properties: message.properties, degraded, codes: degraded.map(({ code }) => code), names }
}
const observance = (name: string, start: string, rule: string) => [
  `BEGIN:${name}`,
  `DTSTART:${start}`,
  `RRULE:${rule}`,
  ...(name === 'DAYLIGHT' ? ['TZOFFSETFROM:-0500', 'TZOFFSETTO:-0400'] : ['TZOFFSETFROM:-0400', 'TZOFFSETTO:-0500']),
  `END:${name}`,
]
const start = 'DTSTART:20260701T100000Z'
const eventOf = (...lines: readonly string[]) => componentOf('VEVENT', lines)
const alarm = (trigger: string, ...more: readonly string[]) =>
  ['BEGIN:VALARM', 'ACTION:DISPLAY', `TRIGGER${trigger}`, ...more, 'END:VALARM'].join('\r\n')

describe('a whole calendar in one object', () => {
  const events = (count: number, text: string) =>
    Array.from({ length: count }, (_, no) => [
      'BEGIN:VEVENT',
      `UID:${no}`,
      start,
      `COMMENT:${text}`,
      'END:VEVENT',
    ]).flat()
  const originals = (projected: Awaited<ReturnType<typeof calendarOf>>): number[] =>
    projected.flatMap(({ message }, no) =>
      message.attachments.some(({ properties }) => properties.get(PidTagAttachLongFilename) === 'original.ics')
        ? [no]
        : [],
    )

  it('is not attached to each of its events, but to some while it is small', async () => {
    const small = await calendarOf(events(3, 'a'))
    expect(originals(small)).toEqual([0, 1, 2])
    const large = await calendarOf(events(50, 'x'.repeat(20_000)))
    expect(originals(large)).toEqual([0])
    expect(large.every(({ degraded }) => degraded.length === 1)).toBe(true)
  })

  it('may have one UID for all of it, or changes of a series that is elsewhere', async () => {
    const events = (count: number, ...lines: readonly string[]) =>
      Array.from({ length: count }, () => ['BEGIN:VEVENT', 'UID:1', start, ...lines, 'END:VEVENT']).flat()
    const same = await calendarOf([...events(3), ...events(1, 'RECURRENCE-ID:20260701T100000Z', 'SUMMARY:changed')])
    expect(same.map(({ message }) => message.properties.get(m.PidTagSubject))).toEqual(['changed', '', ''])
    expect(await calendarOf(events(1_001, 'RECURRENCE-ID:20260701T100000Z'))).toHaveLength(1_001)
  })

  it('makes an item when it is asked for, and stops in between', async () => {
    const stop = new AbortController()
    const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events(3, 'a'), 'END:VCALENDAR', ''].join('\r\n')
    const items = projectCalendar(rawItemOf(Buffer.from(text)), stop.signal)
    expect((await items.next()).done).toBe(false)
    const reason = new Error('stop')
    stop.abort(reason)
    await expect(items.next()).rejects.toBe(reason)
  })
})

describe('events', () => {
  it('makes an appointment of a plain event', async () => {
    const { properties, codes } = await eventOf(
      'SUMMARY:Träffen\\, idag',
      'DTSTART;TZID=Europe/Vienna:20260701T100000',
      'DURATION:PT1H30M',
      alarm(':-PT10M'),
    )
    expect(properties.get(m.PidTagMessageClass)).toBe('IPM.Appointment')
    expect(properties.get(m.PidTagSubject)).toBe('Träffen, idag')
    expect(properties.get(a.PidLidAppointmentStartWhole)).toBe(Date.UTC(2026, 6, 1, 8))
    expect(properties.get(a.PidLidAppointmentEndWhole)).toBe(Date.UTC(2026, 6, 1, 9, 30))
    expect(properties.get(a.PidLidAppointmentDuration)).toBe(90)
    expect(properties.get(a.PidLidReminderSignalTime)).toBe(Date.UTC(2026, 6, 1, 7, 50))
    expect(properties.get(a.PidLidAppointmentStateFlags)).toBe(0)
    expect(codes).toEqual([])
  })

  it.each<[line: string, property: Property<PropertyType>, value: unknown, ...codes: string[]]>([
    ['LOCATION:Raum 1\\; links', a.PidLidLocation, 'Raum 1; links'],
    ['TRANSP:TRANSPARENT', a.PidLidBusyStatus, 0],
    ['STATUS:TENTATIVE', a.PidLidBusyStatus, 1],
    ['TRANSP:OPAQUE', a.PidLidBusyStatus, 2],
    ['X-MICROSOFT-CDO-BUSYSTATUS:OOF', a.PidLidBusyStatus, 3],
    ['STATUS:CANCELLED', a.PidLidAppointmentStateFlags, 4],
    ['STATUS:CANCELLED', a.PidLidBusyStatus, 0],
    ['CLASS:PRIVATE', m.PidTagSensitivity, 2],
    ['CLASS:PRIVATE', a.PidLidPrivate, true],
    ['CLASS:CONFIDENTIAL', m.PidTagSensitivity, 3],
    ['PRIORITY:1', m.PidTagImportance, 2],
    ['PRIORITY:9', m.PidTagImportance, 0],
    ['CATEGORIES:a,b\\,c\r\nCATEGORIES:a', m.PidNameKeywords, ['a', 'b,c']],
    ['DESCRIPTION:one\\ntwo', m.PidTagBody, 'one\r\ntwo'],
    ['X-ALT-DESC;FMTTYPE=text/html:<b>x</b>\\n', m.PidTagHtml, Buffer.from('<b>x</b>\n')],
    ['SEQUENCE:7', a.PidLidAppointmentSequence, 7],
    ['CREATED:20200102T030405Z', m.PidTagCreationTime, Date.UTC(2020, 0, 2, 3, 4, 5)],
    ['LAST-MODIFIED:20200102T030405Z', m.PidTagLastModificationTime, Date.UTC(2020, 0, 2, 3, 4, 5)],
    ['DTEND:20260701T113000Z', a.PidLidAppointmentDuration, 90],
    ['DTEND:20260630T113000Z', a.PidLidAppointmentDuration, 0, 'end_before_start'],
    [alarm(';RELATED=END:-PT1H'), a.PidLidReminderDelta, 60],
    [alarm(';VALUE=DATE-TIME:20260701T094500Z'), a.PidLidReminderDelta, 15],
    [alarm(':PT10M'), a.PidLidReminderSet, false, 'reminder_not_expressible'],
    [`${alarm(':-PT5M')}\r\n${alarm(':-P1D')}`, a.PidLidReminderDelta, 5, 'several_reminders'],
    [alarm(':-PT5M', 'REPEAT:2', 'DURATION:PT1M'), a.PidLidReminderDelta, 5, 'reminder_repeated'],
    ['GEO:1;2\r\nX-OWN:3\r\nX-MOZ-GENERATION:3', a.PidLidLocation, undefined, 'properties_kept_in_original'],
  ])('%s', async (line, property, value, ...expected) => {
    const { properties, codes, names } = await eventOf(start, line)
    expect(properties.get(property)).toEqual(value)
    expect(codes).toEqual(expected)
    expect(names).toEqual(expected.length === 0 ? [] : ['original.ics'])
  })

  it('makes recipients of organizer and attendees', async () => {
    const { message, properties } = await eventOf(
      start,
      'ORGANIZER;CN=Åsa:mailto:asa@example.org',
      'ATTENDEE;CN=Åsa;PARTSTAT=ACCEPTED:mailto:ASA@example.org',
      'ATTENDEE;CN="Bo, Jr.";PARTSTAT=ACCEPTED:mailto:bo@example.org',
      'ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=DECLINED:mailto:di@example.org',
      'ATTENDEE;CUTYPE=ROOM;PARTSTAT=TENTATIVE;CN=Room:mailto:room@example.org',
      'ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ed@example.org',
    )
    const rows = message.recipients.map((row) =>
      [r.PidTagDisplayName, r.PidTagRecipientType, r.PidTagRecipientFlags, r.PidTagRecipientTrackStatus].map(
        (property: Property<PropertyType>) => row.get(property),
      ),
    )
    expect(rows).toEqual([
      ['Åsa', 1, 3, 0],
      ['Bo, Jr.', 1, 1, 3],
      ['di@example.org', 2, 1, 4],
      ['Room', 3, 1, 2],
      ['ed@example.org', 1, 1, 0],
    ])
    expect(properties.get(m.PidTagSentRepresentingEmailAddress)).toBe('asa@example.org')
    expect(properties.get(a.PidLidToAttendeesString)).toBe('Bo, Jr.; ed@example.org')
    expect(properties.get(a.PidLidCcAttendeesString)).toBe('di@example.org')
  })

  it('keeps the UID as global object id', async () => {
    const { properties } = await eventOf(start)
    const id = Buffer.from(properties.get(PidLidGlobalObjectId)!)
    expect(id.toString('hex', 0, 40)).toBe(`040000008200e00074c5b7101a82e008${'00'.repeat(20)}1a000000`)
    expect(id.toString('latin1', 40)).toBe('vCal-Uid\x01\0\0\x001@example.org\0')
    const [one] = await calendarOf([
      'BEGIN:VEVENT',
      'UID:040000008200E00074C5B7101A82E00800000000A0F2B8C9D0E1D70100000000000000000400000001020304',
      'RECURRENCE-ID:20260703T100000Z',
      'DTSTART:20260703T110000Z',
      'END:VEVENT',
    ])
    const known = 'a0f2b8c9d0e1d70100000000000000000400000001020304'
    const both = [PidLidGlobalObjectId, PidLidCleanGlobalObjectId].map((property) =>
      Buffer.from(one!.message.properties.get(property)!).toString('hex'),
    )
    expect(both).toEqual(['07ea0703', '00000000'].map((date) => `040000008200e00074c5b7101a82e008${date}${known}`))
  })

  it('keeps files, and addresses as links', async () => {
    const { message, names, codes } = await eventOf(
      start,
      'ATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=text/plain;FILENAME=a/b.txt:SGVq',
      'ATTACH:https://example.org/x',
      'URL:https://example.org/y',
    )
    expect(names).toEqual(['a_b.txt', 'attachment-2.url', 'url.url', 'original.ics'])
    expect(codes).toEqual(['attachment_is_link'])
    const contents = await Promise.all(
      message.attachments.slice(0, 3).map(async ({ content }) => {
        let text = ''
        if (content.kind === 'bytes')
          for await (const piece of content.open(signal)) text += Buffer.from(piece).toString()
        return text
      }),
    )
    expect(contents).toEqual([
      'Hej',
      '[InternetShortcut]\r\nURL=https://example.org/x\r\n',
      '[InternetShortcut]\r\nURL=https://example.org/y\r\n',
    ])
    expect(message.properties.get(m.PidTagHasAttachments)).toBe(true)
  })

  it('shortens what no file can hold, and says so', async () => {
    const { properties, codes, names } = await eventOf(start, `SUMMARY:${'ä'.repeat(300)}`)
    expect(properties.get(m.PidTagSubject)).toBe('ä'.repeat(253))
    expect(codes).toContain('text_shortened')
    expect(names).toEqual(['original.ics'])
  })
})

describe('time zones', () => {
  const definition = (tzid: string) => [
    'BEGIN:VTIMEZONE',
    `TZID:${tzid}`,
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ]
  const startOf = async (line: string, zone?: string, before?: readonly string[], timezone?: string) => {
    const { properties, codes } = await componentOf('VEVENT', [line], zone, before, timezone)
    return [new Date(properties.get(a.PidLidAppointmentStartWhole)!).toISOString().slice(0, 16), ...codes]
  }

  it.each([
    ['Europe/Berlin', '20260329T013000', '2026-03-29T00:30'],
    ['Europe/Berlin', '20260329T033000', '2026-03-29T01:30'],
    ['Europe/Berlin', '20261025T013000', '2026-10-24T23:30'],
    ['Europe/Berlin', '20261025T033000', '2026-10-25T02:30'],
    ['W. Europe Standard Time', '20260701T120000', '2026-07-01T10:00'],
    ['/example.org/2024/America/New_York', '20260115T120000', '2026-01-15T17:00'],
    ['Australia/Sydney', '20260115T120000', '2026-01-15T01:00'],
  ])('%s at %s', async (zone, local, utc) => {
    expect(await startOf(`DTSTART;TZID=${zone}:${local}`)).toEqual([utc])
  })

  it.each([
    '20260329T013000',
    '20260329T023000',
    '20260329T033000',
    '20261025T023000',
    '20261025T030000',
    '20260701T000000',
  ])('a zone that only the object defines is as the one it copies, at %s', async (local) => {
    const own = await startOf(`DTSTART;TZID=Our Own:${local}`, undefined, definition('Our Own'))
    expect(own).toEqual(await startOf(`DTSTART;TZID=Europe/Berlin:${local}`))
  })

  it('takes floating times, dates and unknown zones by the zone of the calendar, and tells', async () => {
    expect(await startOf('DTSTART:20260701T100000', 'Asia/Tokyo')).toEqual(['2026-07-01T01:00', 'floating_time'])
    expect(await startOf('DTSTART;TZID=Nowhere:20260701T100000')).toEqual(['2026-07-01T10:00', 'zone_unknown'])
    expect(await startOf('DTSTART;VALUE=DATE:20260701', 'Asia/Tokyo')).toEqual(['2026-06-30T15:00'])
    const named = ['X-WR-TIMEZONE:Europe/Berlin']
    expect(await startOf('DTSTART;VALUE=DATE:20260701', 'Asia/Tokyo', named)).toEqual(['2026-06-30T22:00'])
    const only = definition('Our Own')
    expect(await startOf('DTSTART;VALUE=DATE:20260701', 'Asia/Tokyo', only)).toEqual(['2026-06-30T22:00'])
  })

  it.each([
    ['a name', 'America/New_York', '2026-07-01T04:00'],
    [
      'an object',
      ['BEGIN:VCALENDAR', ...definition('America/New_York'), 'END:VCALENDAR', ''].join('\n'),
      '2026-07-01T04:00',
    ],
    ['a definition', ['BEGIN:VCALENDAR', ...definition('Our Own'), 'END:VCALENDAR'].join('\r\n'), '2026-06-30T22:00'],
    ['no zone', 'Nowhere', '2026-06-30T15:00'],
    ['an object without one', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR', '2026-06-30T15:00'],
  ])('takes days by the zone of the collection before that of the machine: %s', async (_, timezone, instant) => {
    expect(await startOf('DTSTART;VALUE=DATE:20260701', 'Asia/Tokyo', [], timezone)).toEqual([instant])
    const named = ['X-WR-TIMEZONE:Asia/Kolkata']
    expect(await startOf('DTSTART;VALUE=DATE:20260701', 'Asia/Tokyo', named, timezone)).toEqual(['2026-06-30T18:30'])
  })

  it('lets days begin and end at midnight of the zone, across a change too', async () => {
    const { properties } = await componentOf(
      'VEVENT',
      ['DTSTART;VALUE=DATE:20260328', 'DTEND;VALUE=DATE:20260330'],
      'Europe/Berlin',
    )
    expect(properties.get(a.PidLidAppointmentStartWhole)).toBe(Date.UTC(2026, 2, 27, 23))
    expect(properties.get(a.PidLidAppointmentEndWhole)).toBe(Date.UTC(2026, 2, 29, 22))
    expect(properties.get(a.PidLidAppointmentDuration)).toBe(2 * 1440)
    expect(properties.get(a.PidLidAppointmentSubType)).toBe(true)
  })

  it.each([
    ['Europe/Vienna', 'W. Europe Standard Time', -60, [10, 0, 5, 3], [3, 0, 5, 2]],
    ['America/Toronto', 'Eastern Standard Time', 300, [11, 0, 1, 2], [3, 0, 2, 2]],
    ['Australia/Melbourne', 'AUS Eastern Standard Time', -600, [4, 0, 1, 3], [10, 0, 1, 2]],
    ['Asia/Kolkata', 'India Standard Time', -330, [0, 0, 0, 0], [0, 0, 0, 0]],
  ])('tells %s as Windows does', async (zone, keyName, bias, standard, daylight) => {
    const { properties } = await eventOf(`DTSTART;TZID=${zone}:20260601T100000`, 'RRULE:FREQ=DAILY;COUNT=3')
    const struct = Buffer.from(properties.get(a.PidLidTimeZoneStruct)!)
    const change = (at: number) => [2, 4, 6, 8].map((field) => struct.readUInt16LE(at + field))
    expect(struct).toHaveLength(48)
    expect(struct.readInt32LE(0)).toBe(bias)
    expect([change(14), change(32)]).toEqual([standard, daylight])
    expect(struct.readInt32LE(8)).toBe(daylight[0] === 0 ? 0 : -60)
    const recurring = Buffer.from(properties.get(a.PidLidAppointmentTimeZoneDefinitionRecur)!)
    const length = recurring.readUInt16LE(6)
    expect(recurring.toString('utf16le', 8, 8 + 2 * length)).toBe(keyName)
    expect(recurring.readUInt16LE(2)).toBe(6 + 2 * length)
    const rule = recurring.subarray(10 + 2 * length)
    expect([
      rule.length,
      rule.readUInt16LE(0),
      rule.readUInt16LE(2),
      rule.readUInt16LE(4),
      rule.readUInt16LE(6),
    ]).toEqual([66, 0x0102, 62, 3, 2026])
    expect(rule.subarray(22, 34)).toEqual(struct.subarray(0, 12))
    expect([rule.subarray(34, 50), rule.subarray(50)]).toEqual([struct.subarray(14, 30), struct.subarray(32)])
  })

  it.each([
    ['in winter, as both have it', ['DTSTART;TZID=EST:20260120T100000'], []],
    ['in summer', ['DTSTART;TZID=EST:20260720T100000'], ['zone_defined_otherwise']],
    ['the whole year', ['DTSTART;TZID=EST:20260120T100000', 'RRULE:FREQ=WEEKLY'], ['zone_defined_otherwise']],
  ])('tells of a zone that is defined otherwise than by its name, %s', async (_, lines, expected) => {
    const definition = [
      'BEGIN:VTIMEZONE',
      'TZID:EST',
      ...observance('DAYLIGHT', '20070311T020000', 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU'),
      ...observance('STANDARD', '20071104T020000', 'FREQ=YEARLY;BYMONTH=11;BYDAY=1SU'),
      'END:VTIMEZONE',
    ]
    const { codes } = await componentOf('VEVENT', lines, undefined, definition)
    expect(codes).toEqual(expected)
  })

  it.each([
    ['without an end', 'FREQ=WEEKLY', '20050103T100000'],
    ['of many occurrences', 'FREQ=DAILY;UNTIL=20260101T000000Z', '20050103T100000'],
  ])('counts a series %s by the rule of its later years, and tells of the earlier ones', async (_, rule, from) => {
    const lines = [`DTSTART;TZID=America/New_York:${from}`, 'DURATION:PT1H', `RRULE:${rule}`]
    const { properties, codes } = await componentOf('VEVENT', lines)
    expect(codes).toEqual(['zone_rule_differs'])
    const { rules } = decodeZone(properties.get(a.PidLidAppointmentTimeZoneDefinitionRecur)!)
    expect(rules.map(({ year, flags }) => [year, flags])).toEqual([
      [2005, 0],
      [2007, 3],
    ])
  })

  it.each([
    ['by its name', 'America/New_York', []],
    [
      'by its definition',
      'Our own',
      [
        'BEGIN:VTIMEZONE',
        'TZID:Our own',
        ...observance('DAYLIGHT', '19870405T020000', 'FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z'),
        ...observance('STANDARD', '19871025T020000', 'FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z'),
        ...observance('DAYLIGHT', '20070311T020000', 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU'),
        ...observance('STANDARD', '20071104T020000', 'FREQ=YEARLY;BYMONTH=11;BYDAY=1SU'),
        'END:VTIMEZONE',
      ],
    ],
  ])('has a rule for each period of a zone that changed, %s', async (_, zone, definition) => {
    const lines = [`DTSTART;TZID=${zone}:20060320T100000`, 'RRULE:FREQ=WEEKLY;COUNT=80']
    const { properties, codes } = await componentOf('VEVENT', lines, undefined, definition)
    expect(codes).toEqual(['zone_rule_differs'])
    const before = { biases: [300, 0, -60], standard: [10, 0, 5, 2], daylight: [4, 0, 1, 2] }
    const since = { biases: [300, 0, -60], standard: [11, 0, 1, 2], daylight: [3, 0, 2, 2] }
    const series = decodeZone(properties.get(a.PidLidAppointmentTimeZoneDefinitionRecur)!)
    expect(series.keyName).toBe('Eastern Standard Time')
    expect(series.rules).toEqual([
      { year: 2006, flags: 3, ...before },
      { year: 2007, flags: 0, ...since },
    ])
    const struct = Buffer.from(properties.get(a.PidLidTimeZoneStruct)!)
    expect(struct.readUInt16LE(14 + 2)).toBe(10)
    for (const property of [
      a.PidLidAppointmentTimeZoneDefinitionStartDisplay,
      a.PidLidAppointmentTimeZoneDefinitionEndDisplay,
    ]) {
      expect(decodeZone(properties.get(property)!).rules).toEqual([
        { year: 2006, flags: 2, ...before },
        { year: 2007, flags: 0, ...since },
      ])
    }
  })

  it('counts a series by the rule that most of it follows', async () => {
    const { properties } = await eventOf('DTSTART;TZID=America/New_York:20060320T100000', 'RRULE:FREQ=WEEKLY')
    const { rules } = decodeZone(properties.get(a.PidLidAppointmentTimeZoneDefinitionRecur)!)
    expect(rules.map(({ year, flags }) => [year, flags])).toEqual([
      [2006, 0],
      [2007, 3],
    ])
    const struct = Buffer.from(properties.get(a.PidLidTimeZoneStruct)!)
    expect([struct.readUInt16LE(14 + 2), struct.readUInt16LE(32 + 2)]).toEqual([11, 3])
  })

  it('has one rule of a single event, and of a zone that did not change', async () => {
    const single = await eventOf('DTSTART;TZID=America/New_York:20060320T100000')
    const steady = await eventOf('DTSTART;TZID=Europe/Berlin:20060320T100000', 'RRULE:FREQ=WEEKLY')
    const yearsOf = ({ properties }: typeof single) =>
      decodeZone(properties.get(a.PidLidAppointmentTimeZoneDefinitionStartDisplay)!).rules.map(({ year }) => year)
    expect([yearsOf(single), yearsOf(steady)]).toEqual([[2006], [2006]])
  })
})

describe('tasks and journals', () => {
  it('makes a task', async () => {
    const { properties, codes } = await componentOf('VTODO', [
      'SUMMARY:Tax',
      'DTSTART;TZID=Europe/Berlin:20260701T000000',
      'DUE;TZID=Europe/Berlin:20260703T180000',
      'PERCENT-COMPLETE:40',
      'STATUS:IN-PROCESS',
      alarm(':-PT1H'),
    ])
    expect(properties.get(m.PidTagMessageClass)).toBe('IPM.Task')
    expect(properties.get(t.PidLidTaskStartDate)).toBe(Date.UTC(2026, 6, 1))
    expect(properties.get(t.PidLidTaskDueDate)).toBe(Date.UTC(2026, 6, 3))
    expect(properties.get(a.PidLidCommonEnd)).toBe(Date.UTC(2026, 6, 2, 22))
    expect(properties.get(t.PidLidTaskStatus)).toBe(1)
    expect(properties.get(t.PidLidPercentComplete)).toBe(0.4)
    expect(properties.get(t.PidLidTaskComplete)).toBe(false)
    expect(properties.get(a.PidLidReminderTime)).toBe(Date.UTC(2026, 5, 30, 21))
    expect(codes).toEqual(['task_times'])
  })

  it('has the days of an instant by the clock of the calendar', async () => {
    const lines = ['DTSTART:20260701T220000Z', 'DUE:20260704T223000Z']
    const { properties } = await componentOf('VTODO', lines, 'Europe/Berlin')
    expect(properties.get(t.PidLidTaskStartDate)).toBe(Date.UTC(2026, 6, 2))
    expect(properties.get(t.PidLidTaskDueDate)).toBe(Date.UTC(2026, 6, 5))
    expect(properties.get(a.PidLidCommonEnd)).toBe(Date.UTC(2026, 6, 4, 22))
  })

  it('completes a task', async () => {
    const { properties, codes } = await componentOf('VTODO', ['COMPLETED:20260704T223000Z', 'DUE;VALUE=DATE:20260703'])
    expect(properties.get(t.PidLidTaskComplete)).toBe(true)
    expect(properties.get(t.PidLidPercentComplete)).toBe(1)
    expect(properties.get(t.PidLidTaskDateCompleted)).toBe(Date.UTC(2026, 6, 4))
    expect(codes).toEqual([])
  })

  it('makes a journal entry of a day, and a note without one', async () => {
    const dated = await componentOf('VJOURNAL', ['SUMMARY:a', 'DESCRIPTION:b', start])
    expect(dated.properties.get(m.PidTagMessageClass)).toBe('IPM.Activity')
    expect(dated.properties.get(PidLidLogStart)).toBe(Date.UTC(2026, 6, 1, 10))
    const undated = await componentOf('VJOURNAL', ['SUMMARY:a', 'DESCRIPTION:b'])
    expect(undated.properties.get(m.PidTagMessageClass)).toBe('IPM.StickyNote')
    expect(undated.properties.get(m.PidTagBody)).toBe('a\r\nb')
  })
})

describe('objects as they come', () => {
  it('makes an item of everything in an object', async () => {
    const projected = await calendarOf(
      ['VEVENT', 'VTODO', 'VJOURNAL', 'VEVENT'].flatMap((name, no) => [
        `BEGIN:${name}`,
        `UID:${no}`,
        start,
        `END:${name}`,
      ]),
    )
    const classes = projected.map(({ message }) => message.properties.get(m.PidTagMessageClass))
    expect(classes).toEqual(['IPM.Appointment', 'IPM.Appointment', 'IPM.Task', 'IPM.Activity'])
  })

  it.each([
    ['', 'no_calendar'],
    ['no calendar', 'no_calendar'],
    ['BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n', 'no_calendar'],
    ['BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101T000000Z\r\nSUMMARY:cut', 'calendar_not_whole'],
    ['BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n', 'event_without_start'],
  ])('keeps what it cannot read: %j', async (text, code) => {
    const projected = await collect(projectCalendar(rawItemOf(Buffer.from(text)), signal))
    expect(projected).toHaveLength(1)
    expect(projected[0]!.degraded.map((one) => one.code)).toEqual([code])
    const names = projected[0]!.message.attachments.map(({ properties }) => properties.get(PidTagAttachLongFilename))
    expect(names).toEqual(['original.ics'])
  })

  it('never throws, and never gives nothing', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'BEGIN:VEVENT',
        'END:VEVENT',
        'BEGIN:VTODO',
        'END:VTODO',
        'BEGIN:VALARM',
        'END:VALARM',
        'UID:1',
        'DTSTART:20260101T000000Z',
        'DTSTART;TZID=Europe/Berlin:99991231T235959',
        'DTEND:00010101T000000',
        'DURATION:-P1D',
        'DURATION:P999999W',
        'RRULE:FREQ=DAILY',
        'RRULE:FREQ=SECONDLY;COUNT=5',
        'RRULE:FREQ=YEARLY;BYMONTHDAY=31;BYMONTH=2',
        'RRULE:FREQ=WEEKLY;INTERVAL=999999999',
        'RECURRENCE-ID:20260102T000000Z',
        'EXDATE:20260101T000000Z,x',
        'RDATE;VALUE=PERIOD:20260101T000000Z/PT1H',
        'TRIGGER:-PT5M',
        'ATTACH;ENCODING=BASE64:%%%',
        'ATTENDEE:mailto:',
        'BEGIN:VTIMEZONE',
        'END:VTIMEZONE',
      ),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 25 }), async (lines) => {
        expect((await calendarOf(lines)).length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  }, 30_000)
})
