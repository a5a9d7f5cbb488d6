import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'

/** One folder of a tree, with what it holds of one kind. */
export type TreeFolder = {
  readonly kind: ItemKind
  readonly segments: readonly string[]
  /** Changes when a file comes, goes or is renamed. */
  readonly fingerprint: number
  /** Why nothing of it can be read; null when it can. */
  readonly refusal: string | null
}

export type TreeSurvey = {
  readonly folders: readonly TreeFolder[]
  /** Files of none of the kinds. */
  readonly otherFiles: number
}

export type TreeNames = {
  /** Sorted by UTF-16 code units. */
  readonly names: readonly string[]
  /** Files that have no name in UTF-8, and so none to ask for them by. */
  readonly namelessCount: number
  /** As of the folder in the survey: another when something has changed since. */
  readonly fingerprint: number
}

/** Why a file cannot be read, as the end of a sentence; null when it is gone. */
export type Refused = { readonly refusal: string }

export type TreeFile = {
  readonly sizeBytes: number
  readonly modifiedAtMs: number
}
export type OpenTreeFile = TreeFile & {
  /** Once; each chunk may be used until the next one is asked for. What could be found wrong has been found. */
  chunks(signal: AbortSignal): AsyncGenerator<Uint8Array>
  close(): void
}

/** Files in folders: a folder on disk, or a ZIP file. */
export type FileTree = {
  survey(signal: AbortSignal): Promise<TreeSurvey>
  names(kind: ItemKind, segments: readonly string[], signal: AbortSignal): Promise<TreeNames>
  facts(kind: ItemKind, segments: readonly string[], name: string): Promise<TreeFile | Refused | null>
  open(
    kind: ItemKind,
    segments: readonly string[],
    name: string,
    signal: AbortSignal,
  ): Promise<OpenTreeFile | Refused | null>
  close(): void
}

/** By the ending of its name; null for files of none of the kinds. */
export const kindOf = (name: string): ItemKind | null => {
  const ending = /\.(eml|ics|vcf)$/i.exec(name)?.[1]?.toLowerCase()
  return ending === 'eml' ? 'mail' : ending === 'ics' ? 'calendar' : ending === 'vcf' ? 'contact' : null
}

/** What macOS puts beside files, under the names of these: no files of anybody's. */
export const isSystemFile = (segments: readonly string[], name: string): boolean =>
  name.startsWith('._') || name === '.DS_Store' || segments.includes('__MACOSX')
