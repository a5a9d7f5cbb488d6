import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Request, Response } from 'express'
import type { Caller } from '../../domain/access/authorize.ts'
import { getSeenBy } from '../../domain/access/organization-limit.ts'
import type { DownloadAudit } from '../../domain/audit/audit-downloads.ts'
import { requireArchive } from '../../domain/snapshot/require-archive.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { originOf } from '../auth/authenticate.ts'
import { contextOf } from '../request-context.ts'
import type { FileSender } from './send-file.ts'

export type DownloadNeeds = {
  readonly archives: Pick<ArchiveStore, 'open'>
  readonly snapshots: Pick<SnapshotStore, 'get'>
  readonly audit: DownloadAudit
  readonly sendFile: FileSender
}

/** `GET|HEAD /download/<snapshotId>`: the archive. */
export const createDownload = ({ archives, snapshots, audit, sendFile }: DownloadNeeds) => {
  const send = async (
    { request, response, caller }: { readonly request: Request; readonly response: Response; readonly caller: Caller },
    snapshotId: SnapshotId,
  ): Promise<void> => {
    const snapshot = await getSeenBy(caller, snapshots)(snapshotId)
    requireArchive(snapshot, 'download')
    const { rootHash, archiveName, organization } = snapshot
    const file = {
      tag: (sizeBytes: number) => `${snapshotId}-${sizeBytes.toString(36)}-${(rootHash ?? '').slice(0, 16)}`,
      type: 'application/zip',
      name: archiveName ?? `snapshot-${snapshotId}.zip`,
      open: () => archives.open(snapshotId),
    }
    await sendFile({ request, response }, file, (part) =>
      audit.began({ caller, snapshotId, origin: originOf(request) }, { ...part, organization }),
    )
  }

  return async (request: Request, response: Response): Promise<void> => {
    const id = SnapshotId.safeParse(request.params.snapshotId)
    if (!id.success) throw new AppError('not_found', { details: { what: 'snapshot' } })
    const { caller } = contextOf(request)
    if (!caller) throw new AppError('not_signed_in')
    try {
      await send({ request, response, caller }, id.data)
    } catch (error) {
      if (request.method === 'GET')
        await audit.failed({ caller, snapshotId: id.data, origin: originOf(request) }, error)
      throw error
    }
  }
}
