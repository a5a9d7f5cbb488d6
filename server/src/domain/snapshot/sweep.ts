import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'

export type Swept = {
  readonly workFoldersRemoved: number
  readonly archivesRemoved: number
  /** Archives that no row points at: `stillbox rebuild` takes them in. */
  readonly archivesUnknown: number
}

/** In all others the row does not tell yet what the attempt that works on it will make of the file. */
const endedStates: readonly SnapshotState[] = ['available', 'failed', 'deleted']

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

    let archivesRemoved = 0
    let archivesUnknown = 0
    for (const snapshotId of await archives.list()) {
      const snapshot = await find(snapshotId)
      if (snapshot === null) archivesUnknown++
      // Nothing will point at it again: deleted, expired, delivered and to be deleted here, or failed before the row knew of the archive.
      else if (endedStates.includes(snapshot.state) && !snapshot.isStored) {
        await archives.remove(snapshotId)
        archivesRemoved++
      }
    }
    return { workFoldersRemoved, archivesRemoved, archivesUnknown }
  }
