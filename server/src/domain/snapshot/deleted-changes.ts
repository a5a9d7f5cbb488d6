import type { SnapshotChanges } from '../../ports/snapshot-store.ts'

/** What a deletion leaves of a snapshot: a record without content. */
export const deletedChanges: SnapshotChanges = {
  sealedPassword: null,
  nextAttemptAt: null,
  archiveName: null,
  archiveSizeBytes: null,
  isStored: false,
  expiresAt: null,
  fullTextState: 'none',
  folders: [],
  issues: [],
}
