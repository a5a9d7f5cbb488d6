import type { FolderAccount } from '@stillbox/shared/contract/snapshot-methods.ts'
import { type ExportFormat, exportFormats, splitGb } from '@stillbox/shared/vocabulary/export-format.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'

/** What the dialog has in its fields. */
export type ExportDraft = {
  readonly format: ExportFormat
  readonly folder: string
  readonly words: string
  readonly maxGb: string
}

export const emptyDraft: ExportDraft = { format: 'zip-eml', folder: '', words: '', maxGb: String(splitGb.usual) }

/** What is wrong with the size, in a sentence; null when nothing is, or when the format takes none. */
export const sizeFault = ({ format, maxGb }: ExportDraft): string | null => {
  if (!exportFormats[format].isSplit) return null
  const gb = Number(maxGb)
  return maxGb.trim() !== '' && gb >= splitGb.least && gb <= splitGb.most
    ? null
    : `Enter a size from ${splitGb.least} to ${splitGb.most} GB.`
}

export const paramsOf = (snapshotId: SnapshotId, draft: ExportDraft) => ({
  snapshotId,
  format: draft.format,
  ...(draft.folder === '' ? {} : { folder: draft.folder }),
  ...(draft.words.trim() === '' ? {} : { words: draft.words.trim() }),
  ...(exportFormats[draft.format].isSplit ? { maxGb: Number(draft.maxGb) } : {}),
})

/** Folders that hold something the format takes, by name; one name may stand for a mail folder and a calendar. */
export const foldersFor = (
  format: ExportFormat,
  folders: readonly Pick<FolderAccount, 'kind' | 'folder'>[],
): readonly string[] => {
  const { kinds } = exportFormats[format]
  return [...new Set(folders.filter(({ kind }) => kinds.includes(kind)).map(({ folder }) => folder))]
}
