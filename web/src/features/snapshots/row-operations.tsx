import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { CircleStop, Download, Ellipsis, RotateCcw, ShieldCheck, Trash2 } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { DownloadLink } from './download-link.tsx'
import { useSnapshotActions } from './use-snapshot-actions.tsx'

/** Where the ledger is tight, deleting is left to the menu. */
const deleteLook = 'min-[62rem]:max-xl:hidden'

/** The likely next step as a button, and every operation, also the forbidden ones with their reason, behind “More”. */
export const RowOperations = ({ snapshot }: { snapshot: Snapshot }) => {
  const { reason, verify, cancel, retry, askToDelete, dialog } = useSnapshotActions(snapshot)
  const forWhom = <span className="sr-only"> the snapshot of {snapshot.userName}</span>
  return (
    <div className="flex items-center justify-start gap-0.5 max-[62rem]:-ml-2 min-[62rem]:-my-0.5 min-[62rem]:justify-end">
      {snapshot.state === 'available' && (
        <>
          <DownloadLink snapshot={snapshot} reason={reason('download')} kind="quiet" size="small" />
          <Button
            kind="quiet"
            size="small"
            onClick={askToDelete}
            className={deleteLook}
            disabledReason={reason('delete')}
          >
            Delete{forWhom}
          </Button>
        </>
      )}
      {snapshot.state === 'failed' && (
        <>
          <Button kind="quiet" size="small" icon={RotateCcw} onClick={retry} disabledReason={reason('retry')}>
            Retry{forWhom}
          </Button>
          <Button
            kind="quiet"
            size="small"
            onClick={askToDelete}
            className={deleteLook}
            disabledReason={reason('delete')}
          >
            Delete{forWhom}
          </Button>
        </>
      )}
      {isBusy(snapshot) && (
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
              <MenuItem icon={RotateCcw} onClick={run(retry)} disabledReason={reason('retry')}>
                Retry
              </MenuItem>
              <MenuItem icon={CircleStop} onClick={run(cancel)} disabledReason={reason('cancel')}>
                Cancel
              </MenuItem>
              <MenuItem icon={Trash2} onClick={run(askToDelete)} disabledReason={reason('delete')} tone="danger">
                Delete
              </MenuItem>
            </>
          )
        }}
      </Menu>
      {dialog}
    </div>
  )
}
