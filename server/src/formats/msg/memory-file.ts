import { Buffer } from 'node:buffer'
import type { WritableFile } from '../mapi/writable-file.ts'

export type MemoryFile = WritableFile & {
  /** What was written so far. */
  bytes(): Uint8Array
}

/** A file in memory that grows. */
export const createMemoryFile = (): MemoryFile => {
  let held = Buffer.alloc(0)
  let sizeBytes = 0
  return {
    write: async (offset, bytes) => {
      const end = offset + bytes.length
      if (end > held.length) {
        const larger = Buffer.alloc(Math.max(end, held.length * 2))
        larger.set(held.subarray(0, sizeBytes))
        held = larger
      }
      held.set(bytes, offset)
      sizeBytes = Math.max(sizeBytes, end)
    },
    bytes: () => held.subarray(0, sizeBytes),
  }
}
