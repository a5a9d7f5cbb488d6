import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { useDeleteDestination } from '../../api/destinations.ts'
import { errorText } from '../../api/error-text.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { FormError } from '../../ui/field.tsx'
import { sshServerText } from '../../ui/format.ts'
import { showToast } from '../../ui/toast.tsx'
import { protocolWords } from './destination-words.ts'

type DeleteDestinationDialogProps = { destination: Destination; onClose: () => void; onDeleted: () => void }

/** Names what goes, and what stays, before it goes. */
export const DeleteDestinationDialog = ({ destination, onClose, onDeleted }: DeleteDestinationDialogProps) => {
  const remove = useDeleteDestination()
  return (
    <Dialog title={`Delete the destination ${destination.name}?`} onClose={onClose}>
      <p className="rounded bg-sunken px-3 py-2.5 text-13 wrap-anywhere">
        {protocolWords[destination.protocol]} to {sshServerText(destination)}
      </p>
      <p className="text-soft">
        {destination.authMethod === 'service-key' ? 'It is removed' : 'It is removed with its saved sign-in'}. What was
        delivered stays at the server. Snapshots that wait for their delivery there fail; their archives stay here.
      </p>
      <FormError>{remove.isError && errorText(remove.error)}</FormError>
      <Actions>
        <Button onClick={onClose}>Keep it</Button>
        <Button
          kind="danger"
          busy={remove.isPending}
          onClick={() =>
            remove.mutate(destination, {
              onSuccess: () => {
                showToast('good', `The destination ${destination.name} was deleted.`)
                onClose()
                onDeleted()
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
