import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { bytesText } from '../../ui/format.ts'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { timeLeftText } from './time-left.ts'
import { uploadedShare, uploadTimeLeft } from './upload-progress.ts'

type UploadViewProps = { userName: string; delivery: NonNullable<Snapshot['delivery']> }

/** How far an upload is: a bar, and under it bytes, rate, time left and where it goes. */
export const UploadView = ({ userName, delivery }: UploadViewProps) => {
  const { bytesDone, bytesExpected, bytesPerSecond, destinationName, host } = delivery
  const share = uploadedShare(delivery)
  const left = uploadTimeLeft(delivery)
  return (
    <div className="flex flex-col gap-1">
      <div className="flex h-6 items-center gap-2">
        <ProgressBar label={`Upload of the snapshot of ${userName}`} share={share} />
        {share !== null && <span className="w-11 shrink-0 text-right tabular-nums">{Math.floor(share * 100)} %</span>}
      </div>
      <p className="text-12 text-soft tabular-nums">
        {bytesExpected === null ? bytesText(bytesDone) : `${bytesText(bytesDone)} of ${bytesText(bytesExpected)}`}
        {bytesPerSecond !== null && ` · ${bytesText(bytesPerSecond)}/s`}
        {left && (
          <>
            {' · '}
            <span className="whitespace-nowrap text-ink">{timeLeftText(left)}</span>
          </>
        )}
      </p>
      <p className="truncate text-12 text-soft" title={host}>
        to {destinationName ?? host}
      </p>
    </div>
  )
}
