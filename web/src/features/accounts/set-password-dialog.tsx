import { useState } from 'react'
import { useSetPassword } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { FieldError } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'
import { useFaultFocus } from '../../ui/use-fault-focus.ts'
import { NewPasswordField } from './new-password-field.tsx'

/** A new password for somebody who has lost the old one. */
export const SetPasswordDialog = ({ userName, onClose }: { userName: string; onClose: () => void }) => {
  const [password, setPassword] = useState('')
  const set = useSetPassword()
  const form = useFaultFocus(set.error)
  const errors = formErrors(set.error, { password: 'password' })
  return (
    <Dialog title={`Set the password of ${userName}`} onClose={onClose}>
      <form
        ref={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (set.isPending) return
          set.mutate(
            { userName, password },
            {
              onSuccess: () => {
                showToast('good', `The password of ${userName} was set.`)
                onClose()
              },
            },
          )
        }}
      >
        <p className="text-soft">All sessions of the account end. Its second factors and access tokens stay.</p>
        <NewPasswordField
          label="New password"
          required
          value={password}
          error={errors.fields.password}
          onChange={setPassword}
        />
        {errors.form && (
          <div role="alert">
            <FieldError>{errors.form}</FieldError>
          </div>
        )}
        <Actions>
          <Button onClick={onClose}>Keep the old one</Button>
          <Button type="submit" kind="primary" busy={set.isPending}>
            {set.isPending ? 'Setting…' : 'Set password'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
