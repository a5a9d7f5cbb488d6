import { Buffer } from 'node:buffer'
import { crc32, deflateRawSync } from 'node:zlib'
import { localHeader, type ZipEntry } from './local-header.ts'
import { type CentralDirectorySpool, createZipWriter, type ZipWriter } from './zip-writer.ts'

/** A spool in memory, for archives that are small. */
export const memorySpool = (): CentralDirectorySpool => {
  const parts: Uint8Array[] = []
  return {
    append: (bytes) => {
      parts.push(bytes)
    },
    async *read() {
      yield* parts
    },
  }
}

export type MemoryZip = ZipWriter & {
  /** Appends one entry from its bytes; deflated unless `method` is 0. */
  add(name: string, bytes: Uint8Array | string, options?: { method?: 0 | 8; modifiedAt?: Date }): Promise<ZipEntry>
  bytes(): Uint8Array
}

/** A ZIP file made in memory, for tests and for archives that are small. */
export const createMemoryZip = (): MemoryZip => {
  const parts: Uint8Array[] = []
  const writer = createZipWriter({
    write: (bytes) => {
      parts.push(Uint8Array.from(bytes))
    },
    spool: memorySpool(),
  })
  return {
    append: writer.append,
    appendStream: writer.appendStream,
    finish: writer.finish,
    get positionBytes() {
      return writer.positionBytes
    },
    get entryCount() {
      return writer.entryCount
    },
    add: async (name, content, { method = 8, modifiedAt } = {}) => {
      const plain = Buffer.from(content)
      const data = method === 0 ? plain : deflateRawSync(plain)
      const entry: ZipEntry = {
        name,
        method,
        crc32: crc32(plain),
        sizeBytes: plain.length,
        compressedBytes: data.length,
        modifiedAt: modifiedAt ?? null,
      }
      await writer.append(Buffer.concat([localHeader(entry), data]), [{ ...entry, offsetInBatch: 0 }])
      return entry
    },
    bytes: () => Buffer.concat(parts),
  }
}
