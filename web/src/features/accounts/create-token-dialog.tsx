import { type Role, roleMay, type TokenScope, tokenScopes } from '@stillbox/shared/vocabulary/access.ts'
import { useState } from 'react'
import { useCreateAccessToken } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { scopeWords } from './account-words.ts'

const dayMs = 86_400_000
const lifetimes = [
  { days: 7, label: '7 days' },
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 365, label: '1 year' },
] as const

const words = { name: 'name', scope: 'scope', expires: 'end' }

type CreateTokenDialogProps = {
  role: Role
  onClose: () => void
  onCreated: (made: { name: string; token: string }) => void
}

/** What the token is for, what it may do at most, and until when. */
export const CreateTokenDialog = ({ role, onClose, onCreated }: CreateTokenDialogProps) => {
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenScope>('read')
  const [days, setDays] = useState('90')
  const create = useCreateAccessToken()
  const errors = formErrors(create.error, words)
  return (
    <FormDialog
      title="Create an access token"
      verb="Create token"
      busyVerb="Creating…"
      keep="Not now"
      busy={create.isPending}
      error={errors.form}
      fault={create.error}
      onSubmit={() => {
        const expires = new Date(Date.now() + Number(days) * dayMs).toISOString()
        create.mutate({ name, scope, expires }, { onSuccess: onCreated })
      }}
      onClose={onClose}
    >
      <TextField
        label="Name"
        hint="Which program uses it."
        required
        autoFocus
        autoComplete="off"
        maxLength={100}
        value={name}
        error={errors.fields.name}
        onChange={({ target }) => setName(target.value)}
      />
      <ChoiceGroup
        kind="radio"
        legend="Scope"
        chosen={[scope]}
        error={errors.fields.scope}
        hint="It never does more than your account may."
        onChange={([chosen]) => chosen && setScope(chosen)}
        choices={tokenScopes.filter((value) => roleMay(role, value)).map((value) => ({ value, ...scopeWords[value] }))}
      />
      <SelectField
        label="Good for"
        value={days}
        error={errors.fields.expires}
        onChange={({ target }) => setDays(target.value)}
      >
        {lifetimes.map(({ days: value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  )
}
