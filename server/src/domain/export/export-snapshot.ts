import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import type { ExportId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { getSeenBy } from '../access/organization-limit.ts'
import { requireArchive } from '../snapshot/require-archive.ts'
import { exportJob } from '../snapshot/snapshot-jobs.ts'
import { checkOrder } from './check-order.ts'

type Accepted = {
  readonly snapshotId: SnapshotId
  readonly exportId: ExportId
  readonly statusToken: StatusToken
}

/** Queues an export of a snapshot. @throws AppError `not_found`, `conflict`, `archive_elsewhere`, `invalid_params` */
export const exportSnapshot =
  ({ snapshots, jobs }: { readonly snapshots: SnapshotStore; readonly jobs: JobQueue }) =>
  async ({ snapshotId, ...asked }: Params<'ExportSnapshot'>, caller: Caller): Promise<Accepted> => {
    requireArchive(await getSeenBy(caller, snapshots)(snapshotId), 'download')
    const order = {
      format: asked.format,
      folder: asked.folder ?? null,
      words: asked.words ?? null,
      maxGb: asked.maxGb ?? null,
    }
    checkOrder(order)
    const created = await jobs.createExportJob({ order, createdBy: caller.userName }, exportJob(snapshotId))
    return { snapshotId, ...created }
  }
