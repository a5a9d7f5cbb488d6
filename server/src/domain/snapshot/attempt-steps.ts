import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Attempt } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'

/** Whether this attempt is still the one that is at work on a snapshot. */
export const isHeldBy = (snapshot: Snapshot, state: SnapshotState, { attempt }: Attempt): boolean =>
  snapshot.state === state && snapshot.attempt === attempt

export const notOurs = () => new AppError('conflict', { details: { state: 'in the hands of another attempt' } })

/** What is written when a snapshot fails for good. */
export const endedChanges = (error: AppError, clock: Clock) => ({
  error: toErrorForm(error),
  finishedAt: clock.now().toISOString(),
  nextAttemptAt: null,
  sealedPassword: null,
})

/** The sentence for a job whose snapshot somebody else has ended. */
export const whyOver = async (snapshots: SnapshotStore, snapshotId: SnapshotId): Promise<string> => {
  const { state, error } = await snapshots.get(snapshotId)
  return error?.message ?? new AppError('conflict', { details: { state } }).message
}
