import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { ZipReader } from '../../formats/zip/read-zip.ts'
import type { ArchiveIndex, EntryPlace, ItemRecord } from '../../ports/archive-index.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import { itemLine } from './item-line.ts'
import { entryNames, type Manifest } from './manifest.ts'
import type { FaultList } from './verify-faults.ts'

export type IndexAccess = {
  /** Takes a copy of index.sqlite while it is read. */
  readonly files: WorkFiles
  /** Of the copy; nobody else uses it. */
  readonly copyName: string
  readonly open: (path: string) => ArchiveIndex
}

/** Compares index.sqlite with the list while that is read; every call for itself never throws. */
export type IndexComparison = {
  /** The next line of items.jsonl, and where its entry lies; null where a line is none, or its entry is missing. */
  next(record: ItemRecord | null, place: EntryPlace | null): void
  /** After the last line. */
  end(): void
  close(): void
}

/** One row too few makes every row after it another. */
const mostRowsTold = 20

/**
 * The index is derived, and what lists, searches and exports read: if it leaves an item out or points at another, nobody would see it
 * in the hashes when whoever signed made it so. Rows, places and folders are compared, one row at a time; titles and words are not, which
 * would mean to read every header again.
 * @throws AppError `disk_full`, `store_failed` of the copy; `signal.reason`
 */
export const openIndexComparison = async (
  zip: ZipReader,
  { folders }: Manifest,
  { files, copyName, open }: IndexAccess,
  faults: FaultList,
  signal?: AbortSignal,
): Promise<IndexComparison> => {
  const differs = (text: string) => faults.add(entryNames.index, 'index_differs', text)
  const index = await openCopy(zip, files, copyName, open, signal).catch((error: unknown) => {
    differs(reasonOf(error))
    return null
  })
  if (index === null) return { next: () => {}, end: () => {}, close: () => {} }

  let rows: ReturnType<ArchiveIndex['records']> | null = index.records()
  let rowsTold = 0
  let lineNo = 0
  const tell = (text: string) => {
    differs(text)
    if (++rowsTold === mostRowsTold) stop()
  }
  const stop = () => {
    rows?.return?.()
    rows = null
  }
  const nextRow = () => {
    try {
      const row = rows?.next()
      return row === undefined || row.done ? null : row.value
    } catch (error) {
      differs(reasonOf(error))
      stop()
      return null
    }
  }
  compareFolders(index, folders, differs)

  return {
    next: (record, place) => {
      lineNo++
      if (rows === null) return
      const row = nextRow()
      if (rows === null) return
      if (row === null) {
        differs(`it ends after row ${lineNo - 1}, and items.jsonl goes on`)
        stop()
      } else if (row.no !== lineNo) tell(`its row ${row.no} stands where row ${lineNo} belongs`)
      else if (record !== null && itemLine(row.record) !== itemLine(record))
        tell(`its row ${lineNo} is not line ${lineNo} of items.jsonl, “${record.entry}”`)
      else if (record !== null && place !== null && !isSamePlace(row.place, place))
        tell(`its row ${lineNo} does not say where “${record.entry}” lies`)
    },
    end: () => {
      if (rows !== null && nextRow() !== null) differs(`it has more rows than the ${lineNo} lines of items.jsonl`)
    },
    close: () => {
      stop()
      index.close()
    },
  }
}

const openCopy = async (
  zip: ZipReader,
  files: WorkFiles,
  name: string,
  open: IndexAccess['open'],
  signal?: AbortSignal,
): Promise<ArchiveIndex> => {
  const entry = await zip.find(entryNames.index, signal)
  if (entry === null) throw new Error('a listed entry is gone')
  const copy = await files.create(name)
  try {
    try {
      for await (const chunk of zip.openEntry(entry, signal)) await copy.append(chunk)
    } finally {
      await copy.close()
    }
    return open(copy.path)
  } finally {
    // An open file can be read after its name is gone, so that nothing is left behind whatever happens. Where a system refuses that, the
    // one who gave the folder removes it.
    await files.remove(copy.path).catch(() => {})
  }
}

/** What is wrong with the index; any other error is none of the archive's, and passes. */
const reasonOf = (error: unknown): string => {
  if (!isAppError(error, 'archive_invalid')) throw error
  return String(error.details.reason)
}

const compareFolders = (index: ArchiveIndex, folders: Manifest['folders'], differs: (text: string) => void): void => {
  const rows = index.folders()
  if (rows.length !== folders.length) {
    differs(`it has ${rows.length} folders; the manifest has ${folders.length}`)
    return
  }
  let firstNo = 1
  for (const [folderNo, { kind, label, taken, takenBytes }] of folders.entries()) {
    const row = rows[folderNo]
    const isSame =
      row?.folderNo === folderNo &&
      row.kind === kind &&
      row.label === label &&
      row.itemCount === taken &&
      row.sizeBytes === takenBytes &&
      row.firstNo === (taken === 0 ? null : firstNo)
    if (!isSame) {
      differs(`its folder ${folderNo} is not as the manifest has “${label}”`)
      return
    }
    firstNo += taken
  }
}

const isSamePlace = (a: EntryPlace, b: EntryPlace): boolean =>
  a.headerOffset === b.headerOffset &&
  a.compressedBytes === b.compressedBytes &&
  a.method === b.method &&
  a.crc32 === b.crc32
