import { mkdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { openArchiveIndex } from './adapters/sqlite/archive-index.ts'
import { openFullText } from './adapters/sqlite/full-text-index.ts'
import { createItemReader } from './adapters/work/item-reader.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import { runExport } from './domain/export/run-export.ts'
import type { ExportWork } from './ports/capture.ts'
import { productVersion } from './version.ts'

const openReader = createItemReader(new URL('./item-reader-main.ts', import.meta.url))

/** Joins what one export needs. */
export const composeExport = async (
  { order, archivePath, fullTextPath, workFolder }: ExportWork,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ExportReport> => {
  const [out, work] = [join(workFolder, 'out'), join(workFolder, 'work')] as const
  await mkdir(out, { mode: 0o700 })
  await mkdir(work, { mode: 0o700 })
  const archiveFile = await createWorkFiles(dirname(archivePath)).open(archivePath)
  try {
    const needs = {
      archiveFile,
      openReader: (at: AbortSignal) => openReader({ archivePath, workFolder: work }, at),
      out: createWorkFiles(out),
      work: createWorkFiles(work),
      openIndex: openArchiveIndex,
      openTexts: fullTextPath === null ? null : () => openFullText(fullTextPath),
      freeBytes: () =>
        statfs(workFolder).then(
          ({ bavail, bsize }) => bavail * bsize,
          () => null,
        ),
      productVersion,
      onProgress,
      nowMs: Date.now,
    }
    return await runExport(order, needs, signal)
  } finally {
    await archiveFile.close()
  }
}
