import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { centralRecord, endRecords } from './central-record.ts'
import { entryBytes, localHeader, localSignature, type ZipEntry } from './local-header.ts'

/** Keeps the central directory until the end, outside memory. `read` answers everything appended, in order. */
export type CentralDirectorySpool = {
  append(bytes: Uint8Array): void | Promise<void>
  read(): AsyncIterable<Uint8Array>
}

export type ZipWriterNeeds = {
  /** Appends to the archive; awaited before the next call, so it is the back-pressure. The bytes may be reused afterwards. */
  write(bytes: Uint8Array): Promise<void> | void
  readonly spool: CentralDirectorySpool
}

export type BatchEntry = ZipEntry & {
  /** Of the entry's local header, in bytes from the start of the batch. */
  readonly offsetInBatch: number
}

export type ZipWriter = {
  /** Appends whole entries made elsewhere, local headers and data, one after the other. Answers the header offset of each. */
  append(batch: Uint8Array, entries: readonly BatchEntry[]): Promise<readonly number[]>
  /**
   * Appends one entry whose (compressed) data is streamed. Answers its header offset.
   * @throws Error when the data is not what the entry announced; the archive cannot be finished then.
   */
  appendStream(entry: ZipEntry, data: AsyncIterable<Uint8Array>): Promise<number>
  readonly positionBytes: number
  readonly entryCount: number
  finish(): Promise<{ readonly sizeBytes: number }>
}

/**
 * Writes a ZIP64 archive (APPNOTE 6.3.10) front to back. The same entries in the same order give the same bytes. Nothing is
 * kept in memory per entry. Calls may overlap: they are carried out one after the other. After a failure every call fails.
 */
export const createZipWriter = ({ write, spool }: ZipWriterNeeds): ZipWriter => {
  let positionBytes = 0
  let entryCount = 0
  let directoryBytes = 0
  let turn: Promise<unknown> = Promise.resolve()
  let isFinished = false

  // A rejected turn rejects all that follow: after half an entry nothing that comes could be read.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result
    result.catch(() => undefined)
    return result
  }
  const put = async (bytes: Uint8Array): Promise<void> => {
    await write(bytes)
    positionBytes += bytes.length
  }
  const list = async (records: readonly Uint8Array[]): Promise<void> => {
    const bytes = records.length === 1 ? records[0]! : Buffer.concat(records)
    await spool.append(bytes)
    directoryBytes += bytes.length
    entryCount += records.length
  }

  return {
    append: (batch, entries) =>
      inTurn(async () => {
        if (isFinished) throw new Error('the archive is finished')
        checkBatch(batch, entries)
        const start = positionBytes
        const offsets = entries.map((entry) => start + entry.offsetInBatch)
        await put(batch)
        if (entries.length > 0) await list(entries.map((entry, index) => centralRecord(entry, offsets[index]!)))
        return offsets
      }),

    appendStream: (entry, data) =>
      inTurn(async () => {
        if (isFinished) throw new Error('the archive is finished')
        const headerOffset = positionBytes
        await put(localHeader(entry))
        let dataBytes = 0
        let crc = 0
        for await (const chunk of data) {
          dataBytes += chunk.length
          if (dataBytes > entry.compressedBytes) throw new Error('an entry is longer than announced')
          if (entry.method === 0) crc = crc32(chunk, crc)
          await put(chunk)
        }
        if (dataBytes !== entry.compressedBytes) throw new Error('an entry is shorter than announced')
        if (entry.method === 0 && crc !== entry.crc32 >>> 0)
          throw new Error('an entry has another CRC-32 than announced')
        await list([centralRecord(entry, headerOffset)])
        return headerOffset
      }),

    get positionBytes() {
      return positionBytes
    },
    get entryCount() {
      return entryCount
    },

    finish: () =>
      inTurn(async () => {
        if (isFinished) throw new Error('the archive is finished')
        isFinished = true
        const offset = positionBytes
        for await (const bytes of spool.read()) await put(bytes)
        if (positionBytes - offset !== directoryBytes) throw new Error('the spool lost part of the central directory')
        await put(endRecords({ entryCount, offset, sizeBytes: directoryBytes }))
        return { sizeBytes: positionBytes }
      }),
  }
}

/** Whether the entries fill the batch without gap or overlap: a mistake here would only show when the archive is read. */
const checkBatch = (batch: Uint8Array, entries: readonly BatchEntry[]): void => {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  let end = 0
  for (const entry of entries) {
    if (entry.offsetInBatch !== end || end + 4 > batch.length || view.getUint32(end, true) !== localSignature)
      throw new Error('a batch has no local header where an entry should begin')
    end += entryBytes(entry)
  }
  if (end !== batch.length) throw new Error('the entries of a batch do not add up to its bytes')
}
