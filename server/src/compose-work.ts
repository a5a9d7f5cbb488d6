import { availableParallelism, constants, setPriority } from 'node:os'
import { basename, dirname } from 'node:path'
import { createArchiveIndexBuilder, openArchiveIndex } from './adapters/sqlite/archive-index.ts'
import { createFullTextBuilder } from './adapters/sqlite/full-text-index.ts'
import { createReaderThreads } from './adapters/work/reader-threads.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import type { CarryOut } from './adapters/work/work-process.ts'
import { buildFullText } from './domain/archive/build-full-text.ts'
import { verifyArchive } from './domain/archive/verify-archive.ts'
import { createCapture } from './domain/capture/capture.ts'
import { systemClock } from './ports/clock.ts'

/** Joins what a work process needs, for the one piece of work it does. */
export const composeWork = (): CarryOut => async (work, settings, onProgress, signal) => {
  switch (work.kind) {
    case 'capture': {
      const capture = createCapture({
        openReaders: createReaderThreads(new URL('./reader-main.ts', import.meta.url)),
        workFiles: createWorkFiles,
        createIndex: createArchiveIndexBuilder,
        signingKeyPem: settings.signingKeyPem,
        productVersion: settings.productVersion,
        readerCount: settings.readerCount || Math.min(4, availableParallelism()),
        clock: systemClock,
        // maxRSS counts kilobytes on every system (libuv converts).
        peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
      })
      return capture(work.request, onProgress, signal)
    }
    case 'verify': {
      setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
      const file = await createWorkFiles(dirname(work.archivePath)).open(work.archivePath)
      try {
        return await verifyArchive(file, { onProgress, signal, trustedKeys: [settings.signingPublicKey] })
      } finally {
        await file.close()
      }
    }
    case 'full-text': {
      // Whoever waits for a snapshot or a download goes first.
      setPriority(constants.priority.PRIORITY_LOW)
      const archive = await createWorkFiles(dirname(work.archivePath)).open(work.archivePath)
      try {
        const files = createWorkFiles(dirname(work.indexPath))
        const needs = { files, openIndex: openArchiveIndex, createFullText: createFullTextBuilder, onProgress, nowMs: Date.now }
        return await buildFullText(archive, basename(work.indexPath), needs, signal)
      } finally {
        await archive.close()
      }
    }
  }
}
