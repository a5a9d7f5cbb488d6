import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { Duration } from '../../ui/figures.tsx'

/** How long it took, or has been at work until `nowMs`; null before it began. */
const elapsedMs = ({ state, startedAt, finishedAt }: Snapshot, nowMs: number): number | null => {
  if (startedAt === null) return null
  const endMs = finishedAt !== null ? Date.parse(finishedAt) : isBusy({ state }) ? nowMs : null
  return endMs === null ? null : Math.max(0, endMs - Date.parse(startedAt))
}

/** “took 3.6 s”, “for 3 min 4 s” or that it has not begun. */
export const TimeTaken = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => {
  const ms = elapsedMs(snapshot, nowMs)
  return (
    <span className="text-12 text-soft">
      {ms === null ? (
        'not started'
      ) : (
        <>
          {isBusy(snapshot) ? 'for ' : 'took '}
          <Duration ms={ms} />
        </>
      )}
    </span>
  )
}
