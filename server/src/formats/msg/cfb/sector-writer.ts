import { Buffer } from 'node:buffer'
import type { WritableFile } from '../../mapi/writable-file.ts'

export const sectorBytes = 512
export const sectorsFor = (sizeBytes: number): number => Math.ceil(sizeBytes / sectorBytes)

export type SectorWriter = {
  /** The bytes may be reused once the promise is settled. */
  append(bytes: Uint8Array): Promise<void>
  /** Zeros up to the end of the sector. */
  pad(): void
  /** Writes out what is held. */
  flush(): Promise<void>
}

/** Writes a file in steps of `bufferBytes`, a multiple of the sector. The first sector is left for the header. */
export const createSectorWriter = (file: WritableFile, bufferBytes: number): SectorWriter => {
  const buffer = Buffer.allocUnsafe(bufferBytes)
  let filledBytes = 0
  let offset = sectorBytes

  const flush = async (): Promise<void> => {
    if (filledBytes === 0) return
    await file.write(offset, buffer.subarray(0, filledBytes))
    offset += filledBytes
    filledBytes = 0
  }

  return {
    flush,
    append: async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        if (filledBytes === bufferBytes) await flush()
        const count = Math.min(bytes.length - at, bufferBytes - filledBytes)
        buffer.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), filledBytes)
        filledBytes += count
        at += count
      }
    },
    pad: () => {
      const end = sectorsFor(filledBytes) * sectorBytes
      buffer.fill(0, filledBytes, end)
      filledBytes = end
    },
  }
}
