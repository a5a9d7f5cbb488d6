import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useRenameAccount } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { showToast } from '../../ui/toast.tsx'

export const RenameDialog = ({ userName, onClose }: { userName: string; onClose: () => void }) => {
  const [typed, setTyped] = useState(userName)
  const rename = useRenameAccount()
  const navigate = useNavigate()
  const errors = formErrors(rename.error, { newUserName: 'new user name' })
  return (
    <FormDialog
      title={`Rename ${userName}`}
      verb="Rename"
      busyVerb="Renaming…"
      keep="Keep the name"
      busy={rename.isPending}
      error={errors.form}
      fault={rename.error}
      onSubmit={() => {
        const newUserName = typed.trim()
        rename.mutate(
          { oldUserName: userName, newUserName },
          {
            onSuccess: () => {
              showToast('good', `${userName} is ${newUserName} now.`)
              onClose()
              void navigate({
                to: '/accounts/by-name/$userName',
                params: { userName: newUserName },
                replace: true,
              })
            },
          },
        )
      }}
      onClose={onClose}
    >
      <p className="text-soft">
        It signs in with the new name from then on. Its sessions and tokens stay, and records of what it did keep the
        old name.
      </p>
      <TextField
        label="New user name"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
        maxLength={320}
        value={typed}
        error={errors.fields.newUserName}
        onChange={({ target }) => setTyped(target.value)}
      />
    </FormDialog>
  )
}
