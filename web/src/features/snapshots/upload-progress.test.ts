import { expect, test } from 'vitest'
import { uploadedShare, uploadTimeLeft } from './upload-progress.ts'

const half = { bytesDone: 500e6, bytesExpected: 1_000e6, bytesPerSecond: 5e6 }

test('half of it is half of it, and the rest takes what the rate says', () => {
  expect(uploadedShare(half)).toBe(0.5)
  const left = uploadTimeLeft(half)
  expect(left?.fromSeconds).toBeCloseTo(70)
  expect(left?.toSeconds).toBeCloseTo(130)
})

test.each([
  [{ bytesExpected: null }, null],
  [{ bytesExpected: 0, bytesDone: 0 }, 1],
  [{ bytesDone: 1_000e6 }, 1],
])('%j: the share is %s and no time is guessed', (change, share) => {
  expect(uploadedShare({ ...half, ...change })).toBe(share)
  expect(uploadTimeLeft({ ...half, ...change })).toBeNull()
})

test('without a rate no time is guessed', () => {
  expect(uploadTimeLeft({ ...half, bytesPerSecond: null })).toBeNull()
  expect(uploadTimeLeft({ ...half, bytesPerSecond: 0 })).toBeNull()
})
