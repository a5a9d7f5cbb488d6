import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ExportId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { type JobMessage, type Progress, progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { ArchiveWork } from '../../ports/capture.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { ExportFiles } from '../../ports/export-files.ts'
import type { ExportRecords } from '../../ports/export-records.ts'
import type { Attempt, AttemptOutcome, JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { endOf, outcomeOf, retryDelaysSeconds } from '../job/attempt-end.ts'
import { type Log, silentLog } from '../job/log.ts'
import { createProgressWriter } from '../job/progress.ts'
import { requireArchive } from '../snapshot/require-archive.ts'

const hourMs = 3_600_000

export type ExportJobNeeds = {
  readonly snapshots: SnapshotStore
  readonly jobs: JobQueue
  readonly archives: ArchiveStore
  readonly exports: ExportRecords
  readonly exportFiles: ExportFiles
  readonly work: ArchiveWork
  readonly keptHours: number
  readonly clock?: Clock
  readonly log?: Log
  readonly delaysSeconds?: readonly number[]
}

/** One attempt at an export. Its files appear all at once, when they are complete. */
export const runExportJob = ({
  snapshots,
  jobs,
  archives,
  exports,
  exportFiles,
  work,
  keptHours,
  clock = systemClock,
  log = silentLog,
  delaysSeconds = retryDelaysSeconds,
}: ExportJobNeeds) => {
  const write = async (exportId: ExportId, snapshotId: SnapshotId, signal: AbortSignal): Promise<AttemptOutcome> => {
    const progress = createProgressWriter(
      async (newest) => {
        await exports.report(exportId, newest)
        await jobs.report(exportId as string as Attempt['jobId'], progressPercentage(newest))
      },
      {
        clock,
        intervalMs: 1_000,
        onError: (error) => log.error({ exportId, error }, 'the progress of an export could not be written'),
      },
    )
    const { format, folder, words, maxGb } = await exports.get(exportId)
    const snapshot = await snapshots.get(snapshotId)
    requireArchive(snapshot, 'download')
    if (!(await archives.has(snapshotId))) throw new AppError('archive_missing')
    const workFolder = await exportFiles.openWorkFolder(exportId)
    let newest: Progress | null = null
    const report = await work
      .export(
        {
          order: { format, folder, words, maxGb },
          archivePath: archives.archivePath(snapshotId),
          fullTextPath: snapshot.fullTextState === 'ready' ? archives.fullTextPath(snapshotId) : null,
          workFolder,
        },
        (told) => {
          newest = told
          progress.report(told)
        },
        signal,
      )
      .finally(progress.settled)
    // What is done in less than the interval would be left with what was told at its beginning.
    if (newest !== null) await exports.report(exportId, newest)
    const files = await exportFiles.publish(exportId, workFolder)
    const expiresAt = new Date(clock.now().getTime() + keptHours * hourMs).toISOString()
    const isWanted = await exports.finish(exportId, { files, report, expiresAt })
    if (!isWanted) {
      await exportFiles.remove(exportId)
      throw new AppError('not_found', { details: { what: 'export' } })
    }
    const { counts } = report
    const messages: JobMessage[] =
      counts.skipped === 0
        ? []
        : [{ type: 'warning', text: `${counts.skipped} items were skipped; the report says why.` }]
    const done = await exports.get(exportId)
    const finishedAt = clock.now().toISOString()
    const result = { ...done, state: 'done', progressPercentage: 100, finishedAt, expiresAt, files, report }
    return { end: 'succeeded', result, messages }
  }

  return async (attempt: Attempt): Promise<AttemptOutcome> => {
    const { snapshotId, jobId } = attempt
    if (snapshotId === null) throw new Error('an export without a snapshot')
    const exportId = jobId as string as ExportId
    try {
      return await write(exportId, snapshotId, attempt.signal)
    } catch (error) {
      const end = endOf(error, attempt, delaysSeconds)
      if (end.kind === 'failed' && end.error.code === 'internal')
        log.error({ jobId, snapshotId, error }, 'an export failed unexpectedly')
      await exportFiles.discardWorkFolder(exportId)
      return outcomeOf(end)
    }
  }
}
