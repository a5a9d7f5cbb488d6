import { randomUUID } from 'node:crypto'
import { constants, setPriority } from 'node:os'
import { basename, dirname } from 'node:path'
import { createWorkFiles } from './adapters/work/work-files.ts'
import type { CarryOut } from './adapters/work/work-process.ts'

/** Joins what a work process needs; it loads only what its one piece of work asks for, so that it starts quickly and small. */
export const composeWork = (): CarryOut => async (work, settings, onProgress, signal) => {
  if (work.kind === 'capture') {
    const { composeCapture } = await import('./compose-capture.ts')
    return composeCapture(settings)(work.request, onProgress, signal)
  }
  if (work.kind === 'deliver') {
    const { composeDeliver } = await import('./compose-deliver.ts')
    return composeDeliver(work.order, onProgress, signal)
  }
  if (work.kind === 'export') {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
    const { composeExport } = await import('./compose-export.ts')
    return composeExport(work.export, onProgress, signal)
  }
  const archive = await createWorkFiles(dirname(work.archivePath)).open(work.archivePath)
  try {
    if (work.kind === 'verify') {
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
      const { verifyArchive } = await import('./domain/archive/verify-archive.ts')
      const { openArchiveIndex } = await import('./adapters/sqlite/archive-index.ts')
      const trustedKeys = [settings.signingPublicKey]
      // Named after the archive, so that what a killed process leaves goes with it; two may look at one archive at a time.
      const copyName = `${basename(work.archivePath, '.zip')}.verify.${randomUUID()}.part`
      const index = { files: createWorkFiles(dirname(work.archivePath)), copyName, open: openArchiveIndex }
      return await verifyArchive(archive, { onProgress, signal, trustedKeys, index })
    }
    // Whoever waits for a snapshot or a download goes first.
    setPriority(constants.priority.PRIORITY_LOW)
    const { buildFullText } = await import('./domain/archive/build-full-text.ts')
    const { openArchiveIndex } = await import('./adapters/sqlite/archive-index.ts')
    const { createFullTextBuilder } = await import('./adapters/sqlite/full-text-index.ts')
    return await buildFullText(
      archive,
      basename(work.indexPath),
      {
        files: createWorkFiles(dirname(work.indexPath)),
        openIndex: openArchiveIndex,
        createFullText: createFullTextBuilder,
        onProgress,
        nowMs: Date.now,
      },
      signal,
    )
  } finally {
    await archive.close()
  }
}
