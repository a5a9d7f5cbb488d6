import { describe, expect, test } from 'vitest'
import { Instant, isWithin } from './date-range.ts'

describe('an instant', () => {
  test.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    [' 2024-02-29 ', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T08:30', '2026-01-31T08:30:00.000Z'],
    ['2026-01-31 08:30:15.5z', '2026-01-31T08:30:15.500Z'],
    ['2026-03-29T02:30:00+02:00', '2026-03-29T00:30:00.000Z'],
    ['2026-01-01T00:00:00+0200', '2025-12-31T22:00:00.000Z'],
    ['2026-01-31T24:00:00Z', '2026-02-01T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(Instant.parse(text)).toBe(iso)
  })

  // Outside of the years 1 to 9999 the text neither sorts as the time does, nor does every database take it.
  test.each([
    '2026-02-30',
    '2025-02-29',
    '20260131',
    '2026-01-31T25:00Z',
    '2016-12-31T23:59:60Z',
    '2026-01-31T08:30:00+99:00',
    '0000-01-01',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T24:00:00Z',
    '9999-12-31T23:59:59-02:00',
    '',
  ])('%j is none', (text) => {
    expect(Instant.safeParse(text).error?.issues[0]?.message).toMatch(/^not a date: write it as 2026-01-31/)
  })
})

test('a range holds its start and not its end', () => {
  const range = { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.000Z' }
  const at = (iso: string) => isWithin(range, Date.parse(iso))
  expect([at('2025-12-31T23:59:59.999Z'), at(range.start), at('2026-01-31T23:59:59.999Z'), at(range.end)]).toEqual([
    false,
    true,
    true,
    false,
  ])
})
