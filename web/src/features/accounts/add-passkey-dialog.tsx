import { useState } from 'react'
import { useAddPasskey } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { showToast } from '../../ui/toast.tsx'
import { deviceText } from './device-text.ts'

type AddPasskeyDialogProps = { onClose: () => void; onDone: (recoveryCodes: readonly string[]) => void }

/** A name for the passkey, then the browser asks for it. */
export const AddPasskeyDialog = ({ onClose, onDone }: AddPasskeyDialogProps) => {
  const [name, setName] = useState(() => deviceText(navigator.userAgent))
  const add = useAddPasskey()
  const errors = formErrors(add.error, { name: 'name' })
  return (
    <FormDialog
      title="Add a passkey"
      verb="Add passkey"
      busyVerb="Waiting for the passkey…"
      keep="Not now"
      busy={add.isPending}
      error={errors.form}
      fault={add.error}
      onSubmit={() => {
        add.mutate(
          { name },
          {
            onSuccess: ({ recoveryCodes }) => {
              showToast('good', `The passkey “${name.trim()}” was added. Other sessions of this account have ended.`)
              onDone(recoveryCodes)
            },
          },
        )
      }}
      onClose={onClose}
    >
      <p className="text-soft">
        A passkey is this device, your phone or a security key. The browser asks you for it when you go on.
      </p>
      <TextField
        label="Name of the passkey"
        hint="To tell it from others, when one is lost."
        required
        autoFocus
        autoComplete="off"
        maxLength={100}
        value={name}
        error={errors.fields.name}
        onChange={({ target }) => setName(target.value)}
      />
    </FormDialog>
  )
}
