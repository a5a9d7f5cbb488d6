import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { seesOrganization } from '../access/organization-limit.ts'
import { networkOf } from '../account/network-of.ts'
import type { AuditNote, CallOrigin, NoteAudit } from './audit-trail.ts'
import type { NoteRepeated } from './note-repeated.ts'

type Download = {
  readonly caller: Caller
  readonly snapshotId: string
  readonly origin: CallOrigin
  /** When it is a file of an export and not the archive. */
  readonly exportId?: string
}

export type DownloadAudit = {
  /**
   * To be called before the first byte. One that goes on somewhere in the middle is told of once an hour for each snapshot, account and network: clients
   * that fetch an archive in many parts make thousands of requests.
   */
  began(
    download: Download,
    part: { readonly organization: OrganizationId; readonly start: number; readonly bytes: number },
  ): Promise<void>
  failed(download: Download, error: unknown): Promise<void>
}

export type DownloadAuditNeeds = {
  readonly note: NoteAudit
  /** Of an hour. */
  readonly repeated: NoteRepeated
  readonly snapshots: Pick<SnapshotStore, 'get'>
}

const keyOf = ({ caller, snapshotId, exportId, origin }: Download): string =>
  `${caller.userName} ${networkOf(origin.address)} ${exportId ?? snapshotId}`

const made = ({ caller, snapshotId, origin, exportId }: Download): AuditNote => ({
  action: exportId === undefined ? 'snapshot.download' : 'export.download',
  actor: caller.userName,
  client: caller.client ?? null,
  ...origin,
  target: snapshotId,
  ...(exportId === undefined ? {} : { details: { exportId } }),
})

export const createDownloadAudit = ({ note, repeated, snapshots }: DownloadAuditNeeds): DownloadAudit => {
  const organizationOf = async (snapshotId: string): Promise<OrganizationId | null> => {
    try {
      return (await snapshots.get(snapshotId as SnapshotId)).organization
    } catch (error) {
      if (isAppError(error, 'not_found')) return null
      throw error
    }
  }

  return {
    began: async (download, { organization, start, bytes }) => {
      const about = made(download)
      const began = { ...about, organization, details: { ...about.details, start, bytes } }
      if (start === 0) await note(began)
      else await repeated.note(keyOf(download), began)
    },
    failed: async (download, error) => {
      const organization = await organizationOf(download.snapshotId)
      const isHidden =
        isAppError(error, 'not_found') && organization !== null && !seesOrganization(download.caller, organization)
      const code = isAppError(error) ? error.code : 'internal'
      // A client that tries again and again is one entry.
      await repeated.note(`${keyOf(download)} ${code}`, {
        ...made(download),
        organization,
        outcome: isHidden ? 'refused' : 'failed',
        code,
      })
    },
  }
}
