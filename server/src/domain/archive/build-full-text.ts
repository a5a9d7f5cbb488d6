import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { extractText } from '../../formats/eml/extract-text.ts'
import type { RandomAccessFile } from '../../formats/zip/random-access-file.ts'
import type { ArchiveIndex } from '../../ports/archive-index.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import { entryNames } from './manifest.ts'
import { openArchive } from './read-archive.ts'

const rowsPerPage = 500
const reportEveryMs = 250

/** A full-text index while it is built; rows are known by their `no` in index.sqlite. */
export type FullTextBuilder = {
  add(rowNo: number, text: string): void
  finish(): void
  abandon(): void
}

export type FullTextNeeds = {
  readonly files: WorkFiles
  readonly openIndex: (path: string) => ArchiveIndex
  readonly createFullText: (path: string) => FullTextBuilder
  readonly onProgress: (progress: Progress) => void
  readonly nowMs: () => number
}

/**
 * Indexes the text of all messages of an archive into `fileName` of the folder of `files`: under another name, then renamed.
 * @throws AppError `archive_invalid`, `disk_full`, `store_failed`; `signal.reason`
 */
export const buildFullText = async (
  archiveFile: RandomAccessFile,
  fileName: string,
  { files, openIndex, createFullText, onProgress, nowMs }: FullTextNeeds,
  signal: AbortSignal,
): Promise<{ readonly itemsIndexed: number }> => {
  const archive = await openArchive(archiveFile, signal)
  const rowsPath = `${files.folder}/${fileName}.rows.part`
  const draftPath = `${files.folder}/${fileName}.part`
  await Promise.all([files.remove(rowsPath), files.remove(draftPath)])
  try {
    const rows = await files.create(`${fileName}.rows.part`)
    try {
      for await (const chunk of archive.openFile(entryNames.index, signal)) await rows.append(chunk)
    } finally {
      await rows.close()
    }
    const mailFolders = archive.manifest.folders.filter(({ kind }) => kind === 'mail')
    const sum = (counts: readonly number[]) => counts.reduce((total, each) => total + each, 0)
    const itemsExpected = sum(mailFolders.map(({ taken }) => taken))
    const bytesExpected = sum(mailFolders.map(({ takenBytes }) => takenBytes))
    const index = openIndex(rowsPath)
    let fullText: FullTextBuilder | null = null
    let itemsIndexed = 0
    let bytesDone = 0
    let reportedAtMs = 0
    try {
      fullText = createFullText(draftPath)
      const mail = { kind: 'mail' } as const
      for (let page = index.page(mail, { limit: rowsPerPage }); page.length > 0; ) {
        for (const { no, record, place } of page) {
          const { text } = await extractText(archive.openItem({ record, place }, signal))
          fullText.add(no, text)
          itemsIndexed += 1
          bytesDone += record.sizeBytes
          if (nowMs() - reportedAtMs < reportEveryMs) continue
          reportedAtMs = nowMs()
          onProgress({
            itemsDone: itemsIndexed,
            itemsExpected,
            bytesDone,
            bytesExpected,
            currentFolder: record.folder,
            bytesPerSecond: null,
          })
        }
        page = index.page(mail, { limit: rowsPerPage, after: page.at(-1)!.no })
      }
      fullText.finish()
    } finally {
      index.close()
      fullText?.abandon()
    }
    await files.rename(draftPath, `${files.folder}/${fileName}`)
    return { itemsIndexed }
  } finally {
    await Promise.all([files.remove(rowsPath), files.remove(draftPath)])
  }
}
