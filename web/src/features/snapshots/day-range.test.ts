import { expect, test } from 'vitest'
import { dayPresets, rangeText, toInstants } from './day-range.ts'

test('the last day is included: the range ends at the following midnight', () => {
  expect(toInstants({ firstDay: '2026-02-01', lastDay: '2026-02-28' })).toEqual({
    start: '2026-02-01T00:00:00.000Z',
    end: '2026-03-01T00:00:00.000Z',
  })
})

test('a day that is not given is left out', () => {
  expect(toInstants({ firstDay: '', lastDay: '' })).toEqual({})
})

test('presets end today, counted in UTC', () => {
  const now = Date.parse('2026-11-19T23:30:00Z')
  expect(dayPresets.map(({ range }) => range(now))).toEqual([
    { firstDay: '2026-10-21', lastDay: '2026-11-19' },
    { firstDay: '2026-01-01', lastDay: '2026-11-19' },
    { firstDay: '2000-01-01', lastDay: '2026-11-19' },
  ])
})

test.each([
  ['2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z', '1 Feb 2026 to 28 Feb 2026'],
  ['2026-02-01T00:00:00.000Z', '2026-02-02T00:00:00.000Z', '1 Feb 2026'],
  ['2026-02-01T08:30:00.000Z', '2026-03-01T00:00:00.000Z', '2026-02-01 08:30:00 UTC to 28 Feb 2026'],
  [null, null, null],
])('%s until %s reads %s', (start, end, text) => {
  expect(rangeText(start, end, 'en-GB')).toBe(text)
})
