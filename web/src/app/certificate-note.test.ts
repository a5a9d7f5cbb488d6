import { expect, test } from 'vitest'
import { daysToWarnOf } from './certificate-note.tsx'

const now = Date.parse('2026-11-22T12:00:00Z')

test.each([
  ['2027-11-22T12:00:00Z', null],
  ['2026-12-23T12:00:01Z', null],
  ['2026-12-23T11:59:59Z', 30],
  ['2026-11-23T13:00:00Z', 1],
  ['2026-11-22T13:00:00Z', 0],
  ['2026-11-21T13:00:00Z', 0],
])('a certificate that ends %s: %s', (validTo, days) => {
  expect(daysToWarnOf({ subject: 'CN=Anna', fingerprint: 'AB', validTo }, now)).toBe(days)
})
