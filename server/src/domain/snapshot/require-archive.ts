import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'

/**
 * Whether something may be done with the archive of a snapshot.
 * @throws AppError `archive_elsewhere` when it is not here any more, `conflict` in another state
 */
export const requireArchive = (
  snapshot: Pick<Snapshot, 'state' | 'isStored'>,
  action: 'download' | 'verify' | 'rebuildIndex' | 'expire',
): void => {
  if (snapshotCan[action](snapshot)) return
  if (snapshot.state === 'available' && !snapshot.isStored) throw new AppError('archive_elsewhere')
  throw new AppError('conflict', { details: { state: snapshot.state } })
}
