import { useState } from 'react'
import { useSetPassword } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { CheckField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { showToast } from '../../ui/toast.tsx'
import { NewPasswordField } from './new-password-field.tsx'

/** A new password for somebody who has lost the old one. */
export const SetPasswordDialog = ({ userName, onClose }: { userName: string; onClose: () => void }) => {
  const [password, setPassword] = useState('')
  const [deletesTokens, setDeletesTokens] = useState(true)
  const set = useSetPassword()
  const errors = formErrors(set.error, { password: 'password' })
  return (
    <FormDialog
      title={`Set the password of ${userName}`}
      verb="Set password"
      busyVerb="Setting…"
      keep="Keep the old one"
      busy={set.isPending}
      error={errors.form}
      fault={set.error}
      onSubmit={() => {
        set.mutate(
          { userName, password, deletesTokens },
          {
            onSuccess: () => {
              showToast('good', `The password of ${userName} was set.`)
              onClose()
            },
          },
        )
      }}
      onClose={onClose}
    >
      <p className="text-soft">All sessions of the account end. Its second factors stay.</p>
      <NewPasswordField
        label="New password"
        required
        value={password}
        error={errors.fields.password}
        onChange={setPassword}
      />
      <CheckField
        label="Delete its access tokens, too"
        hint="Whoever knows one gets in without the password. Programs that use one need another."
        checked={deletesTokens}
        onChange={({ target }) => setDeletesTokens(target.checked)}
      />
    </FormDialog>
  )
}
