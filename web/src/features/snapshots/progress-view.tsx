import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { bytesText, countText } from '../../ui/format.ts'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { timeLeft, timeLeftText } from './time-left.ts'

/** Items and bytes done of expected, the rate and the folder; what is not known yet is said, never guessed. */
export const progressText = ({ progress }: Pick<Snapshot, 'progress'>): string => {
  const { itemsDone, itemsExpected, bytesDone, bytesExpected, bytesPerSecond } = progress
  const items =
    itemsExpected === null
      ? `${countText(itemsDone)} items, total not known yet`
      : `${countText(itemsDone)} of ${countText(itemsExpected)} items`
  const bytes = bytesExpected === null ? bytesText(bytesDone) : `${bytesText(bytesDone)} of ${bytesText(bytesExpected)}`
  const rate = bytesPerSecond === null ? [] : [`${bytesText(bytesPerSecond)}/s`]
  return [items, bytes, ...rate].join(' · ')
}

/** A bar with its figures under it. */
export const ProgressView = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => {
  const percentage = snapshot.progressPercentage
  const left = timeLeft(snapshot, nowMs)
  return (
    <div className="flex flex-col gap-1">
      <div className="flex h-6 items-center gap-2">
        <ProgressBar
          label={`Progress of the snapshot of ${snapshot.userName}`}
          share={percentage === null ? null : percentage / 100}
        />
        {percentage !== null && <span className="w-9 shrink-0 text-right tabular-nums">{percentage} %</span>}
      </div>
      <p className="text-12 text-soft tabular-nums">
        {progressText(snapshot)}
        {left && (
          <>
            {' · '}
            <span className="whitespace-nowrap text-ink">{timeLeftText(left)}</span>
          </>
        )}
      </p>
      {snapshot.progress.currentFolder && (
        <p className="truncate text-12 text-soft" title={snapshot.progress.currentFolder}>
          {snapshot.progress.currentFolder}
        </p>
      )}
    </div>
  )
}
