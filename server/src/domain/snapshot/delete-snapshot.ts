import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { snapshotsSeenBy } from '../access/organization-limit.ts'
import { deletedChanges } from './deleted-changes.ts'
import { moveFromCurrent } from './move-from-current.ts'

/**
 * Deletes a snapshot for good; a record without content stays. The state moves first, so that no job can bring it back; should the
 * process die before the file is gone, the sweep at the next start removes it.
 * @throws AppError `not_found`, `conflict`, `store_failed`
 */
export const deleteSnapshot =
  ({
    snapshots,
    jobs,
    archives,
  }: {
    readonly snapshots: SnapshotStore
    readonly jobs: JobQueue
    readonly archives: ArchiveStore
  }) =>
  async ({ snapshotId }: Params<'DeleteSnapshot'>, caller: Caller): Promise<Result<'DeleteSnapshot'>> => {
    const message = `Deleted by ${caller.userName}.`
    const snapshot = await moveFromCurrent(
      snapshotsSeenBy(caller, snapshots),
      snapshotId,
      'delete',
      'deleted',
      deletedChanges,
      message,
    )
    await jobs.cancelJobs(snapshotId, message)
    await archives.remove(snapshotId)
    await archives.discardWorkFolder(snapshotId)
    return snapshot
  }
