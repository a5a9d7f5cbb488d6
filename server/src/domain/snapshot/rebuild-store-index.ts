import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { fullTextJob } from './snapshot-jobs.ts'

/** Queues building the full-text index of one archive, or of all, anew. @throws AppError `not_found`, `conflict` */
export const rebuildStoreIndex =
  ({ snapshots, jobs }: { readonly snapshots: SnapshotStore; readonly jobs: JobQueue }) =>
  async ({ snapshotId }: Params<'RebuildStoreIndex'>): Promise<{ readonly statusToken: StatusToken }> => {
    if (snapshotId !== undefined) {
      const snapshot = await snapshots.get(snapshotId)
      if (!snapshotCan.rebuildIndex(snapshot)) throw new AppError('conflict', { details: { state: snapshot.state } })
    }
    const { statusToken } = await jobs.createJob(fullTextJob(snapshotId ?? null), { withToken: true })
    return { statusToken: statusToken! }
  }
