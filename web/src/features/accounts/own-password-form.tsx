import { useState } from 'react'
import { useSetPassword } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { Button } from '../../ui/button.tsx'
import { CheckField, FormError, TextField } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'
import { useFaultFocus } from '../../ui/use-fault-focus.ts'
import { NewPasswordField } from './new-password-field.tsx'

const words = { currentPassword: 'current password', password: 'password' }
const empty = { currentPassword: '', password: '', deletesTokens: false }

/** Changes the own password. The current one is asked for, so that an open browser is not enough. */
export const OwnPasswordForm = ({ userName }: { userName: string }) => {
  const [typed, setTyped] = useState(empty)
  const set = useSetPassword()
  const form = useFaultFocus(set.error)
  const errors = formErrors(set.error, words)
  return (
    <form
      ref={form}
      className="flex max-w-120 flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (set.isPending) return
        const { currentPassword, password, deletesTokens } = typed
        set.mutate(
          { userName, password, deletesTokens, ...(currentPassword === '' ? {} : { currentPassword }) },
          {
            onSuccess: () => {
              setTyped(empty)
              showToast(
                'good',
                `The password was changed. Your other sessions have ended${deletesTokens ? ', and your access tokens are deleted' : ''}.`,
              )
            },
          },
        )
      }}
    >
      {/* Tells a password manager whose password it is. */}
      <input type="text" autoComplete="username" value={userName} readOnly hidden />
      <TextField
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={typed.currentPassword}
        error={errors.fields.currentPassword}
        hint="Leave it empty if the account has none yet."
        onChange={({ target }) => setTyped({ ...typed, currentPassword: target.value })}
      />
      <NewPasswordField
        label="New password"
        required
        value={typed.password}
        error={errors.fields.password}
        onChange={(password) => setTyped({ ...typed, password })}
      />
      <CheckField
        label="Delete my access tokens, too"
        hint="When somebody may know one of them. Programs that use one need another."
        checked={typed.deletesTokens}
        onChange={({ target }) => setTyped({ ...typed, deletesTokens: target.checked })}
      />
      <FormError>{errors.form}</FormError>
      <div>
        <Button type="submit" kind="primary" busy={set.isPending}>
          {set.isPending ? 'Changing…' : 'Change password'}
        </Button>
      </div>
    </form>
  )
}
