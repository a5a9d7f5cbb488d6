import type { ZipEntry } from '../../formats/zip/local-header.ts'
import { createZipWriter } from '../../formats/zip/zip-writer.ts'
import type { ArchiveIndexBuilder, EntryPlace } from '../../ports/archive-index.ts'
import type { DraftFile, WorkFiles } from '../../ports/draft-file.ts'
import type { Packed, PackedEntry } from '../../ports/readers.ts'
import { modifiedAt } from './item-packer.ts'

const copyBytes = 1024 * 1024

/** Everything of a file, in large pieces. */
export const readAll = async function* (file: {
  readonly sizeBytes: number
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.sizeBytes; at += copyBytes)
    yield await file.read(at, Math.min(copyBytes, file.sizeBytes - at))
}

const zipEntryOf = ({ record, method, crc32, compressedBytes }: PackedEntry): ZipEntry => ({
  name: record.entry,
  method,
  crc32,
  compressedBytes,
  sizeBytes: record.sizeBytes,
  modifiedAt: modifiedAt(record.internalDate),
})

/** The archive while it grows: a ZIP in the work folder and the rows of its index, always in step. */
export type ArchiveDraft = {
  /** Calls may overlap; the writer takes them one after the other. Answers the entries once they are written. */
  append(packed: Packed): Promise<readonly PackedEntry[]>
  appendFile(entry: ZipEntry, data: AsyncIterable<Uint8Array>): Promise<void>
  /** Bytes of what was appended so far. */
  readonly file: DraftFile
  /** Writes the central directory and flushes to the disk. */
  finish(): Promise<{ readonly sizeBytes: number }>
  /** Waits for what is being appended, then closes: nothing is written afterwards, to the file or to the index. */
  close(): Promise<void>
}

export const createArchiveDraft = async (files: WorkFiles, index: ArchiveIndexBuilder): Promise<ArchiveDraft> => {
  const file = await files.create('archive.zip.part')
  const central = await files.create('central-directory.part')
  const zip = createZipWriter({
    write: (bytes) => file.append(bytes),
    spool: { append: (bytes) => central.append(bytes), read: () => readAll(central) },
  })
  const addRows = (entries: readonly PackedEntry[], offsets: readonly number[]) =>
    index.add(
      entries.map(({ record, fields, folderIndex, method, crc32, compressedBytes }, at) => {
        const place: EntryPlace = { headerOffset: offsets[at]!, compressedBytes, method, crc32 }
        return { record, fields, folderNo: folderIndex, place }
      }),
    )

  const running = new Set<Promise<unknown>>()
  const write = async (packed: Packed): Promise<readonly PackedEntry[]> => {
    if (packed.form === 'batch') {
      const entries = packed.entries.map((entry) => ({ ...zipEntryOf(entry), offsetInBatch: entry.offsetInBatch }))
      addRows(packed.entries, await zip.append(packed.bytes, entries))
      return packed.entries
    }
    const spool = await files.open(packed.path)
    try {
      addRows([packed.entry], [await zip.appendStream(zipEntryOf(packed.entry), readAll(spool))])
    } finally {
      await spool.close()
      await files.remove(packed.path)
    }
    return [packed.entry]
  }

  return {
    file,
    append: async (packed) => {
      const written = write(packed)
      running.add(written)
      try {
        return await written
      } finally {
        running.delete(written)
      }
    },
    appendFile: async (entry, data) => {
      await zip.appendStream(entry, data)
    },
    finish: async () => {
      const { sizeBytes } = await zip.finish()
      await file.finish()
      await central.close()
      await files.remove(central.path)
      return { sizeBytes }
    },
    close: async () => {
      // A reader that failed or was aborted does not wait for what it had handed on.
      await Promise.allSettled(running)
      await file.close()
      await central.close()
    },
  }
}
