import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { uploadedShare } from './upload-progress.ts'

type Told = Pick<Snapshot, 'snapshotId' | 'userName' | 'state' | 'progressPercentage' | 'delivery'>

/** Of the upload while that is under way, of the capture before. */
const percentageOf = ({ state, progressPercentage, delivery }: Told): number | null =>
  state === 'uploading' && delivery ? (uploadedShare(delivery) ?? 0) * 100 : progressPercentage

const quarter = (percentage: number | null): number => Math.floor((percentage ?? 0) / 25)

/**
 * What is worth saying aloud after `before` has become `now`: another state (the last one says that it is done), or a
 * quarter more of the way. Not every tick.
 */
export const announcementOf = (before: Told | undefined, now: Told): string | null => {
  if (!before) return null
  const { userName, state } = now
  if (before.state !== state)
    return state === 'available'
      ? `Snapshot of ${userName}: 100 percent, available.`
      : `Snapshot of ${userName}: ${state}.`
  const reached = quarter(percentageOf(now))
  return reached > quarter(percentageOf(before)) ? `Snapshot of ${userName}: ${reached * 25} percent.` : null
}
