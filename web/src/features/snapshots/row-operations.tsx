import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { CircleStop, Download, Ellipsis, Hourglass, RotateCcw, ShieldCheck, Trash2, Upload } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { hasFailedDelivery } from './delivery-words.ts'
import { DownloadLink } from './download-link.tsx'
import { useSnapshotActions } from './use-snapshot-actions.tsx'

/** Where the ledger is tight the icon speaks for the word, which stays its name. */
const RowDelete = ({
  snapshot,
  reason,
  onClick,
}: {
  snapshot: Snapshot
  reason: string | null
  onClick: () => void
}) => (
  <Button
    kind="quiet"
    size="small"
    onClick={onClick}
    disabledReason={reason}
    title="Delete"
    className="min-[62rem]:max-[96rem]:w-7"
  >
    <Trash2 size={14} strokeWidth={2} className="shrink-0 max-[62rem]:hidden min-[96rem]:hidden" aria-hidden="true" />
    <span className="min-[62rem]:max-[96rem]:sr-only">Delete</span>
    <span className="sr-only"> the snapshot of {snapshot.userName}</span>
  </Button>
)

/**
 * The likely next step as a button, and every operation the role has, also those that the state forbids with their reason, behind
 * “More”.
 */
export const RowOperations = ({ snapshot }: { snapshot: Snapshot }) => {
  const { isOffered, reason, verify, cancel, retry, askToDelete, askForExpiry, dialog } = useSnapshotActions(snapshot)
  const again = hasFailedDelivery(snapshot)
  const forWhom = <span className="sr-only"> the snapshot of {snapshot.userName}</span>
  return (
    <div className="flex items-center justify-start gap-0.5 max-[62rem]:-ml-2 min-[62rem]:-my-0.5 min-[62rem]:justify-end">
      {snapshot.state === 'available' && (
        <>
          <DownloadLink snapshot={snapshot} reason={reason('download')} kind="quiet" size="small" />
          {isOffered('delete') && <RowDelete snapshot={snapshot} reason={reason('delete')} onClick={askToDelete} />}
        </>
      )}
      {snapshot.state === 'failed' && isOffered('retry') && (
        <>
          <Button
            kind="quiet"
            size="small"
            icon={again ? Upload : RotateCcw}
            onClick={retry}
            disabledReason={reason('retry')}
          >
            {again ? (
              <span>
                Upload<span className="sr-only"> again</span>
              </span>
            ) : (
              'Retry'
            )}
            {forWhom}
          </Button>
          <RowDelete snapshot={snapshot} reason={reason('delete')} onClick={askToDelete} />
        </>
      )}
      {isBusy(snapshot) && isOffered('cancel') && (
        <Button kind="quiet" size="small" icon={CircleStop} onClick={cancel} disabledReason={reason('cancel')}>
          Cancel{forWhom}
        </Button>
      )}
      <Menu
        label={`More for the snapshot of ${snapshot.userName}`}
        triggerLook="grid size-7 shrink-0 place-items-center rounded text-soft hover:bg-accent-wash hover:text-ink"
        trigger={<Ellipsis size={16} aria-hidden="true" />}
      >
        {(close) => {
          const run = (act: () => void) => () => {
            close()
            act()
          }
          return (
            <>
              <MenuItem
                icon={Download}
                onClick={run(() => window.location.assign(`/download/${snapshot.snapshotId}`))}
                disabledReason={reason('download')}
              >
                Download
              </MenuItem>
              <MenuItem icon={ShieldCheck} onClick={run(verify)} disabledReason={reason('verify')}>
                Verify
              </MenuItem>
              {isOffered('retry') && (
                <MenuItem icon={again ? Upload : RotateCcw} onClick={run(retry)} disabledReason={reason('retry')}>
                  {again ? 'Upload again' : 'Retry'}
                </MenuItem>
              )}
              {isOffered('expire') && (
                <MenuItem icon={Hourglass} onClick={run(askForExpiry)} disabledReason={reason('expire')}>
                  Change how long it is kept
                </MenuItem>
              )}
              {isOffered('cancel') && (
                <MenuItem icon={CircleStop} onClick={run(cancel)} disabledReason={reason('cancel')}>
                  Cancel
                </MenuItem>
              )}
              {isOffered('delete') && (
                <MenuItem icon={Trash2} onClick={run(askToDelete)} disabledReason={reason('delete')} tone="danger">
                  Delete
                </MenuItem>
              )}
            </>
          )
        }}
      </Menu>
      {dialog}
    </div>
  )
}
