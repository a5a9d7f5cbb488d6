import { Buffer } from 'node:buffer'
import { allocationSectors, entriesPerSector, marks, noSector, type Run } from './sector-chains.ts'

export const miniSectorBytes = 64
/** Shorter streams lie in the mini stream ([MS-CFB] §2.6.3). */
export const miniStreamCutoff = 4096

/** What holds the small streams of a compound file, one after the other. */
export type MiniStream = {
  /** What was added and is not dropped yet. */
  readonly heldBytes: number
  readonly sizeBytes: number
  readonly fatSectorCount: number
  /** Takes a stream, and answers the mini sector where it begins. */
  add(bytes: Uint8Array): number
  /** The first of what is held; valid until something is added or dropped. */
  held(lengthBytes: number): Uint8Array
  drop(lengthBytes: number): void
  /** The mini FAT. The yielded bytes are overwritten by the next. */
  fatSectors(): Generator<Uint8Array>
}

export const createMiniStream = (): MiniStream => {
  const runs: Run[] = []
  let sectorCount = 0
  let buffer = Buffer.allocUnsafe(16 * 1024)
  let heldBytes = 0

  const makeRoom = (neededBytes: number): void => {
    if (neededBytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(neededBytes, buffer.length * 2))
    larger.set(buffer.subarray(0, heldBytes))
    buffer = larger
  }

  return {
    get heldBytes() {
      return heldBytes
    },
    get sizeBytes() {
      return sectorCount * miniSectorBytes
    },
    get fatSectorCount() {
      return Math.ceil(sectorCount / entriesPerSector)
    },
    add: (bytes) => {
      if (bytes.length === 0) return noSector
      const start = sectorCount
      const count = Math.ceil(bytes.length / miniSectorBytes)
      const end = heldBytes + count * miniSectorBytes
      makeRoom(end)
      buffer.set(bytes, heldBytes)
      buffer.fill(0, heldBytes + bytes.length, end)
      heldBytes = end
      runs.push({ count, last: marks.endOfChain })
      sectorCount += count
      return start
    },
    held: (lengthBytes) => buffer.subarray(0, lengthBytes),
    drop: (lengthBytes) => {
      buffer.copyWithin(0, lengthBytes, heldBytes)
      heldBytes -= lengthBytes
    },
    fatSectors: () => allocationSectors(runs),
  }
}
