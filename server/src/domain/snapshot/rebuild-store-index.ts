import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { getSeenBy, requireAllOrganizations } from '../access/organization-limit.ts'
import { fullTextJob } from './snapshot-jobs.ts'

/** Queues building the full-text index of one archive, or of all, anew. @throws AppError `not_found`, `conflict`, `forbidden` */
export const rebuildStoreIndex =
  ({ snapshots, jobs }: { readonly snapshots: SnapshotStore; readonly jobs: JobQueue }) =>
  async (
    { snapshotId }: Params<'RebuildStoreIndex'>,
    caller: Caller,
  ): Promise<{ readonly statusToken: StatusToken }> => {
    if (snapshotId === undefined) requireAllOrganizations(caller)
    else {
      const snapshot = await getSeenBy(caller, snapshots)(snapshotId)
      if (!snapshotCan.rebuildIndex(snapshot)) throw new AppError('conflict', { details: { state: snapshot.state } })
    }
    const { statusToken } = await jobs.createJob(fullTextJob(snapshotId ?? null), { withToken: true })
    return { statusToken: statusToken! }
  }
