import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { sideBySide } from './side-by-side.ts'

it('answers in the order of the items, some at a time', async () => {
  let under = 0
  let most = 0
  const answers = await sideBySide([30, 1, 20, 1, 1], 2, async (ms, index) => {
    most = Math.max(most, ++under)
    await sleep(ms)
    under--
    return index
  })
  expect(answers).toEqual([0, 1, 2, 3, 4])
  expect(most).toBe(2)
})

it('starts nothing after a failure, and rejects with the first once the others are through', async () => {
  const settled: number[] = []
  const started: number[] = []
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  try {
    const all = sideBySide([0, 1, 2, 3], 3, async (index) => {
      started.push(index)
      // The last one goes on long after the first has failed: that must not count as a failure nobody has seen.
      await sleep(index * 20)
      settled.push(index)
      if (index < 2) throw new Error(`failure ${index}`)
    })
    await expect(all).rejects.toThrow('failure 0')
  } finally {
    process.removeListener('unhandledRejection', note)
  }
  expect(started).toEqual([0, 1, 2])
  expect(settled).toEqual([0, 1, 2])
  expect(unhandled).toEqual([])
})
