import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { CircleStop, RotateCcw, ShieldCheck, Trash2 } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { DownloadLink } from './download-link.tsx'
import { useSnapshotActions } from './use-snapshot-actions.tsx'

/** Every operation of one snapshot; the forbidden ones say why. */
export const PageOperations = ({ snapshot }: { snapshot: Snapshot }) => {
  const { reason, verify, cancel, retry, askToDelete, dialog } = useSnapshotActions(snapshot)
  return (
    <>
      <DownloadLink snapshot={snapshot} reason={reason('download')} kind="primary" />
      <Button icon={ShieldCheck} onClick={verify} disabledReason={reason('verify')}>
        Verify
      </Button>
      {isBusy(snapshot) ? (
        <Button icon={CircleStop} onClick={cancel} disabledReason={reason('cancel')}>
          Cancel
        </Button>
      ) : (
        <Button icon={RotateCcw} onClick={retry} disabledReason={reason('retry')}>
          Retry
        </Button>
      )}
      <Button icon={Trash2} onClick={askToDelete} disabledReason={reason('delete')}>
        Delete
      </Button>
      {dialog}
    </>
  )
}
