import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ExportOrder } from '@stillbox/shared/vocabulary/export-report.ts'
import type { ArchiveIndex, ItemRecord } from '../../ports/archive-index.ts'
import type { ManifestFolder } from '../archive/manifest.ts'

const pageItems = 1_000

/** What finds words in the texts of items; numbers are the `no` of index.sqlite. */
export type TextSearch = {
  search(words: string, page: { readonly limit: number; readonly after?: number }): readonly number[]
  close(): void
}

/** Whether an item is asked for; `no` counts the items of the archive from 1 in canonical order. */
export type ItemChoice = (no: number, record: ItemRecord) => boolean

const isAtOrBelow = (label: string, folder: string): boolean => label === folder || label.startsWith(`${folder}/`)

/** The folders that are asked for: one with all below it, whatever it holds. @throws AppError `invalid_params` when there is none */
export const chooseFolders = (
  folders: readonly ManifestFolder[],
  { folder }: Pick<ExportOrder, 'folder'>,
): readonly ManifestFolder[] => {
  if (folder === null) return folders
  const chosen = folders.filter(({ label }) => isAtOrBelow(label, folder))
  if (chosen.length === 0)
    throw new AppError('invalid_params', { details: { reason: `The snapshot has no folder “${folder}”.` } })
  return chosen
}

/**
 * Marks the items in which every word occurs, each in the header fields or, where its text is indexed, in the text: one byte
 * an item. A word without letter or digit is no condition.
 */
export const findWords = (
  words: string,
  index: ArchiveIndex,
  texts: TextSearch | null,
  signal: AbortSignal,
): Uint8Array => {
  const count = index.count()
  let found = new Uint8Array(count + 1).fill(1)
  for (const word of words.split(/\s+/u).filter((each) => /[\p{L}\p{N}]/u.test(each))) {
    const hits = new Uint8Array(count + 1)
    const mark = (nos: readonly number[]) => {
      for (const no of nos) if (no <= count) hits[no] = found[no]!
    }
    walk((after) => index.page({ words: word }, { limit: pageItems, after }).map(({ no }) => no), mark, signal)
    if (texts) walk((after) => texts.search(word, { limit: pageItems, after }), mark, signal)
    found = hits
  }
  return found
}

const walk = (
  next: (after: number) => readonly number[],
  mark: (nos: readonly number[]) => void,
  signal: AbortSignal,
): void => {
  for (let page = next(0); page.length > 0; page = next(page.at(-1)!)) {
    signal.throwIfAborted()
    mark(page)
  }
}
