import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useRetrySnapshot } from '../../api/mutations.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { FieldError, TextField } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'

/** Asked after a refused sign-in, where the user's own password may help. */
export const RetryDialog = ({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) => {
  const [password, setPassword] = useState('')
  const retry = useRetrySnapshot()
  return (
    <Dialog title={`Retry the snapshot of ${snapshot.userName}?`} onClose={onClose}>
      <p className="text-soft">{snapshot.error?.message}</p>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (retry.isPending) return
          retry.mutate(
            { snapshotId: snapshot.snapshotId, password },
            {
              onSuccess: () => {
                showToast('good', `The snapshot of ${snapshot.userName} starts again.`)
                onClose()
              },
            },
          )
        }}
      >
        <TextField
          label={`Password of ${snapshot.userName} (optional)`}
          type="password"
          autoComplete="off"
          value={password}
          onChange={({ target }) => setPassword(target.value)}
          hint="Leave it empty to sign in as configured. It is kept encrypted, and only until the snapshot has ended."
        />
        {retry.isError && (
          <div role="alert">
            <FieldError>{errorText(retry.error)}</FieldError>
          </div>
        )}
        <Actions>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" kind="primary" busy={retry.isPending}>
            Retry
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
