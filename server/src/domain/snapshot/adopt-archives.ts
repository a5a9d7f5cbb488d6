import type { FolderAccount, IssueLine, Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { issuesShown } from './get-snapshot-info.ts'

/** Reads what an archive says of itself. @throws AppError `archive_invalid` and others */
export type ReadArchive = (path: string) => Promise<{
  readonly snapshot: Snapshot
  readonly folders: readonly FolderAccount[]
  readonly issues: readonly IssueLine[]
}>

export type Adopted = {
  readonly adopted: number
  readonly alreadyKnown: number
  readonly failed: readonly { readonly snapshotId: SnapshotId; readonly text: string }[]
}

/** Restores the database's rows from the archives on disk. Rows that exist are left alone; an archive that cannot be read is named, and the others go on. */
export const adoptArchives =
  ({
    snapshots,
    archives,
    readArchive,
  }: {
    readonly snapshots: SnapshotStore
    readonly archives: ArchiveStore
    readonly readArchive: ReadArchive
  }) =>
  async (): Promise<Adopted> => {
    let adopted = 0
    let alreadyKnown = 0
    const failed: { snapshotId: SnapshotId; text: string }[] = []
    for (const snapshotId of await archives.list())
      try {
        const { snapshot, folders, issues } = await readArchive(archives.archivePath(snapshotId))
        // The file's name is how it is found again; an archive that was renamed is another's.
        if (snapshot.snapshotId !== snapshotId)
          throw new AppError('archive_invalid', { details: { reason: 'it belongs to another snapshot' } })
        if (await snapshots.adopt(snapshot, { folders, issues: issues.slice(0, issuesShown) })) adopted++
        else alreadyKnown++
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        failed.push({ snapshotId, text: error.message })
      }
    return { adopted, alreadyKnown, failed }
  }
