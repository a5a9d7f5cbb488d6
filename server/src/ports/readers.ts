import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import type { ItemRecord } from './archive-index.ts'
import type { ItemIssue, SourceFolder, SourceSpec } from './source.ts'

/** A packed item: its record, what can be searched of it, and how its bytes stand in the archive. */
export type PackedEntry = {
  readonly folderIndex: number
  readonly record: ItemRecord
  readonly fields: ItemFields
  readonly method: 0 | 8
  readonly crc32: number
  readonly compressedBytes: number
}

/** Small items: local headers and data, one after the other, ready to be appended as they are. */
export type PackedBatch = {
  readonly form: 'batch'
  readonly bytes: Uint8Array
  readonly entries: readonly (PackedEntry & { readonly offsetInBatch: number })[]
}
/** One item whose compressed bytes were too many to hold: they lie in a file of the work folder, without a local header. */
export type PackedSpool = { readonly form: 'spool'; readonly entry: PackedEntry; readonly path: string }
export type Packed = PackedBatch | PackedSpool

/** All refs of a folder, compact: a folder of 500,000 messages must not become 500,000 objects that stay. */
export type CompactListing = {
  readonly expectedCount: number
  readonly refs: Uint32Array | readonly string[]
  /** 0 where the server does not say. */
  readonly sizes: Float64Array
  /** NaN where there is none. */
  readonly receivedAtMs: Float64Array
  readonly issues: readonly ItemIssue[]
}

export type ReadTask = {
  readonly sourceIndex: number
  readonly folderIndex: number
  readonly refs: Uint32Array | readonly string[]
}

/**
 * Readers that work side by side, each with its own connection to the sources: at most `size` calls are carried out at once, more wait.
 * A passing failure of a connection is mended by a new one, and only what is still missing is read again. Every call rejects
 * as `Source` does, or with `worker_died`; after an abort of `signal` everything settles within seconds.
 */
export type Readers = {
  folders(sourceIndex: number): Promise<readonly SourceFolder[]>
  list(sourceIndex: number, folder: SourceFolder): Promise<CompactListing>
  /**
   * Reads and packs. `onPacked` is awaited: while the consumer is busy, the reader waits, and with it the server. Its bytes may be used until
   * its promise is settled. Each ref comes out once: in a packed entry, or as a lost issue. What was packed before a failure comes out before
   * the call rejects; after an abort nothing comes out any more. `onBytes` gets a negative number for what has to be read a second time.
   */
  read(
    task: ReadTask,
    receive: { onPacked(packed: Packed): Promise<void>; onIssue(issue: ItemIssue): void; onBytes(bytes: number): void },
  ): Promise<void>
  /** All folders in canonical order, once, before the first `read`: names of entries follow from them. */
  layOut(folders: readonly SourceFolder[]): void
  readonly size: number
  close(): Promise<void>
}

export type OpenReaders = (
  options: { readonly sources: readonly SourceSpec[]; readonly size: number; readonly workFolder: string },
  signal: AbortSignal,
) => Readers
