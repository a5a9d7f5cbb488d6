import { expect, test } from 'vitest'
import { isVerifying, noteVerification, noteVerificationToast, takeVerified } from './verifications.ts'

test('a verification lasts until the snapshot has another instant, and its end is told once', () => {
  const before = { snapshotId: 'one', lastVerifiedAt: null }
  const after = { snapshotId: 'one', lastVerifiedAt: '2026-11-19T14:12:00.000Z' }
  expect(isVerifying(before)).toBe(false)
  noteVerification(before)
  noteVerificationToast('one', 7)
  expect(isVerifying(before)).toBe(true)
  expect(takeVerified(before)).toBeNull()
  expect(isVerifying(after)).toBe(false)
  expect(takeVerified(after)).toEqual({ toast: 7 })
  expect(takeVerified(after)).toBeNull()
})

test('a verification asked for elsewhere is nobody’s news here', () => {
  expect(takeVerified({ snapshotId: 'two', lastVerifiedAt: '2026-11-19T14:12:00.000Z' })).toBeNull()
})
