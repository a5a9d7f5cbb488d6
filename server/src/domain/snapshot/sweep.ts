import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'

export type Swept = {
  readonly workFoldersRemoved: number
  readonly archivesRemoved: number
  /** Archives that no row points at: `stillbox rebuild` takes them in. */
  readonly archivesUnknown: number
}

/**
 * Removes what processes that died have left on disk; to be called before jobs are taken. A snapshot that is `dumping` may be at work in
 * another process, unless `isAlone`; if its process has died, the attempt that takes it over clears its folder.
 */
export const sweep =
  ({
    snapshots,
    archives,
    isAlone,
  }: {
    readonly snapshots: SnapshotStore
    readonly archives: ArchiveStore
    /** No other process works on this database. */
    readonly isAlone: boolean
  }) =>
  async (): Promise<Swept> => {
    const find = (snapshotId: SnapshotId) =>
      snapshots.get(snapshotId).catch((error: unknown) => {
        if (isAppError(error, 'not_found')) return null
        throw error
      })

    let workFoldersRemoved = 0
    for (const snapshotId of await archives.workFolders()) {
      if (!isAlone && (await find(snapshotId))?.state === 'dumping') continue
      await archives.discardWorkFolder(snapshotId)
      workFoldersRemoved++
    }

    if (isAlone) await archives.removeDrafts()

    let archivesRemoved = 0
    let archivesUnknown = 0
    for (const snapshotId of await archives.list()) {
      const snapshot = await find(snapshotId)
      if (snapshot === null) archivesUnknown++
      else if (isAbandoned(snapshot)) {
        await archives.remove(snapshotId)
        archivesRemoved++
      }
    }
    return { workFoldersRemoved, archivesRemoved, archivesUnknown }
  }

/**
 * Whether nothing will point at the archive again: failed before its row knew of it, deleted, or delivered and not to be kept here. While
 * work goes on the row does not tell yet what becomes of the file.
 */
const isAbandoned = ({ state, isStored, delivery }: Snapshot): boolean => {
  if (isStored) return false
  if (state === 'available') return delivery !== null && delivery.deliveredAt !== null
  return state === 'failed' || state === 'deleted'
}
