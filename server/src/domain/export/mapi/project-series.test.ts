import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { countDays, decodeRecurrence, occurrencesOf, toMs } from '../../../../test/mapi/decode-recurrence.ts'
import { collect } from '../../../../testkit/collect.ts'
import {
  PidLidAppointmentRecur,
  PidLidAppointmentStartWhole,
  PidLidClipEnd,
  PidLidClipStart,
  PidLidFExceptionalAttendees,
  PidLidFExceptionalBody,
  PidLidLocation,
  PidLidRecurrenceType,
  PidLidRecurring,
  PidTagExceptionReplaceTime,
} from '../../../formats/mapi/properties-appointment.ts'
import {
  PidTagAttachLongFilename,
  PidTagAttachmentFlags,
  PidTagAttachmentHidden,
  PidTagExceptionEndTime,
  PidTagExceptionStartTime,
} from '../../../formats/mapi/properties-attachment.ts'
import { PidTagHasAttachments, PidTagMessageClass, PidTagSubject } from '../../../formats/mapi/properties-message.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

const project = (events: readonly (readonly string[])[]) => {
  const lines = events.flatMap((event) => ['BEGIN:VEVENT', 'UID:series', ...event, 'END:VEVENT'])
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n')
  return collect(projectCalendar(rawItemOf(Buffer.from(text)), signal))
}
const compact = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+Z$/g, '')
const seriesOf = async (events: readonly (readonly string[])[]) => {
  const projected = await project(events)
  const [first] = projected
  const blob = first!.message.properties.get(PidLidAppointmentRecur)
  return {
    projected,
    message: first!.message,
    properties: first!.message.properties,
    codes: projected.flatMap(({ degraded }) => degraded.map(({ code }) => code)),
    recurrence: blob === undefined ? null : decodeRecurrence(blob),
  }
}
const starts = (found: Awaited<ReturnType<typeof project>>) =>
  found.map(({ message }) => new Date(message.properties.get(PidLidAppointmentStartWhole)!).toISOString().slice(0, 16))

const reference = (rule: string, startMs: number, count: number): number[] => {
  const start = ICAL.Time.fromDateTimeString(new Date(startMs).toISOString().slice(0, 19))
  const iterator = ICAL.Recur.fromString(rule).iterator(start)
  const found: number[] = []
  for (let at = iterator.next(); at && found.length < count; at = iterator.next()) {
    found.push(Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second))
  }
  return found
}

const ordinal = fc.constantFrom(1, 2, 3, 4, -1)
const weekday = fc.constantFrom(...weekdays)
const rules = fc.oneof(
  fc.constant('FREQ=DAILY'),
  fc
    .tuple(fc.uniqueArray(weekday, { minLength: 1, maxLength: 7 }), weekday)
    .map(([days, first]) => `FREQ=WEEKLY;BYDAY=${days.join(',')};WKST=${first}`),
  fc.integer({ min: 1, max: 28 }).map((day) => `FREQ=MONTHLY;BYMONTHDAY=${day}`),
  fc.tuple(ordinal, weekday).map(([nth, day]) => `FREQ=MONTHLY;BYDAY=${nth}${day}`),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([month, day]) => `FREQ=YEARLY;BYMONTH=${month};BYMONTHDAY=${day}`),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), ordinal, weekday)
    .map(([month, nth, day]) => `FREQ=YEARLY;BYMONTH=${month};BYDAY=${nth}${day}`),
)

