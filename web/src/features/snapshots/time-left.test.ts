import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { expect, test } from 'vitest'
import { timeLeft, timeLeftText } from './time-left.ts'

const startedAt = '2026-11-19T12:00:00.000Z'
const afterMs = (ms: number) => Date.parse(startedAt) + ms
const progress = { ...noProgress, bytesDone: 600e6, bytesExpected: 1_800e6, bytesPerSecond: 10e6 }

test('the range lies between the rate of now and the rate of the whole time', () => {
  const left = timeLeft({ progress, startedAt }, afterMs(120_000))
  // 1,200 MB at 10 MB/s are 120 s, at 5 MB/s 240 s; 15 % more on either end.
  expect(left?.fromSeconds).toBeCloseTo(102)
  expect(left?.toSeconds).toBeCloseTo(276)
})

test.each([
  [{ bytesExpected: null }, 120_000],
  [{ bytesPerSecond: null }, 120_000],
  [{ bytesPerSecond: 0 }, 120_000],
  [{ bytesDone: 0 }, 120_000],
  [{ bytesDone: 1_800e6 }, 120_000],
  [{}, 2_000],
])('nothing is guessed: %j after %i ms', (change, ms) => {
  expect(timeLeft({ progress: { ...progress, ...change }, startedAt }, afterMs(ms))).toBeNull()
})

test('nothing is guessed before the start', () => {
  expect(timeLeft({ progress, startedAt: null }, afterMs(60_000))).toBeNull()
})

test.each([
  [1, 3, 'up to 5\u00a0s left'],
  [12, 28, '10 to 30\u00a0s left'],
  [40, 100, 'up to 2\u00a0min left'],
  [102, 276, '2 to 5\u00a0min left'],
  [250, 298, '4 to 5\u00a0min left'],
  [300, 300, 'about 5\u00a0min left'],
  [5_000, 9_100, '1.5 to 3\u00a0h left'],
])('%i to %i seconds read “%s”', (fromSeconds, toSeconds, text) => {
  expect(timeLeftText({ fromSeconds, toSeconds })).toBe(text)
})
