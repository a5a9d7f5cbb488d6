import type { Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { type JobMessage, progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import { snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { systemClock } from '../../ports/clock.ts'
import type { Attempt, AttemptOutcome } from '../../ports/job-queue.ts'
import { endOf, errorMessage, outcomeOf, retryDelaysSeconds } from '../job/attempt-end.ts'
import { silentLog } from '../job/log.ts'
import { createProgressWriter } from '../job/progress.ts'
import type { ArchiveAttemptNeeds } from './archive-attempt.ts'

/** A job's messages are read at once; a store with thousands of damaged archives needs no longer list than this. */
const messagesKept = 100

/**
 * One attempt at building the full-text index of one archive, or of every archive of the store. Of the whole store, an archive that cannot be
 * indexed is named and the others go on.
 */
export const runFullText = ({
  snapshots,
  jobs,
  archives,
  work,
  clock = systemClock,
  log = silentLog,
  delaysSeconds = retryDelaysSeconds,
}: ArchiveAttemptNeeds) => {
  /** Null when the snapshot is not available any more: nothing to index, and nothing wrong. */
  const indexOne = async (
    snapshotId: SnapshotId,
    signal: AbortSignal,
    report: (percentage: number | null) => Promise<void>,
  ): Promise<number | null> => {
    if (!snapshotCan.rebuildIndex(await snapshots.get(snapshotId))) return null
    if (!(await snapshots.update(snapshotId, 'available', { fullTextState: 'building' }))) return null
    const progress = createProgressWriter((newest) => report(progressPercentage(newest)), {
      clock,
      intervalMs: 1_000,
      onError: (error) => log.error({ snapshotId, error }, 'the progress of a full-text build could not be written'),
    })
    if (!(await archives.has(snapshotId))) throw new AppError('archive_missing')
    const { itemsIndexed } = await work
      .buildFullText(archives.archivePath(snapshotId), archives.fullTextPath(snapshotId), progress.report, signal)
      .finally(progress.settled)
    await snapshots.update(snapshotId, 'available', { fullTextState: 'ready' })
    if ((await snapshots.get(snapshotId)).isStored) return itemsIndexed
    // Deleted or expired meanwhile, so what was just built has nobody who would remove it.
    await snapshots.update(snapshotId, 'available', { fullTextState: 'none' })
    await archives.remove(snapshotId)
    return null
  }

  const noteFailed = async (snapshotId: SnapshotId): Promise<void> => {
    const { isStored } = await snapshots.get(snapshotId)
    await snapshots.update(snapshotId, 'available', { fullTextState: isStored ? 'failed' : 'none' })
  }

  const indexAll = async (attempt: Attempt): Promise<AttemptOutcome> => {
    const ids = await snapshots.idsInState(['available'])
    const messages: JobMessage[] = []
    const result: Result<'RebuildStoreIndex'> = { archivesIndexed: 0, archivesFailed: 0, itemsIndexed: 0 }
    for (const [position, snapshotId] of ids.entries()) {
      attempt.signal.throwIfAborted()
      await jobs.report(attempt.jobId, Math.floor((position / ids.length) * 100))
      try {
        const itemsIndexed = await indexOne(snapshotId, attempt.signal, async () => {})
        if (itemsIndexed === null) continue
        result.archivesIndexed++
        result.itemsIndexed += itemsIndexed
      } catch (error) {
        attempt.signal.throwIfAborted()
        const reason =
          error instanceof AppError ? error : new AppError('internal', { details: { requestId: attempt.jobId } })
        log.error({ jobId: attempt.jobId, snapshotId, error }, 'an archive could not be indexed')
        await noteFailed(snapshotId)
        result.archivesFailed++
        if (messages.length < messagesKept) messages.push(errorMessage(`Snapshot ${snapshotId}: ${reason.message}`))
      }
    }
    return { end: 'succeeded', result, messages }
  }

  return async (attempt: Attempt): Promise<AttemptOutcome> => {
    const { snapshotId, jobId } = attempt
    try {
      if (snapshotId === null) return await indexAll(attempt)
      const itemsIndexed = await indexOne(snapshotId, attempt.signal, (percentage) => jobs.report(jobId, percentage))
      const result: Result<'RebuildStoreIndex'> = {
        archivesIndexed: itemsIndexed === null ? 0 : 1,
        archivesFailed: 0,
        itemsIndexed: itemsIndexed ?? 0,
      }
      return { end: 'succeeded', result, messages: [] }
    } catch (error) {
      const end = endOf(error, attempt, delaysSeconds)
      if (end.kind === 'failed') {
        if (end.error.code === 'internal')
          log.error({ jobId, snapshotId, error }, 'a full-text build failed unexpectedly')
        if (snapshotId !== null) await noteFailed(snapshotId)
      }
      return outcomeOf(end)
    }
  }
}
