import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { Button } from '../../ui/button.tsx'
import { Instant } from '../../ui/figures.tsx'
import { whyNot } from './action-reason.ts'
import { ExpiryBadge } from './expiry-badge.tsx'
import { useSnapshotActions } from './use-snapshot-actions.tsx'

/** How long the archive here is kept, with the way to change it for those who may; or where it went. */
export const Keeping = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => {
  const { reason, askForExpiry, dialog } = useSnapshotActions(snapshot)
  if (snapshot.state !== 'available' && !snapshotCan.expire(snapshot)) return null
  if (!snapshot.isStored) return <p className="text-soft">{whyNot('download', snapshot, 'administrator')}</p>
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <ExpiryBadge snapshot={snapshot} nowMs={nowMs} />
      <span className="text-soft">
        {snapshot.expiresAt === null ? (
          'The archive is kept until somebody deletes it.'
        ) : (
          <>
            The archive expires on <Instant at={snapshot.expiresAt} />.
          </>
        )}
      </span>
      {reason('expire') === null && (
        <Button size="small" kind="quiet" onClick={askForExpiry}>
          {snapshot.expiresAt === null ? 'Let it expire' : 'Keep it longer'}
        </Button>
      )}
      {dialog}
    </div>
  )
}
