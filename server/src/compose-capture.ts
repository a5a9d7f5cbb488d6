import { availableParallelism } from 'node:os'
import { createArchiveIndexBuilder } from './adapters/sqlite/archive-index.ts'
import { createReaderThreads } from './adapters/work/reader-threads.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import type { WorkSettings } from './adapters/work/work-messages.ts'
import { createCapture } from './domain/capture/capture.ts'
import { systemClock } from './ports/clock.ts'

/** Joins what a capture needs. */
export const composeCapture = ({ signingKeyPem, productVersion, readerCount }: WorkSettings) =>
  createCapture({
    openReaders: createReaderThreads(new URL('./reader-main.ts', import.meta.url)),
    workFiles: createWorkFiles,
    createIndex: createArchiveIndexBuilder,
    signingKeyPem,
    productVersion,
    readerCount: readerCount || Math.min(4, availableParallelism()),
    clock: systemClock,
    // libuv gives maxRSS in kilobytes on every system.
    peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
  })
