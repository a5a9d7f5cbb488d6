import { Buffer } from 'node:buffer'
import { centralFixedBytes } from './central-record.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { asBuffer, type CentralEntry, findDirectory, parseRecord, rawRecords } from './read-directory.ts'
import { type EntryFacts, readEntry, readPacked } from './read-entry.ts'

export type { RandomAccessFile } from './random-access-file.ts'
export type { CentralEntry } from './read-directory.ts'
export type { EntryFacts } from './read-entry.ts'

export type ZipReader = {
  readonly entryCount: number
  /** Where the central directory begins, and the last entry ends. */
  readonly directoryOffset: number
  /** All entries as the central directory has them; it is read in steps of 1 MiB and nothing is kept. */
  entries(signal?: AbortSignal): AsyncIterable<CentralEntry>
  /** The first entry with this name; null when there is none. The last entry is found at once, others by walking the directory. */
  find(name: string, signal?: AbortSignal): Promise<CentralEntry | null>
  /** The bytes of one entry, checked against the facts as they come. */
  openEntry(entry: EntryFacts, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** The data of one entry as it lies in the file, deflated or not. Only the local header is checked. */
  openPacked(entry: EntryFacts, signal?: AbortSignal): AsyncIterable<Uint8Array>
}

/**
 * Opens a ZIP file for reading at any place. Nothing but the end of the file is read until it is asked for, and what is
 * held in memory does not depend on the number or size of the entries.
 * @throws AppError `archive_invalid`
 */
export const openZip = async (file: RandomAccessFile): Promise<ZipReader> => {
  const directory = await findDirectory(file)
  const directoryEnd = directory.offset + directory.sizeBytes

  /** The last record, when it has this name: its length follows from the name, but for the ZIP64 field an offset beyond 4 GiB adds. */
  const findLast = async (name: Buffer): Promise<CentralEntry | null> => {
    for (const extraBytes of [0, 12]) {
      const length = centralFixedBytes + name.length + extraBytes
      if (length > directory.sizeBytes) continue
      const record = asBuffer(await file.read(directoryEnd - length, length))
      const isOne =
        record.length === length &&
        record.readUInt32LE(0) === 0x0201_4b50 &&
        record.readUInt16LE(28) === name.length &&
        record.readUInt16LE(30) === extraBytes &&
        record.readUInt16LE(32) === 0 &&
        record.subarray(centralFixedBytes, centralFixedBytes + name.length).equals(name)
      if (isOne) return parseRecord(record)
    }
    return null
  }

  return {
    entryCount: directory.entryCount,
    directoryOffset: directory.offset,
    async *entries(signal) {
      for await (const records of rawRecords(file, directory, signal))
        for (const record of records) yield parseRecord(record)
    },
    async find(name, signal) {
      const wanted = Buffer.from(name)
      const last = await findLast(wanted)
      if (last) return last
      for await (const records of rawRecords(file, directory, signal))
        for (const record of records)
          if (
            record.readUInt16LE(28) === wanted.length &&
            wanted.compare(record, centralFixedBytes, centralFixedBytes + wanted.length) === 0
          )
            return parseRecord(record)
      return null
    },
    openEntry: (entry, signal) => readEntry(file, directory.offset, entry, signal),
    openPacked: (entry, signal) => readPacked(file, directory.offset, entry, signal),
  }
}