describe('series', () => {
  it('has in its pattern the very occurrences of its rule', async () => {
    await fc.assert(
      fc.asyncProperty(
        rules,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4000 }),
        fc.integer({ min: 0, max: 1439 }),
        fc.constantFrom('never', 'count', 'until'),
        fc.uniqueArray(fc.integer({ min: 1, max: 19 }), { maxLength: 4 }),
        async (rule, interval, day, minute, ending, left) => {
          const near = Date.UTC(2015, 0, 1) + day * 86_400_000 + minute * 60_000
          // The weekdays of a week before the start are not in the rule, whatever the first day of the week.
          const first = reference(rule.replace(/;WKST=../, ''), near, 2).find((at) => at >= near)!
          const paced = `${rule};INTERVAL=${interval}`
          const all = reference(paced, first, 20)
          fc.pre(all[0] === first && all.length === 20)
          const end = { never: '', count: ';COUNT=20', until: `;UNTIL=${compact(all[19]!)}` }[ending]!
          const { recurrence, codes, properties } = await seriesOf([
            [
              `DTSTART:${compact(first)}`,
              'DURATION:PT45M',
              `RRULE:${paced}${end}`,
              ...left.map((no) => `EXDATE:${compact(all[no]!)}`),
            ],
          ])
          expect(codes.filter((code) => code !== 'floating_time')).toEqual([])
          expect(occurrencesOf(recurrence!, 20 - left.length)).toEqual(all.filter((_, no) => !left.includes(no)))
          expect(recurrence!.endOffset - recurrence!.startOffset).toBe(45)
          expect(recurrence!.deleted).toHaveLength(left.length)
          if (ending === 'never') {
            expect([recurrence!.endType, recurrence!.occurrenceCount]).toEqual([0x2023, 10])
            return
          }
          expect(recurrence!.endType).toBe(ending === 'count' ? 0x2022 : 0x2021)
          expect([recurrence!.occurrenceCount, countDays(recurrence!)]).toEqual([20, 20])
          expect(properties.get(PidLidClipEnd)).toBe(toMs(recurrence!.endDate))
        },
      ),
      { numRuns: 250 },
    )
  }, 30_000)

  it('carries changed occurrences, and those that are gone', async () => {
    const { message, recurrence, codes, projected } = await seriesOf([
      [
        'SUMMARY:Runde',
        'LOCATION:A1',
        'DTSTART;TZID=Europe/Berlin:20260302T090000',
        'DTEND;TZID=Europe/Berlin:20260302T100000',
        'RRULE:FREQ=WEEKLY;COUNT=8',
        'EXDATE;TZID=Europe/Berlin:20260309T090000',
      ],
      [
        'RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000',
        'SUMMARY:Große Runde ✓',
        'LOCATION:A1',
        'DTSTART:20260331T080000Z',
        'DURATION:PT2H',
        'TRANSP:TRANSPARENT',
        'BEGIN:VALARM',
        'ACTION:DISPLAY',
        'TRIGGER:-PT5M',
        'END:VALARM',
      ],
    ])
    expect(codes).toEqual([])
    expect(projected).toHaveLength(1)
    const days = (all: readonly number[]) => all.map((at) => new Date(toMs(at)).toISOString().slice(0, 16))
    expect(days(recurrence!.deleted)).toEqual(['2026-03-09T00:00', '2026-03-30T00:00'])
    expect(days(recurrence!.modified)).toEqual(['2026-03-31T00:00'])
    const [exception] = recurrence!.exceptions
    expect(exception).toMatchObject({ subject: 'Große Runde ✓', busyStatus: 0, reminderSet: 1, reminderDelta: 5 })
    expect(exception!.location).toBeUndefined()
    expect(days([exception!.start, exception!.end, exception!.originalStart])).toEqual([
      '2026-03-31T10:00',
      '2026-03-31T12:00',
      '2026-03-30T09:00',
    ])
    const [attachment] = message.attachments
    expect(attachment!.properties.get(PidTagAttachmentFlags)).toBe(2)
    expect(attachment!.properties.get(PidTagAttachmentHidden)).toBe(true)
    expect(attachment!.properties.get(PidTagExceptionStartTime)).toBe(Date.UTC(2026, 2, 31, 10))
    expect(attachment!.properties.get(PidTagExceptionReplaceTime)).toBe(Date.UTC(2026, 2, 30, 7))
    expect(message.properties.get(PidTagHasAttachments)).toBe(false)
    const inner = attachment!.content.kind === 'message' ? attachment!.content.message.properties : null
    expect(inner!.get(PidTagMessageClass)).toBe('IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}')
    expect(inner!.get(PidTagSubject)).toBe('Große Runde ✓')
    expect(inner!.get(PidLidAppointmentStartWhole)).toBe(Date.UTC(2026, 2, 31, 8))
    expect(message.properties.get(PidLidRecurring)).toBe(true)
    expect(message.properties.get(PidLidRecurrenceType)).toBe(2)
    expect(message.properties.get(PidLidClipStart)).toBe(Date.UTC(2026, 2, 1, 23))
  })

  it.each([
    ['an end', 'DTEND;TZID=Europe/Berlin:20260310T123000'],
    ['a length', 'DURATION:PT2H30M'],
    ['an end by another clock', 'DTEND:20260310T113000Z'],
  ])('has the end of a changed occurrence with %s by the clock of the series', async (_, end) => {
    const { recurrence, message } = await seriesOf([
      ['DTSTART;TZID=Europe/Berlin:20260302T090000', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;COUNT=8'],
      ['RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000', 'DTSTART;TZID=Europe/Berlin:20260310T100000', end],
    ])
    expect(toMs(recurrence!.exceptions[0]!.end)).toBe(Date.UTC(2026, 2, 10, 12, 30))
    expect(message.attachments[0]!.properties.get(PidTagExceptionEndTime)).toBe(Date.UTC(2026, 2, 10, 12, 30))
  })

  it('marks what a changed occurrence has of its own', async () => {
    const { message, properties, codes } = await seriesOf([
      ['DTSTART:20260302T090000Z', 'RRULE:FREQ=WEEKLY;COUNT=3', 'DESCRIPTION:all', 'CATEGORIES:a'],
      [
        'RECURRENCE-ID:20260309T090000Z',
        'DTSTART:20260309T090000Z',
        'DESCRIPTION:one',
        'ATTENDEE:mailto:bo@example.org',
        'CATEGORIES:b',
      ],
      ['RECURRENCE-ID:20260316T090000Z', 'DTSTART:20260316T100000Z', 'DESCRIPTION:all', 'CATEGORIES:a'],
    ])
    const bodies = message.attachments.map(({ content }) =>
      content.kind === 'message' ? content.message.properties.get(PidLidFExceptionalBody) : null,
    )
    expect(bodies.slice(0, 2)).toEqual([true, false])
    expect(properties.get(PidLidFExceptionalAttendees)).toBe(true)
    expect(codes).toEqual(['occurrence_marks'])
  })

  it('marks people of changed occurrences in a series of the user alone', async () => {
    const organizer = 'ORGANIZER:mailto:bo@example.org'
    const { properties } = await seriesOf([
      ['DTSTART:20260302T090000Z', 'RRULE:FREQ=WEEKLY;COUNT=3', organizer],
      ['RECURRENCE-ID:20260309T090000Z', 'DTSTART:20260309T100000Z', organizer],
    ])
    expect(properties.get(PidLidFExceptionalAttendees)).toBeUndefined()
  })

  it('repeats whole days on the days they are', async () => {
    const { recurrence } = await seriesOf([['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3']])
    expect(recurrence).toMatchObject({ startOffset: 0, endOffset: 1440 })
    expect(occurrencesOf(recurrence!, 9)).toEqual([Date.UTC(2024, 1, 29), Date.UTC(2024, 2, 31), Date.UTC(2024, 3, 30)])
  })

  it.each([
    ['FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3', '2026-01-31', ['2026-01-31', '2026-03-31', '2026-05-31'], []],
    ['FREQ=YEARLY;BYMONTH=1,7;COUNT=3', '2026-01-31', ['2026-01-31', '2026-07-31', '2027-01-31'], []],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2,-1;COUNT=3', '2026-01-12', ['2026-01-12', '2026-01-26', '2026-02-09'], []],
    ['FREQ=YEARLY;BYYEARDAY=100', '2026-04-10', ['2026-04-10', '2027-04-10', '2028-04-09'], ['series_cut_off']],
  ])('makes single appointments of %s', async (rule, day, expected, more) => {
    const { projected, codes } = await seriesOf([[`DTSTART:${day.replaceAll('-', '')}T120000Z`, `RRULE:${rule}`]])
    expect(starts(projected).map((start) => start.slice(0, 10))).toEqual(expected)
    expect(codes).toEqual(['series_as_single', ...more])
    for (const { message } of projected) expect(message.properties.get(PidLidRecurring)).toBe(false)
    const names = projected.map(({ message }) =>
      message.attachments.map(({ properties }) => properties.get(PidTagAttachLongFilename)),
    )
    expect(names).toEqual([['original.ics'], ...expected.slice(1).map(() => [])])
  })

  it.each([
    ['FREQ=YEARLY;COUNT=3', [2024, 2028, 2032], []],
    ['FREQ=YEARLY;INTERVAL=2;UNTIL=20310101', [2024, 2028], []],
    ['FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYMONTHDAY=29;COUNT=3', [2024, 2036, 2048], []],
    ['FREQ=YEARLY', [2024, 2028, 2032, 2036], ['leap_day']],
    ['FREQ=YEARLY;INTERVAL=4;UNTIL=21050101', [2024, 2028, 2032, 2036], ['leap_day']],
  ])('repeats a leap day where there is one: %s', async (rule, years, expected) => {
    const { recurrence, codes } = await seriesOf([['DTSTART;VALUE=DATE:20240229', `RRULE:${rule}`]])
    expect(codes).toEqual(expected)
    const found = occurrencesOf(recurrence!, years.length + 1).map((at) => new Date(at).toISOString().slice(0, 10))
    expect(found.slice(0, years.length)).toEqual(years.map((year) => `${year}-02-29`))
    if (expected.length === 0) expect(found).toHaveLength(years.length)
  })

  it('bounds what never ends', async () => {
    const { projected, codes } = await seriesOf([['DTSTART:20260101T000000Z', 'RRULE:FREQ=MINUTELY']])
    expect(projected).toHaveLength(1000)
    expect(codes).toEqual(['series_as_single', 'series_cut_off'])
  })

  it('lets added dates, far moves and lost overrides stand alone', async () => {
    const { projected, codes, recurrence } = await seriesOf([
      ['SUMMARY:a', 'DTSTART:20260105T100000Z', 'RRULE:FREQ=DAILY;COUNT=5', 'RDATE:20260201T100000Z', 'LOCATION:x'],
      ['SUMMARY:b', 'RECURRENCE-ID:20260106T100000Z', 'DTSTART:20260108T110000Z'],
      ['SUMMARY:c', 'RECURRENCE-ID:20260301T100000Z', 'DTSTART:20260301T110000Z'],
      ['SUMMARY:d', 'RECURRENCE-ID:20260109T100000Z', 'DTSTART:20260109T100000Z', 'STATUS:CANCELLED'],
    ])
    expect(codes).toEqual(['dates_as_single', 'occurrence_moved_far', 'occurrence_cancelled'])
    expect(recurrence!.exceptions).toEqual([])
    expect(occurrencesOf(recurrence!, 9).map((at) => new Date(at).getUTCDate())).toEqual([5, 7, 8])
    expect(starts(projected)).toEqual(['2026-01-05T10:00', '2026-02-01T10:00', '2026-01-08T11:00', '2026-03-01T11:00'])
    expect(projected.map(({ message }) => message.properties.get(PidTagSubject))).toEqual(['a', 'a', 'b', 'c'])
    expect(projected[1]!.message.properties.get(PidLidLocation)).toBe('x')
  })

  it('keeps an occurrence that is changed and excluded', async () => {
    const { projected, codes, recurrence } = await seriesOf([
      ['SUMMARY:a', 'DTSTART:20260105T100000Z', 'RRULE:FREQ=DAILY;COUNT=5', 'EXDATE:20260106T100000Z'],
      ['SUMMARY:b', 'RECURRENCE-ID:20260106T100000Z', 'DTSTART:20260106T110000Z'],
    ])
    expect(codes).toEqual(['occurrence_excluded'])
    expect(recurrence!.exceptions).toEqual([])
    expect(occurrencesOf(recurrence!, 9).map((at) => new Date(at).getUTCDate())).toEqual([5, 7, 8, 9])
    expect(projected.map(({ message }) => message.properties.get(PidTagSubject))).toEqual(['a', 'b'])
    expect(starts(projected)).toEqual(['2026-01-05T10:00', '2026-01-06T11:00'])
  })

  it('keeps all changes of an occurrence, the latest as the one that counts', async () => {
    const { projected, codes, recurrence } = await seriesOf([
      ['SUMMARY:a', 'DTSTART:20260105T100000Z', 'RRULE:FREQ=DAILY;COUNT=3'],
      ['SUMMARY:old', 'SEQUENCE:1', 'RECURRENCE-ID:20260106T100000Z', 'DTSTART:20260106T110000Z'],
      ['SUMMARY:new', 'SEQUENCE:2', 'RECURRENCE-ID:20260106T100000Z', 'DTSTART:20260106T120000Z'],
      ['SEQUENCE:2', 'RECURRENCE-ID:20260107T100000Z', 'DTSTART:20260107T100000Z', 'STATUS:CANCELLED'],
      ['SUMMARY:was', 'SEQUENCE:1', 'RECURRENCE-ID:20260107T100000Z', 'DTSTART:20260107T110000Z'],
    ])
    expect(codes).toEqual(['occurrence_twice', 'occurrence_cancelled'])
    expect(recurrence!.exceptions.map(({ subject }) => subject)).toEqual(['new'])
    expect(projected.map(({ message }) => message.properties.get(PidTagSubject))).toEqual(['a', 'old', 'was'])
  })

  it.each([
    ['meet on one day', '20260107T150000Z', '20260107T090000Z'],
    ['pass each other', '20260109T090000Z', '20260107T090000Z'],
  ])('lets one of two changed occurrences that %s stand alone', async (_, first, second) => {
    const { projected, codes, recurrence } = await seriesOf([
      ['SUMMARY:a', 'DTSTART:20260105T100000Z', 'RRULE:FREQ=WEEKLY;COUNT=3'],
      ['SUMMARY:2', 'RECURRENCE-ID:20260112T100000Z', `DTSTART:${second}`],
      ['SUMMARY:1', 'RECURRENCE-ID:20260105T100000Z', `DTSTART:${first}`],
    ])
    expect(codes).toEqual(['occurrence_moved_far'])
    expect(recurrence!.exceptions.map(({ subject }) => subject)).toEqual(['1'])
    expect(projected.map(({ message }) => message.properties.get(PidTagSubject))).toEqual(['a', '2'])
  })

  it('begins with the first date the rule has, and keeps the start apart', async () => {
    const { projected, codes, recurrence } = await seriesOf([
      ['DTSTART:20260106T100000Z', 'RRULE:FREQ=WEEKLY;BYDAY=MO'],
    ])
    expect(codes).toEqual(['start_not_in_rule'])
    expect(new Date(toMs(recurrence!.startDate)).toISOString().slice(0, 10)).toBe('2026-01-12')
    expect(starts(projected)).toEqual(['2026-01-12T10:00', '2026-01-06T10:00'])
  })
})
