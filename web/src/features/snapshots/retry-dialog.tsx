import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useRetrySnapshot } from '../../api/mutations.ts'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { showToast } from '../../ui/toast.tsx'

/** Asked after a refused sign-in, where the user's own password may help. */
export const RetryDialog = ({ snapshot, onClose }: { snapshot: Snapshot; onClose: () => void }) => {
  const [password, setPassword] = useState('')
  const retry = useRetrySnapshot()
  return (
    <FormDialog
      title={`Retry the snapshot of ${snapshot.userName}?`}
      verb="Retry"
      busyVerb="Retry"
      keep="Not now"
      busy={retry.isPending}
      error={retry.isError && errorText(retry.error)}
      onSubmit={() => {
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
      onClose={onClose}
    >
      <p className="text-soft">{snapshot.error?.message}</p>
      <TextField
        label={`Password of ${snapshot.userName} (optional)`}
        type="password"
        autoComplete="off"
        value={password}
        onChange={({ target }) => setPassword(target.value)}
        hint="Leave it empty to sign in as configured. It is kept encrypted, and only until the snapshot has ended."
      />
    </FormDialog>
  )
}
