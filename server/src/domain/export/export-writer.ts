import type { ExportedFile } from '@stillbox/shared/vocabulary/export-report.ts'
import type { Degradation } from '../../formats/mapi/message.ts'
import type { ItemRecord } from '../../ports/archive-index.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import type { Manifest, ManifestFolder } from '../archive/manifest.ts'
import type { FindMember } from './mapi/project-group.ts'
import type { RawItem } from './raw-item.ts'

/** One item on its way out of the archive. Its bytes have been found to be those that the archive lists. */
export type ExportItem = {
  readonly record: ItemRecord
  readonly folder: ManifestFolder
  /** Good until `add` has settled. */
  readonly raw: RawItem
  /** The same bytes as they lie in the archive, for a format that is a ZIP of the same items. */
  readonly packed: {
    readonly method: 0 | 8
    readonly crc32: number
    readonly compressedBytes: number
    open(signal: AbortSignal): AsyncIterable<Uint8Array>
  }
}

export type ItemOutcome =
  | { readonly outcome: 'written'; readonly degraded: readonly Degradation[] }
  | { readonly outcome: 'skipped'; readonly code: string; readonly text: string }

export const written: ItemOutcome = { outcome: 'written', degraded: [] }

/** What a writer may use. */
export type ExportTarget = {
  /** What is made: everything in here, under the names that `finish` answers. */
  readonly out: WorkFiles
  /** For what is needed on the way; the runner removes it all. */
  readonly work: WorkFiles
  /** How files are called that hold more than one folder: safe as the beginning of a file name, of 150 bytes at most. */
  readonly baseName: string
  readonly manifest: Manifest
  /** For groups of contacts, which name cards. */
  readonly findMember: FindMember
  /** Folders that are asked for, empty ones included, in canonical order. */
  readonly folders: readonly ManifestFolder[]
  /** A file grows no larger, if the format can be split. */
  readonly limitBytes: number
  readonly signal: AbortSignal
}

/** Writes one export. Items come in canonical order, folder by folder, one at a time. */
export type ExportWriter = {
  /** @throws AppError `disk_full`, `store_failed`; `signal.reason`. What is wrong with an item is an outcome, not an error. */
  add(item: ExportItem): Promise<ItemOutcome>
  /** Completes the files and writes them through to the disk. */
  finish(): Promise<readonly ExportedFile[]>
  /** Closes what is open, after a failure or the end. Never rejects. */
  close(): Promise<void>
}

export type ExportWriterKind = {
  readonly open: (target: ExportTarget) => Promise<ExportWriter>
  /** Bytes of disk for each byte of items, at most, work files included: an estimate. */
  readonly diskFactor: number
  /** What the format cannot hold of any item; told in each report. */
  readonly notes: readonly string[]
}
