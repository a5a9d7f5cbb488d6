import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { getSeenBy } from '../access/organization-limit.ts'
import type { Queued } from './create-snapshot.ts'
import { requireArchive } from './require-archive.ts'
import { verifyJob } from './snapshot-jobs.ts'

/** Queues the verification of an archive. @throws AppError `not_found`, `conflict`, `archive_elsewhere` */
export const verifySnapshot =
  ({ snapshots, jobs }: { readonly snapshots: SnapshotStore; readonly jobs: JobQueue }) =>
  async ({ snapshotId }: Params<'VerifySnapshot'>, caller: Caller): Promise<Queued> => {
    const snapshot = await getSeenBy(caller, snapshots)(snapshotId)
    requireArchive(snapshot, 'verify')
    const { statusToken } = await jobs.createJob(verifyJob(snapshotId), { withToken: true })
    return { snapshotId, statusToken: statusToken! }
  }
