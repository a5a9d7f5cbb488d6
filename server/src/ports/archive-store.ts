import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'

/** Where finished archives lie. An archive appears whole or not at all, and is never changed afterwards. */
export type ArchiveStore = {
  /** A new, empty folder for one attempt of one job; what an earlier attempt left there is removed first. */
  openWorkFolder(snapshotId: SnapshotId): Promise<string>
  /** Removes the work folder with all in it; one that is not there is fine. */
  discardWorkFolder(snapshotId: SnapshotId): Promise<void>
  /** Ids that have a work folder, for the sweep after a crash. */
  workFolders(): Promise<readonly SnapshotId[]>

  /** Makes a finished file of the work folder the archive of this snapshot: fsync, rename, fsync of the folder. @throws AppError `disk_full`, `store_failed` */
  publish(snapshotId: SnapshotId, draftPath: string): Promise<{ readonly sizeBytes: number }>
  /** @throws AppError `archive_missing` */
  open(snapshotId: SnapshotId): Promise<StoredArchive>
  has(snapshotId: SnapshotId): Promise<boolean>
  /** Removes the archive and everything derived from it; a second call does nothing. */
  remove(snapshotId: SnapshotId): Promise<void>
  /** Removes what work beside the archives was writing when its process died. Only while nobody works. */
  removeDrafts(): Promise<void>
  list(): Promise<readonly SnapshotId[]>
  usage(): Promise<{ readonly archiveCount: number; readonly archiveBytes: number; readonly freeBytes: number | null }>

  /** Path of the archive for work in a process of its own. */
  archivePath(snapshotId: SnapshotId): string
  /** Path of the full-text index derived from the archive. */
  fullTextPath(snapshotId: SnapshotId): string
}

export type StoredArchive = {
  readonly sizeBytes: number
  readonly modifiedAtMs: number
  /** Bytes `start` to `end`, both included. Reads are large (1 MiB) and follow back-pressure. */
  stream(range: { readonly start: number; readonly end: number }, signal: AbortSignal): AsyncIterable<Uint8Array>
  close(): Promise<void>
}
