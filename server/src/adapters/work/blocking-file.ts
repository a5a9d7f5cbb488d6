import { fstatSync, openSync, readSync } from 'node:fs'

const slabBytes = 1 << 20

/**
 * A file for a thread that has nothing to do until the bytes are there: to read at once costs less than to ask another thread and to be woken.
 * Open until the thread ends. Throws what the system says.
 */
export const openBlockingFile = (path: string) => {
  const descriptor = openSync(path, 'r')
  // One allocation for many small reads: each on its own would be garbage outside of V8's heap.
  let slab = Buffer.alloc(0)
  let used = 0
  const take = (lengthBytes: number): Buffer => {
    if (lengthBytes > slabBytes / 8) return Buffer.allocUnsafe(lengthBytes)
    if (used + lengthBytes > slab.length) {
      slab = Buffer.allocUnsafeSlow(slabBytes)
      used = 0
    }
    used += lengthBytes
    return slab.subarray(used - lengthBytes, used)
  }
  return {
    sizeBytes: fstatSync(descriptor).size,
    read: async (offset: number, lengthBytes: number): Promise<Uint8Array> => {
      const bytes = take(lengthBytes)
      let done = 0
      while (done < lengthBytes) {
        const count = readSync(descriptor, bytes, done, lengthBytes - done, offset + done)
        if (count === 0) return bytes.subarray(0, done)
        done += count
      }
      return bytes
    },
  }
}
