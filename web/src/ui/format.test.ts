import { describe, expect, test } from 'vitest'
import {
  bytesAmount,
  bytesText,
  countText,
  durationText,
  logMomentText,
  momentText,
  sshServerText,
  utcDayText,
} from './format.ts'

describe('sizes', () => {
  test.each([
    [0, '0', 'bytes'],
    [999, '999', 'bytes'],
    [1_000, '1', 'kB'],
    [8_240_000, '8.2', 'MB'],
    [123_400_000, '123', 'MB'],
    [10_500_000_000, '10.5', 'GB'],
    [7_000_000_000_000_000, '7,000', 'TB'],
  ])('%i bytes are %s %s', (bytes, value, unit) => {
    expect(bytesAmount(bytes, 'en')).toEqual({ value, unit })
  })
  test('follow the reader’s language', () => {
    expect(bytesText(8_240_000, 'de')).toBe('8,2\u00a0MB')
    expect(countText(4_312, 'de')).toBe('4.312')
  })
})

test.each([
  [420, '0.4 s'],
  [12_400, '12 s'],
  [185_000, '3 min 5 s'],
  [20, 'under 0.1 s'],
  [180_000, '3 min'],
  [7_800_000, '2 h 10 min'],
])('%i ms take %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

describe('moments', () => {
  const now = new Date(2026, 10, 19, 15, 0)
  test.each([
    [new Date(2026, 10, 19, 14, 12), '14:12'],
    [new Date(2026, 10, 16, 9, 5), 'Mon 09:05'],
    [new Date(2026, 10, 2, 9, 5), '2 Nov'],
    [new Date(2025, 10, 17, 9, 5), '17 Nov 2025'],
  ])('%s is %s', (at, text) => {
    expect(momentText(at, now, 'en-GB')).toBe(text)
  })
  test('in a log they have the second', () => {
    expect(logMomentText(new Date(2026, 10, 19, 14, 12, 3), now, 'en-GB')).toBe('19 Nov 14:12:03')
    expect(logMomentText(new Date(2025, 10, 19, 14, 12, 3), now, 'en-GB')).toBe('19 Nov 2025 14:12:03')
  })
  test('a day of a range stays the same day in every zone', () => {
    expect(utcDayText('2026-01-01T00:00:00.000Z', 'en-GB')).toBe('1 Jan 2026')
  })
})

test.each([
  ['vault.example.org', 22, 'backup@vault.example.org'],
  ['192.0.2.7', 2222, 'backup@192.0.2.7:2222'],
  ['2001:db8::7', 22, 'backup@[2001:db8::7]'],
])('a server %s at port %i is written %s', (host, port, text) => {
  expect(sshServerText({ username: 'backup', host, port })).toBe(text)
})
