import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { uploadWindow } from './upload-window.ts'

const fileOf = (sizeBytes: number) => ({
  sizeBytes,
  read: async (offset: number, lengthBytes: number) => Buffer.alloc(lengthBytes, offset / 10),
})

describe('an upload with many writes on their way', () => {
  test('writes each byte once, keeps to its limits, and counts only what has no hole before it', async () => {
    const writes = new Map<number, number>()
    let onTheWay = 0
    let most = 0
    const seen: number[] = []
    await uploadWindow({
      file: fileOf(1005),
      startAt: 100,
      chunkBytes: 10,
      inFlight: 8,
      write: async (bytes, position) => {
        most = Math.max(most, ++onTheWay)
        expect(bytes.length).toBeLessThanOrEqual(10)
        expect(writes.has(position)).toBe(false)
        // Answers come in any order.
        await sleep(Math.random() * 3)
        writes.set(position, bytes.length)
        onTheWay--
      },
      onWritten: (bytesDone) => {
        for (let at = 100; at < bytesDone; at += 10) expect(writes.has(at)).toBe(true)
        seen.push(bytesDone)
      },
    })
    expect(most).toBe(8)
    expect([...writes.values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(905)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe(1005)
  })

  test('stops at the first failure, and settles when nothing is on its way any more', async () => {
    const broken = new Error('the disk of the test is full')
    let started = 0
    let settled = 0
    await expect(
      uploadWindow({
        file: fileOf(10_000),
        startAt: 0,
        chunkBytes: 10,
        inFlight: 4,
        write: async (_, position) => {
          started++
          await sleep(2)
          settled++
          if (position === 20) throw broken
        },
        onWritten: () => {},
      }),
    ).rejects.toBe(broken)
    expect(settled).toBe(started)
    expect(started).toBeLessThan(12)
  })

  test('has nothing to do at the end of the file', async () => {
    await uploadWindow({
      file: fileOf(50),
      startAt: 50,
      chunkBytes: 10,
      inFlight: 4,
      write: () => Promise.reject(new Error('nothing is to be written')),
      onWritten: () => {
        throw new Error('nothing was written')
      },
    })
  })
})
