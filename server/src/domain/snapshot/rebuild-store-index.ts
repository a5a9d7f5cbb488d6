import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { getSeenBy, requireAllOrganizations } from '../access/organization-limit.ts'
import { requireArchive } from './require-archive.ts'
import { fullTextJob } from './snapshot-jobs.ts'

/** Queues building the full-text index of one archive, or of all, anew. @throws AppError `not_found`, `conflict`, `archive_elsewhere`, `forbidden` */
export const rebuildStoreIndex =
  ({ snapshots, jobs }: { readonly snapshots: SnapshotStore; readonly jobs: JobQueue }) =>
  async (
    { snapshotId }: Params<'RebuildStoreIndex'>,
    caller: Caller,
  ): Promise<{ readonly statusToken: StatusToken }> => {
    if (snapshotId === undefined) requireAllOrganizations(caller)
    else requireArchive(await getSeenBy(caller, snapshots)(snapshotId), 'rebuildIndex')
    const { statusToken } = await jobs.createJob(fullTextJob(snapshotId ?? null), { withToken: true })
    return { statusToken: statusToken! }
  }
