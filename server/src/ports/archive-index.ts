import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'

/** One line of items.jsonl: what the entry is, and all that is needed to put it back. Keys that do not apply are absent. */
export type ItemRecord = {
  readonly entry: string
  readonly kind: ItemKind
  /** Path of the folder as `folderLabel` writes it. */
  readonly folder: string
  readonly sizeBytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly uid?: number
  readonly uidValidity?: string
  /** INTERNALDATE in ISO 8601 with the zone offset the server gave. */
  readonly internalDate?: string
  readonly flags?: readonly string[]
  readonly messageId?: string
  readonly modSeq?: string
  readonly emailId?: string
  readonly threadId?: string
  readonly href?: string
  readonly etag?: string
  /** UID property of a calendar object or vCard. */
  readonly objectUid?: string
}

/** Where the bytes of an entry lie in the archive, so that one is read without touching the rest. */
export type EntryPlace = {
  /** Of the local file header, in bytes from the start of the archive. */
  readonly headerOffset: number
  readonly compressedBytes: number
  /** 0 stored, 8 deflate (APPNOTE 4.4.5). */
  readonly method: 0 | 8
  readonly crc32: number
}

/** A row of the index. `folderNo` counts the folders in canonical order, so that (folderNo, ref) sorts the items canonically. */
export type IndexRow = {
  readonly record: ItemRecord
  readonly fields: ItemFields
  readonly place: EntryPlace
  readonly folderNo: number
}

/** The index of an archive while it is made: written once, in any order, in a file of its own. Nothing is held in memory per row. */
export type ArchiveIndexBuilder = {
  /** In canonical order, before any row; `label` as in `ItemRecord.folder`. */
  addFolders(folders: readonly { readonly folderNo: number; readonly kind: ItemKind; readonly label: string }[]): void
  add(rows: readonly IndexRow[]): void
  /** Every record so far in canonical order: (folderNo, uid, href). */
  records(): Iterable<{ readonly record: ItemRecord; readonly place: EntryPlace }>
  /** Builds the word index, writes everything, closes. The file then is complete and opens read-only. */
  finish(): void
  /** Closes without finishing; for failures. A second call does nothing. */
  abandon(): void
}

/** The index of a finished archive, opened read-only. */
export type ArchiveIndex = {
  count(): number
  folders(): readonly {
    readonly folderNo: number
    readonly kind: ItemKind
    readonly label: string
    /** `no` of its first item; null when it has none. */
    readonly firstNo: number | null
    readonly itemCount: number
    readonly sizeBytes: number
  }[]
  /**
   * Every record in canonical order, one at a time. The iterator is to be returned or read to its end before `close`.
   * @throws AppError `archive_invalid` at a row that cannot be one
   */
  records(): IterableIterator<{ readonly no: number; readonly record: ItemRecord; readonly place: EntryPlace }>
  /** A page of rows in canonical order after `after` (the rowid `no` of the last one). Words: all must occur, by prefix, diacritics and case folded. */
  page(
    filter: { readonly folderNo?: number; readonly kind?: ItemKind; readonly words?: string },
    page: { readonly limit: number; readonly after?: number },
  ): readonly (IndexRow & { readonly no: number })[]
  find(entry: string): IndexRow | null
  close(): void
}
