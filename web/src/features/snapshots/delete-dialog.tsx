import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { errorText } from '../../api/error-text.ts'
import { useDeleteSnapshot } from '../../api/mutations.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { FormError } from '../../ui/field.tsx'
import { Bytes, Count, Instant } from '../../ui/figures.tsx'
import { showToast } from '../../ui/toast.tsx'
import { rangeText } from './day-range.ts'
import { typesText } from './snapshot-words.ts'

/** Names what goes before it goes. */
export const DeleteDialog = ({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) => {
  const remove = useDeleteSnapshot()
  const range = rangeText(snapshot.start, snapshot.end)
  const hasArchive = snapshot.isStored
  const delivered = snapshot.delivery?.deliveredAt ? snapshot.delivery : null
  return (
    <Dialog title={`Delete the snapshot of ${snapshot.userName}?`} onClose={onClose}>
      <dl className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 rounded bg-sunken px-3 py-2.5 text-13">
        <dt className="text-soft">Type</dt>
        <dd>{typesText(snapshot.type)}</dd>
        {range && (
          <>
            <dt className="text-soft">Received</dt>
            <dd>{range}</dd>
          </>
        )}
        <dt className="text-soft">Created</dt>
        <dd>
          <Instant at={snapshot.createdAt} />
        </dd>
        {hasArchive && snapshot.itemCount !== null && snapshot.archiveSizeBytes !== null && (
          <>
            <dt className="text-soft">Archive</dt>
            <dd>
              <Count count={snapshot.itemCount} one="item" many="items" />, <Bytes bytes={snapshot.archiveSizeBytes} />
            </dd>
          </>
        )}
      </dl>
      <p className="text-soft">
        {hasArchive
          ? 'Its archive is deleted for good. Download it first if it may still be needed.'
          : 'There is no archive of it here. It is removed from the list; a record of it stays.'}
        {delivered && ` What was delivered to ${delivered.destinationName ?? delivered.host} stays there.`}
      </p>
      <FormError>{remove.isError && errorText(remove.error)}</FormError>
      <Actions>
        <Button onClick={onClose}>Keep it</Button>
        <Button
          kind="danger"
          busy={remove.isPending}
          onClick={() =>
            remove.mutate(snapshot, {
              onSuccess: () => {
                showToast('good', `The snapshot of ${snapshot.userName} was deleted.`)
                onClose()
                // Its row and the button that opened this are about to go.
                requestAnimationFrame(() => document.querySelector<HTMLElement>('h1')?.focus())
              },
            })
          }
        >
          {remove.isPending ? 'Deleting…' : 'Delete'}
        </Button>
      </Actions>
    </Dialog>
  )
}
