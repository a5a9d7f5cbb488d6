import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { JobId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { ExportFiles } from '../../ports/export-files.ts'
import type { ExportRecords } from '../../ports/export-records.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { authorize, type Caller, isSameUser } from '../access/authorize.ts'
import { getSeenBy } from '../access/organization-limit.ts'

export type ManageExportsNeeds = {
  readonly snapshots: Pick<SnapshotStore, 'get'>
  readonly jobs: Pick<JobQueue, 'cancelJob'>
  readonly exports: ExportRecords
  readonly exportFiles: ExportFiles
}

const isUnderWay = ({ state }: SnapshotExport): boolean => state === 'waiting' || state === 'running'

/** Listing, stopping and deleting exports. @throws AppError `not_found`, `forbidden` */
export const manageExports = ({ snapshots, jobs, exports, exportFiles }: ManageExportsNeeds) => {
  /** One that the caller may change: who asked for it, and who may operate. */
  const find = async ({ snapshotId, exportId }: Params<'DeleteExport'>, caller: Caller): Promise<SnapshotExport> => {
    await getSeenBy(caller, snapshots)(snapshotId)
    const found = await exports.get(exportId)
    if (found.snapshotId !== snapshotId) throw new AppError('not_found', { details: { what: 'export' } })
    if (!isSameUser(found.createdBy, caller.userName)) authorize(caller, 'operate')
    return found
  }
  const cancel = (found: SnapshotExport, { userName }: Pick<Caller, 'userName'>) =>
    jobs.cancelJob(found.exportId as string as JobId, new AppError('cancelled', { details: { by: userName } }).message)
  const remove = async (found: SnapshotExport): Promise<void> => {
    // The row first: an attempt that is about to finish sees that nobody wants it, and removes its files itself.
    await exports.remove(found.exportId)
    await exportFiles.remove(found.exportId)
  }

  return {
    handlers: {
      GetExports: async ({ snapshotId }: Params<'GetExports'>, caller: Caller): Promise<Result<'GetExports'>> => {
        await getSeenBy(caller, snapshots)(snapshotId)
        return { exports: [...(await exports.ofSnapshot(snapshotId))] }
      },
      CancelExport: async (params: Params<'CancelExport'>, caller: Caller): Promise<Result<'CancelExport'>> => {
        const found = await find(params, caller)
        if (isUnderWay(found)) await cancel(found, caller)
        return exports.get(found.exportId)
      },
      DeleteExport: async (params: Params<'DeleteExport'>, caller: Caller): Promise<Result<'DeleteExport'>> => {
        const found = await find(params, caller)
        if (isUnderWay(found)) await cancel(found, caller)
        await remove(found)
        return null
      },
    },
    /** When a snapshot is deleted for good, what was made of it goes too. */
    removeOfSnapshot: async (snapshotId: SnapshotId): Promise<void> => {
      for (const found of await exports.ofSnapshot(snapshotId)) await remove(found)
    },
  }
}
