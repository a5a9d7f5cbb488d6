import { describe, expect, test } from 'vitest'
import { readFromLine } from './from-line.ts'
import { fromLine } from './mboxrd.ts'

const iso = (line: string): string | null => {
  const ms = readFromLine(line)?.receivedAtMs ?? null
  return ms === null ? null : new Date(ms).toISOString()
}

describe('a "From " line', () => {
  test.each([
    ['From a@b.example Tue Feb  3 03:05:06 2026', '2026-02-03T03:05:06.000Z'],
    ['From MAILER-DAEMON Fri Jul  8 12:08:34 2011', '2011-07-08T12:08:34.000Z'],
    ['From - Wed Jan 15 09:10:11 2025', '2025-01-15T09:10:11.000Z'],
    ['From 1790@xxx Thu Aug 01 10:11:12 +0200 2019', '2019-08-01T08:11:12.000Z'],
    ['From a@b Thu Aug  1 10:11:12 2019 -0330', '2019-08-01T13:41:12.000Z'],
    ['From a@b Thu Aug  1 10:11:12 CET 2019', '2019-08-01T10:11:12.000Z'],
    ['From a@b Fri, 08 Jul 2011 12:08:34 +0200', '2011-07-08T10:08:34.000Z'],
    ['From uucp Sat Jan  3 01:05 1996 remote from host', '1996-01-03T01:05:00.000Z'],
    ['From "Old, Name" Mon Dec 31 23:59:59 2029', '2029-12-31T23:59:59.000Z'],
    ['From a@b Thu Feb 29 10:00:00 2024', '2024-02-29T10:00:00.000Z'],
  ])('%s', (line, expected) => expect(iso(line)).toBe(expected))

  test.each([
    'From now on it is Tuesday',
    'From a@b',
    'From ',
    'From a@b Wed Feb 31 10:00:00 2024',
    'From a@b Tue Xyz  3 03:05:06 2026',
    'From a@b Tue Feb  3 25:05:06 2026',
    'From a@b Tue Feb  3 03:05:06 2026 he wrote',
  ])('%s has no date', (line) => expect(readFromLine(line)?.receivedAtMs).toBeNull())

  test.each(['from a@b Tue Feb  3 03:05:06 2026', '>From x', '', ' From x'])('%j is none', (line) =>
    expect(readFromLine(line)).toBeNull(),
  )

  test('as it is written here is read again', () => {
    const at = new Date('2031-11-09T08:07:06Z')
    const line = Buffer.from(fromLine('anna@sample.example', at)).toString().trimEnd()
    expect(readFromLine(line)).toEqual({ sender: 'anna@sample.example', receivedAtMs: at.getTime() })
  })
})
