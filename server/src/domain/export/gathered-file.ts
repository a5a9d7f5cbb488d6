import { Buffer } from 'node:buffer'
import type { DraftFile } from '../../ports/draft-file.ts'

const windowBytes = 256 * 1024

/** A file that is appended to in small pieces and written in large ones. */
export type GatheredFile = {
  append(bytes: Uint8Array): void | Promise<void>
  /** Everything appended is in the file then. */
  flush(): Promise<void>
}

export const gathered = (file: DraftFile): GatheredFile => {
  const window = Buffer.allocUnsafe(windowBytes)
  let filled = 0
  const flush = async () => {
    if (filled === 0) return
    const bytes = window.subarray(0, filled)
    filled = 0
    await file.append(bytes)
  }
  const appendAfterFlush = async (bytes: Uint8Array) => {
    await flush()
    if (bytes.length >= windowBytes) return file.append(bytes)
    window.set(bytes)
    filled = bytes.length
  }
  return {
    append: (bytes) => {
      if (filled + bytes.length > windowBytes) return appendAfterFlush(bytes)
      window.set(bytes, filled)
      filled += bytes.length
    },
    flush,
  }
}
