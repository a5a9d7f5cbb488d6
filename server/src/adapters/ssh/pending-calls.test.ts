import { describe, expect, test } from 'vitest'
import { createPendingCalls } from './pending-calls.ts'

describe('what waits for the server', () => {
  test('ends with the first failure, now and later', async () => {
    const calls = createPendingCalls(1_000)
    const lost = new Error('cut')
    const pending = [calls.wait(() => {}), calls.wait(() => {})]
    calls.fail(lost)
    calls.fail(new Error('only a consequence'))
    for (const one of pending) await expect(one).rejects.toBe(lost)
    await expect(calls.wait((resolve) => resolve(1))).rejects.toBe(lost)
    expect(calls.failure?.reason).toBe(lost)
  })

  test('hands on answers and refusals', async () => {
    const calls = createPendingCalls(1_000)
    const refused = new Error('no')
    await expect(calls.wait<number>((resolve) => resolve(7))).resolves.toBe(7)
    await expect(calls.wait((_, reject) => reject(refused))).rejects.toBe(refused)
    expect(calls.failure).toBeNull()
  })

  test('is overdue when nothing moves for as long as the most patient may wait', async () => {
    const calls = createPendingCalls(1_000)
    const now = performance.now()
    expect(calls.isOverdue(now + 1e9)).toBe(false)
    let settleFirst = () => {}
    const first = calls.wait<void>((resolve) => {
      settleFirst = resolve
    })
    calls.wait(() => {}, 5_000).catch(() => {})
    expect(calls.isOverdue(now + 4_000)).toBe(false)
    expect(calls.isOverdue(now + 6_000)).toBe(true)
    settleFirst()
    await first
    expect(calls.isOverdue(performance.now() + 4_000)).toBe(false)
  })
})
