import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useRenameAccount } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { FieldError, TextField } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'
import { useFaultFocus } from '../../ui/use-fault-focus.ts'

export const RenameDialog = ({ userName, onClose }: { userName: string; onClose: () => void }) => {
  const [typed, setTyped] = useState(userName)
  const rename = useRenameAccount()
  const form = useFaultFocus(rename.error)
  const navigate = useNavigate()
  const errors = formErrors(rename.error, { newUserName: 'new user name' })
  return (
    <Dialog title={`Rename ${userName}`} onClose={onClose}>
      <form
        ref={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (rename.isPending) return
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
        {errors.form && (
          <div role="alert">
            <FieldError>{errors.form}</FieldError>
          </div>
        )}
        <Actions>
          <Button onClick={onClose}>Keep the name</Button>
          <Button type="submit" kind="primary" busy={rename.isPending}>
            {rename.isPending ? 'Renaming…' : 'Rename'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
