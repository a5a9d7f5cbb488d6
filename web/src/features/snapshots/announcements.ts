import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'

type Told = Pick<Snapshot, 'snapshotId' | 'userName' | 'state' | 'progressPercentage'>

const quarter = (percentage: number | null): number => Math.floor((percentage ?? 0) / 25)

/**
 * What is worth saying aloud after `before` has become `now`: another state (the last one says that it is done), or a
 * quarter more of the way. Not every tick.
 */
export const announcementOf = (before: Told | undefined, now: Told): string | null => {
  if (!before) return null
  const { userName, state, progressPercentage } = now
  if (before.state !== state)
    return state === 'available'
      ? `Snapshot of ${userName}: 100 percent, available.`
      : `Snapshot of ${userName}: ${state}.`
  const reached = quarter(progressPercentage)
  return reached > quarter(before.progressPercentage) ? `Snapshot of ${userName}: ${reached * 25} percent.` : null
}
