import type { ErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { CompactListing, PackedBatch, PackedEntry } from '../../ports/readers.ts'
import type { ItemIssue, SourceFolder, SourceSpec } from '../../ports/source.ts'

/** What the thread is started with. */
export type ReaderStart = {
  readonly sources: readonly SourceSpec[]
  readonly workFolder: string
  readonly threadNo: number
}

/** To the thread. A call is answered by one `done` or `failed` with its id. */
export type ToReader =
  | { readonly type: 'folders'; readonly id: number; readonly sourceIndex: number }
  | { readonly type: 'list'; readonly id: number; readonly sourceIndex: number; readonly folder: SourceFolder }
  | { readonly type: 'layout'; readonly folders: readonly SourceFolder[] }
  | {
      readonly type: 'read'
      readonly id: number
      readonly sourceIndex: number
      readonly folderIndex: number
      readonly refs: Uint32Array | readonly string[]
    }
  /** What was packed is written; the buffer of a batch comes back to be filled again. */
  | { readonly type: 'written'; readonly buffer: ArrayBuffer | null }
  | { readonly type: 'abort' }
  | { readonly type: 'close' }

export type FromReader =
  | { readonly type: 'done'; readonly id: number; readonly value: readonly SourceFolder[] | CompactListing | null }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorForm | { readonly unexpected: string } }
  | {
      readonly type: 'batch'
      readonly id: number
      readonly buffer: ArrayBuffer
      readonly usedBytes: number
      readonly entries: PackedBatch['entries']
    }
  | { readonly type: 'spool'; readonly id: number; readonly entry: PackedEntry; readonly path: string }
  | { readonly type: 'issue'; readonly id: number; readonly issue: ItemIssue }
  | { readonly type: 'bytes'; readonly id: number; readonly bytes: number }
  | { readonly type: 'closed' }
