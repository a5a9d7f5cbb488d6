import { useState } from 'react'
import { useAddPasskey } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { FieldError, TextField } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'
import { useFaultFocus } from '../../ui/use-fault-focus.ts'
import { deviceText } from './device-text.ts'

type AddPasskeyDialogProps = { onClose: () => void; onDone: (recoveryCodes: readonly string[]) => void }

/** A name for the passkey, then the browser asks for it. */
export const AddPasskeyDialog = ({ onClose, onDone }: AddPasskeyDialogProps) => {
  const [name, setName] = useState(() => deviceText(navigator.userAgent))
  const add = useAddPasskey()
  const form = useFaultFocus(add.error)
  const errors = formErrors(add.error, { name: 'name' })
  return (
    <Dialog title="Add a passkey" onClose={onClose}>
      <form
        ref={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (add.isPending) return
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
        {errors.form && (
          <div role="alert">
            <FieldError>{errors.form}</FieldError>
          </div>
        )}
        <Actions>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" kind="primary" busy={add.isPending}>
            {add.isPending ? 'Waiting for the passkey…' : 'Add passkey'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
