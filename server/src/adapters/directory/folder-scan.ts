import type { ItemRef } from '../../ports/source.ts'

/** Where one item lies at the moment, and what its file name says of it. */
export type StoredItem = { readonly path: string; readonly flags: readonly string[] | null }

/** One look at a folder on disk: what is in it, under which refs. */
export type FolderScan = {
  /** Null for calendars and address books. */
  readonly generation: string | null
  /** Differs from the one before when the server has numbered the folder anew. */
  readonly stamp: string
  /** A link leads out of the root: nothing was looked at. */
  readonly isOutside: boolean
  /** Files whose names are not UTF-8: they cannot be asked for. */
  readonly namelessCount: number
  readonly items: ReadonlyMap<ItemRef, StoredItem>
}
