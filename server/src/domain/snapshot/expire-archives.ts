import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { NoteAudit } from '../audit/audit-trail.ts'
import { type Log, silentLog } from '../job/log.ts'
import { deletedChanges } from './deleted-changes.ts'

export type ExpireNeeds = {
  readonly snapshots: SnapshotStore
  readonly jobs: Pick<JobQueue, 'cancelJobs'>
  readonly archives: Pick<ArchiveStore, 'remove'>
  /** Removes what was exported from the archive: a copy must not outlive it. */
  readonly removeExports: (snapshotId: SnapshotId) => Promise<void>
  readonly note: NoteAudit
  readonly clock?: Clock
  readonly log?: Log
}

/**
 * Removes the archives that have expired. A snapshot for download is deleted with it; of one that was delivered, or has failed, the record
 * stays as it is.
 * The row is written first, and only if nobody has kept the archive longer meanwhile; a file that cannot be removed then is swept at the
 * next start. Several processes may do it at the same time. Answers how many archives this one has removed.
 */
export const expireArchives =
  ({ snapshots, jobs, archives, removeExports, note, clock = systemClock, log = silentLog }: ExpireNeeds) =>
  async (signal: AbortSignal): Promise<number> => {
    const instant = clock.now().toISOString()
    let expired = 0
    for (;;) {
      const due = await snapshots.expiredBy(instant)
      let written = 0
      for (const snapshotId of due) {
        if (signal.aborted) return expired
        const expiring = await writeExpired(snapshots, snapshotId, instant)
        if (expiring === null) continue
        const { message, organization, userName, state } = expiring
        written++
        log.info({ snapshotId }, 'an archive has expired')
        try {
          await note({ action: 'snapshot.expire', target: snapshotId, organization, details: { userName, message } })
          // A failed one may have been started again this moment: that job is not ours to end.
          if (state !== 'failed') await jobs.cancelJobs(snapshotId, message)
          await archives.remove(snapshotId)
          await removeExports(snapshotId)
        } catch (error) {
          log.error(
            { snapshotId, error },
            'an expired archive could not be noted and removed; the next start removes it',
          )
        }
      }
      expired += written
      if (written === 0) return expired
    }
  }

type Expiring = Pick<Snapshot, 'organization' | 'userName' | 'state'> & { readonly message: string }

/** Answers what was told and of which snapshot, as it was; null when there was nothing left to expire. */
const writeExpired = async (
  snapshots: SnapshotStore,
  snapshotId: SnapshotId,
  instant: string,
): Promise<Expiring | null> => {
  const { action, state, expiresAt, organization, userName } = await snapshots.get(snapshotId)
  const onlyIf = { expiresBy: instant }
  const message = `Expired: the archive was kept until ${expiresAt}.`
  const expiring = { message, organization, userName, state }
  if (action === 'download' && state === 'available') {
    const deleted = await snapshots.move(snapshotId, 'available', 'deleted', deletedChanges, message, onlyIf)
    return deleted && expiring
  }
  if (state !== 'available' && state !== 'failed') return null
  const changes = { isStored: false, expiresAt: null, fullTextState: 'none' } as const
  return (await snapshots.update(snapshotId, state, changes, message, onlyIf)) ? expiring : null
}
