import { expect, test } from 'vitest'
import { dayAhead, daysToWarn, endOfDay, expiryText } from './expiry.ts'

const now = Date.parse('2026-11-22T15:00:00.000Z')

test.each([
  [null, 7, null],
  ['2026-11-30T15:00:00.000Z', 7, null],
  ['2026-11-29T15:00:00.000Z', 7, 7],
  ['2026-11-24T16:00:00.000Z', 7, 2],
  ['2026-11-22T16:00:00.000Z', 7, 0],
  ['2026-11-21T16:00:00.000Z', 7, 0],
  ['2026-11-23T16:00:00.000Z', 0, null],
])('of %s with a warning %i days ahead, %s days are told', (expiresAt, warningDays, days) => {
  expect(daysToWarn(expiresAt, warningDays, now)).toBe(days)
})

test('days in words', () => {
  expect([0, 1, 2].map(expiryText)).toEqual(['expires within a day', 'expires in 1 day', 'expires in 2 days'])
})

test('the chosen day is still kept, and a day that is over cannot be chosen', () => {
  expect(dayAhead(30, now)).toBe('2026-12-22')
  expect(endOfDay('2026-12-24', now)).toBe('2026-12-25T00:00:00.000Z')
  expect(endOfDay('2026-11-22', now)).toBe('2026-11-23T00:00:00.000Z')
  expect(endOfDay('2026-11-21', now)).toBeNull()
  expect(endOfDay('', now)).toBeNull()
})
