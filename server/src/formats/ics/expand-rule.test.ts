import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { expandRule } from './expand-rule.ts'
import { readRecurrenceRule, weekdays } from './recurrence-rule.ts'

const timeOf = (ms: number): ICAL.Time => {
  const text = new Date(ms).toISOString()
  return ICAL.Time.fromDateTimeString(text.slice(0, 19))
}
const toMs = (time: ICAL.Time): number =>
  Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)

const reference = (rule: string, startMs: number, count: number): number[] => {
  const iterator = ICAL.Recur.fromString(rule).iterator(timeOf(startMs))
  const found: number[] = []
  for (let at = iterator.next(); at && found.length < count; at = iterator.next()) found.push(toMs(at))
  return found
}
const expand = (rule: string, startMs: number, count: number): number[] => {
  const found: number[] = []
  for (const at of expandRule(readRecurrenceRule(rule)!, startMs, null)) {
    if (found.length === count) break
    found.push(at)
  }
  return found
}
const dates = (all: readonly number[]): string[] => all.map((at) => new Date(at).toISOString().slice(0, 10))

const days = fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 7 })
const rules = fc.oneof(
  fc.constant('FREQ=DAILY'),
  fc.constant('FREQ=WEEKLY'),
  days.map((listed) => `FREQ=WEEKLY;BYDAY=${listed.join(',')}`),
  fc
    .tuple(days, fc.constantFrom(...weekdays))
    .map(([listed, first]) => `FREQ=WEEKLY;BYDAY=${listed.join(',')};WKST=${first}`),
  fc.integer({ min: 1, max: 28 }).map((day) => `FREQ=MONTHLY;BYMONTHDAY=${day}`),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4, -1), fc.constantFrom(...weekdays))
    .map(([nth, day]) => `FREQ=MONTHLY;BYDAY=${nth}${day}`),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([month, day]) => `FREQ=YEARLY;BYMONTH=${month};BYMONTHDAY=${day}`),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 2, 3, 4, -1), fc.constantFrom(...weekdays))
    .map(([month, nth, day]) => `FREQ=YEARLY;BYMONTH=${month};BYDAY=${nth}${day}`),
)

describe('expanding a rule', () => {
  it('comes to what another implementation comes to', () => {
    fc.assert(
      fc.property(rules, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3000 }), (rule, interval, day) => {
        const text = `${rule};INTERVAL=${interval};COUNT=30`
        // From the first occurrence on: before it the two may differ, as the standard leaves it open.
        const near = Date.UTC(2020, 0, 1, 9, 30) + day * 86_400_000
        const [start] = expand(rule, near, 1)
        expect(dates(expand(text, start!, 30))).toEqual(dates(reference(text, start!, 30)))
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['FREQ=MONTHLY;BYMONTHDAY=31', '2026-01-31', ['2026-01-31', '2026-03-31', '2026-05-31']],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-31', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['FREQ=YEARLY', '2024-02-29', ['2024-02-29', '2028-02-29', '2032-02-29']],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-01-30', ['2026-01-30', '2026-02-27', '2026-03-31']],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '1997-05-12', ['1997-05-12', '1998-05-11', '1999-05-17']],
    [
      'FREQ=YEARLY;BYYEARDAY=1,100,-1;INTERVAL=3',
      '1997-01-01',
      ['1997-01-01', '1997-04-10', '1997-12-31', '2000-01-01'],
    ],
    ['FREQ=YEARLY;BYDAY=20MO', '1997-05-19', ['1997-05-19', '1998-05-18', '1999-05-17']],
    ['FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '1998-02-13', ['1998-02-13', '1998-03-13', '1998-11-13']],
    [
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO',
      '1997-08-05',
      ['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24'],
    ],
    [
      'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU',
      '1997-08-05',
      ['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31'],
    ],
    ['FREQ=DAILY;BYMONTH=1', '1998-01-30', ['1998-01-30', '1998-01-31', '1999-01-01']],
  ])('%s (examples of RFC 5545 §3.8.5.3 among them)', (rule, start, expected) => {
    expect(dates(expand(rule, Date.parse(`${start}T09:00:00Z`), expected.length))).toEqual(expected)
  })

  it('counts by the clock below a day', () => {
    const start = Date.UTC(1997, 8, 2, 9)
    const times = (rule: string) => expand(rule, start, 4).map((at) => new Date(at).toISOString().slice(11, 16))
    expect(times('FREQ=HOURLY;INTERVAL=3')).toEqual(['09:00', '12:00', '15:00', '18:00'])
    expect(times('FREQ=MINUTELY;INTERVAL=90')).toEqual(['09:00', '10:30', '12:00', '13:30'])
    expect(times('FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20')).toEqual(['09:00', '09:20', '10:00', '10:20'])
    expect(times('FREQ=HOURLY;BYMINUTE=0,30')).toEqual(['09:00', '09:30', '10:00', '10:30'])
  })

  it.each([
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=2',
    'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=SECONDLY;BYMONTHDAY=31;BYMONTH=2',
    'FREQ=MONTHLY;BYDAY=MO;BYSETPOS=7',
    'FREQ=YEARLY;INTERVAL=999999999;BYMONTH=2;BYMONTHDAY=30',
  ])('ends for %s, which never comes', (rule) => {
    expect(expand(rule, Date.UTC(2026, 0, 15), 1)).toEqual([])
  })

  it.each([
    '',
    'FREQ=FORTNIGHTLY',
    'FREQ=DAILY;INTERVAL=0',
    'FREQ=DAILY;RSCALE=HEBREW',
    'FREQ=WEEKLY;BYDAY=XX',
    'FREQ=DAILY;BYMONTH=13',
    'COUNT=3',
  ])('refuses "%s"', (rule) => expect(readRecurrenceRule(rule)).toBeNull())
})
