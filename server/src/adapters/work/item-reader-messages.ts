import type { ErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { WantedItem } from '../../ports/item-reader.ts'

/** What the thread is started with. */
export type ItemReaderStart = { readonly archivePath: string; readonly workFolder: string }

/** A request, answered in the order of asking. `buffer` is one that can be filled again. */
export type ToItemReader = { readonly wanted: readonly WantedItem[]; readonly buffer: ArrayBuffer | null }

export type ReadPart =
  | { readonly form: 'held'; readonly offset: number; readonly sizeBytes: number }
  | { readonly form: 'spool'; readonly path: string }
  | { readonly form: 'damaged'; readonly code: string; readonly text: string }

export type FromItemReader =
  | { readonly type: 'read'; readonly parts: readonly ReadPart[]; readonly buffer: ArrayBuffer }
  | { readonly type: 'failed'; readonly error: ErrorForm | { readonly unexpected: string } }
