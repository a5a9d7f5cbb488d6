import { hash } from 'node:crypto'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { ExportId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Request, Response } from 'express'
import { getSeenBy } from '../../domain/access/organization-limit.ts'
import type { DownloadAudit } from '../../domain/audit/audit-downloads.ts'
import type { ExportFiles } from '../../ports/export-files.ts'
import type { ExportRecords } from '../../ports/export-records.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { originOf } from '../auth/authenticate.ts'
import { contextOf } from '../request-context.ts'
import type { FileSender } from './send-file.ts'

export type ExportDownloadNeeds = {
  readonly exports: Pick<ExportRecords, 'get'>
  readonly exportFiles: Pick<ExportFiles, 'open'>
  readonly snapshots: Pick<SnapshotStore, 'get'>
  readonly audit: DownloadAudit
  readonly sendFile: FileSender
  readonly clock: { now(): Date }
}

const types: Readonly<Record<string, string>> = {
  '.zip': 'application/zip',
  '.ics': 'text/calendar; charset=utf-8',
  '.vcf': 'text/vcard; charset=utf-8',
  '.pst': 'application/vnd.ms-outlook',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
}
const typeOf = (name: string): string =>
  types[/\.[a-z]+$/i.exec(name)?.[0].toLowerCase() ?? ''] ?? 'application/octet-stream'

/** `GET|HEAD /exports/<exportId>/<file>`: one file of an export that is done and has not expired. */
export const createExportDownload =
  ({ exports, exportFiles, snapshots, audit, sendFile, clock }: ExportDownloadNeeds) =>
  async (request: Request, response: Response): Promise<void> => {
    const notThere = () => new AppError('not_found', { details: { what: 'export' } })
    const id = ExportId.safeParse(request.params.exportId)
    if (!id.success) throw notThere()
    const { caller } = contextOf(request)
    if (!caller) throw new AppError('not_signed_in')
    const exportId = id.data
    const origin = originOf(request)
    /** Of an export that nobody knows, its own id is all there is to tell. */
    let snapshotId: string = exportId
    try {
      const found = await exports.get(exportId)
      snapshotId = found.snapshotId
      const { organization } = await getSeenBy(
        caller,
        snapshots,
      )(found.snapshotId).catch((error: unknown) => {
        throw isAppError(error, 'not_found') ? notThere() : error
      })
      const isExpired = found.expiresAt !== null && Date.parse(found.expiresAt) <= clock.now().getTime()
      const listed = found.files.find(({ name }) => name === request.params.file)
      if (isExpired || !listed) throw notThere()
      const { name } = listed
      const file = {
        tag: (sizeBytes: number) => `${exportId}-${sizeBytes.toString(36)}-${hash('sha256', name).slice(0, 16)}`,
        type: typeOf(name),
        name,
        open: () => exportFiles.open(exportId, name),
      }
      const download = { caller, snapshotId, origin, exportId }
      await sendFile({ request, response }, file, (part) => audit.began(download, { ...part, organization }))
    } catch (error) {
      if (request.method === 'GET') await audit.failed({ caller, snapshotId, origin, exportId }, error)
      throw error
    }
  }
