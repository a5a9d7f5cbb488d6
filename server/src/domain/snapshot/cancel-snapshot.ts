import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { snapshotsSeenBy } from '../access/organization-limit.ts'
import { moveFromCurrent } from './move-from-current.ts'
import { expiryOf, type Retention } from './retention.ts'

/**
 * Ends a snapshot that is not finished. The state moves first: an attempt that is about to finish then loses by compare-and-set, and the
 * running one is stopped within two seconds and clears away what it has written. An archive that is complete is kept for its time.
 * @throws AppError `not_found`, `conflict`
 */
export const cancelSnapshot =
  ({
    snapshots,
    jobs,
    retention,
    clock = systemClock,
  }: {
    readonly snapshots: SnapshotStore
    readonly jobs: JobQueue
    readonly retention: Retention
    readonly clock?: Clock
  }) =>
  async ({ snapshotId }: Params<'CancelSnapshot'>, caller: Caller): Promise<Result<'CancelSnapshot'>> => {
    const cancelled = new AppError('cancelled', { details: { by: caller.userName } })
    const now = clock.now()
    const snapshot = await moveFromCurrent(
      snapshotsSeenBy(caller, snapshots),
      snapshotId,
      'cancel',
      'failed',
      ({ isStored, action }) => ({
        error: toErrorForm(cancelled),
        finishedAt: now.toISOString(),
        expiresAt: isStored ? expiryOf(retention, action, now) : null,
        nextAttemptAt: null,
        sealedPassword: null,
        delivered: { bytesPerSecond: null },
      }),
      cancelled.message,
    )
    await jobs.cancelJobs(snapshotId, cancelled.message)
    return snapshot
  }
