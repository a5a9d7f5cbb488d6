import { parse } from '@kenjiuno/msgreader/lib/AppointmentRecurParser.js'
import DataStream from '@kenjiuno/msgreader/lib/DataStream.js'
import { describe, expect, it } from 'vitest'
import { decodeRecurrence } from '../../../test/mapi/decode-recurrence.ts'
import { encodeRecurrence, minutesSince1601, type Recurrence } from './recurrence-blob.ts'

/** Its module is CommonJS, of which a test runner shows the inner default. */
const Stream = DataStream as unknown as typeof DataStream.default

const at = (text: string): number => minutesSince1601(Date.parse(`${text}Z`))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase()

/** Every Monday, Thursday and Friday from 10:00 to 10:30, twelve times, one changed: published in [MS-OXOCAL] §4.1.2. */
const published: Recurrence = {
  pattern: { kind: 'weekly', everyWeeks: 1, dayMask: 0x32 },
  start: at('2007-03-26T10:00'),
  durationMinutes: 30,
  firstDayOfWeek: 0,
  end: { kind: 'count', occurrences: 12, lastDay: at('2007-04-20T00:00') },
  deletedDays: [],
  exceptions: [
    {
      start: at('2007-04-16T11:00'),
      end: at('2007-04-16T11:30'),
      originalStart: at('2007-04-16T10:00'),
      subject: 'Simple Recurrence with exceptions',
      location: '34/4141',
    },
  ],
}
const publishedHex =
  '043004300B2001000000C0210000010000000000000032000000222000000C0000000000000001000000A096BC0C01000000A096BC0C8020BC0C20ADBC0C0630000009300000580200007602000001003499BC0C5299BC0CF898BC0C11002200210053696D706C6520526563757272656E6365207769746820657863657074696F6E730800070033342F34313431000000000400000000000000000000003499BC0C5299BC0CF898BC0C2100530069006D0070006C006500200052006500630075007200720065006E006300650020007700690074006800200065007800630065007000740069006F006E0073000700330034002F0034003100340031000000000000000000'

describe('the recurrence blob', () => {
  it('is what the specification publishes, byte for byte', () => {
    expect(hex(encodeRecurrence(published))).toBe(publishedHex)
  })

  it('keeps texts beyond Latin-1 in the extended part', () => {
    const [exception] = published.exceptions
    const blob = encodeRecurrence({
      ...published,
      exceptions: [{ ...exception!, subject: 'Встреча', location: 'Zürich' }],
    })
    expect(decodeRecurrence(blob).exceptions).toMatchObject([
      { narrowSubject: '???????', subject: 'Встреча', narrowLocation: 'Zürich', location: 'Zürich' },
    ])
  })

  it('sorts deleted days and exceptions, and lists the days the exceptions came from', () => {
    const exception = (day: string, to: string) => ({
      start: at(`${to}T10:00`),
      end: at(`${to}T10:30`),
      originalStart: at(`${day}T10:00`),
      busyStatus: 3,
    })
    const decoded = decodeRecurrence(
      encodeRecurrence({
        ...published,
        deletedDays: [at('2007-04-05T00:00')],
        exceptions: [exception('2007-04-12', '2007-04-11'), exception('2007-03-29', '2007-03-28')],
      }),
    )
    const days = ['2007-03-29', '2007-04-05', '2007-04-12'].map((day) => at(`${day}T00:00`))
    expect(decoded.deleted).toEqual(days)
    expect(decoded.modified).toEqual([at('2007-03-28T00:00'), at('2007-04-11T00:00')])
    expect(decoded.exceptions.map(({ start, busyStatus }) => [start, busyStatus])).toEqual([
      [at('2007-03-28T10:00'), 3],
      [at('2007-04-11T10:00'), 3],
    ])
  })

  it.each([
    [{ kind: 'daily', everyDays: 3 }, 0x200a, 0, 3 * 1440],
    [{ kind: 'monthDay', unit: 'month', every: 2, day: 31 }, 0x200c, 2, 2],
    [{ kind: 'monthDay', unit: 'year', every: 1, day: 26 }, 0x200d, 2, 12],
    [{ kind: 'monthNth', unit: 'month', every: 1, dayMask: 2, nth: 5 }, 0x200c, 3, 1],
    [{ kind: 'monthNth', unit: 'year', every: 2, dayMask: 0x3e, nth: 1 }, 0x200d, 3, 24],
  ] as const)('%j is read by another reader', (pattern, frequency, type, period) => {
    const blob = encodeRecurrence({ ...published, pattern, end: { kind: 'never' }, exceptions: [] })
    const read = parse(new Stream(blob, 0, true), '')
    expect(read.recurrencePattern).toMatchObject({
      recurFrequency: frequency,
      patternType: type,
      period,
      endType: 0x2023,
    })
    expect(read.recurrencePattern.endDate).toBe(0x5ae980df)
    expect(read).toMatchObject({ startTimeOffset: 600, endTimeOffset: 630 })
  })
})
