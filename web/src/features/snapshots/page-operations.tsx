import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { type SnapshotAction, snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { useQuery } from '@tanstack/react-query'
import { CircleStop, RotateCcw, ShieldCheck, Trash2, Upload } from 'lucide-react'
import { session } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { hasFailedDelivery } from './delivery-words.ts'
import { DownloadLink } from './download-link.tsx'
import { ExportButton } from './export-button.tsx'
import { IntegrityLine } from './integrity.tsx'
import type { SnapshotDetails } from './snapshot-details.ts'
import { useSnapshotActions } from './use-snapshot-actions.tsx'

/**
 * The operations of one snapshot in its state, and what the last verification came to beside the button for it. What
 * the state or the role rules out is left out; that the role does is said instead.
 */
export const PageOperations = ({ snapshot }: { snapshot: SnapshotDetails }) => {
  const { data: signedIn } = useQuery(session())
  const { isOffered, reason, verify, cancel, retry, askToDelete, dialog } = useSnapshotActions(snapshot)
  const role = signedIn?.role ?? 'auditor'
  // An archive that does not lie here any more has its reason at the button.
  const isOver = snapshot.state === 'available' || snapshotCan.download(snapshot)
  const again = hasFailedDelivery(snapshot)
  const isShown = (action: SnapshotAction): boolean => snapshotCan[action](snapshot) && isOffered(action)
  const changes = (['cancel', 'retry', 'delete'] as const).filter((action) => snapshotCan[action](snapshot))
  return (
    <>
      {changes.length > 0 && !roleMay(role, 'operate') && (
        <p className="text-12 text-soft">Your role, {role}, may read but not change.</p>
      )}
      {isOver && (
        <>
          {(snapshot.isStored || snapshot.lastVerifiedAt !== null) && <IntegrityLine snapshot={snapshot} />}
          <Button icon={ShieldCheck} onClick={verify} disabledReason={reason('verify')}>
            Verify
          </Button>
        </>
      )}
      {isShown('cancel') && (
        <Button icon={CircleStop} onClick={cancel} disabledReason={reason('cancel')}>
          Cancel
        </Button>
      )}
      {isShown('retry') && (
        <Button icon={again ? Upload : RotateCcw} onClick={retry} disabledReason={reason('retry')}>
          {again ? 'Upload again' : 'Retry'}
        </Button>
      )}
      {isShown('delete') && (
        <Button icon={Trash2} onClick={askToDelete} disabledReason={reason('delete')}>
          Delete
        </Button>
      )}
      {isOver && <ExportButton snapshot={snapshot} reason={reason('download')} />}
      {isOver && <DownloadLink snapshot={snapshot} reason={reason('download')} kind="primary" />}
      {dialog}
    </>
  )
}
