import type { EntryPlace } from './archive-index.ts'

/** An item that is to be read: where it lies, and what it must be. */
export type WantedItem = {
  readonly entry: string
  readonly sizeBytes: number
  /** Lower-case hexadecimal. */
  readonly sha256: string
  readonly place: EntryPlace
}

/** What became of it. `held` bytes are good until its batch is released; a `spool` is a file of the work folder that is the caller's to remove. */
export type ReadItem =
  | { readonly form: 'held'; readonly bytes: Uint8Array }
  | { readonly form: 'spool'; readonly path: string }
  | { readonly form: 'damaged'; readonly code: string; readonly text: string }

/** The items that were wanted, in the same order. */
export type ReadBatch = { readonly items: readonly ReadItem[]; release(): void }

/** Reads items of one archive beside whoever works on those before, and compares each with its SHA-256. */
export type ItemReader = {
  /**
   * Calls may overlap; they are answered in their order.
   * @throws AppError `disk_full`, `store_failed`, `worker_died`, `out_of_memory`; `signal.reason`
   */
  read(wanted: readonly WantedItem[]): Promise<ReadBatch>
  /** Ends it. Never rejects. */
  close(): Promise<void>
}

/** `workFolder` takes what is too large for memory. */
export type OpenItemReader = (
  from: { readonly archivePath: string; readonly workFolder: string },
  signal: AbortSignal,
) => ItemReader
