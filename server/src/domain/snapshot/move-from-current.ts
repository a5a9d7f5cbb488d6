import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { type SnapshotAction, type SnapshotState, snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { SnapshotChanges, SnapshotStore } from '../../ports/snapshot-store.ts'

/** A snapshot changes state a few times in its whole life; losing this often to others means something else is wrong. */
const mostTries = 5

/**
 * Moves a snapshot from whatever state it is in, as long as that state permits the action; asks again when a job was quicker.
 * @throws AppError `not_found`, `conflict`
 */
export const moveFromCurrent = async (
  snapshots: SnapshotStore,
  snapshotId: SnapshotId,
  action: SnapshotAction,
  to: SnapshotState,
  changes: SnapshotChanges | ((current: Snapshot) => SnapshotChanges),
  message: string,
): Promise<Snapshot> => {
  for (let tries = 1; ; tries++) {
    const current = await snapshots.get(snapshotId)
    if (!snapshotCan[action](current) || tries > mostTries)
      throw new AppError('conflict', { details: { state: current.state } })
    const written = typeof changes === 'function' ? changes(current) : changes
    const moved = await snapshots.move(snapshotId, current.state, to, written, message)
    if (moved) return moved
  }
}
