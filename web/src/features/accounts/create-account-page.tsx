import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useCreateAccount } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { session } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { FormError, TextField } from '../../ui/field.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { showToast } from '../../ui/toast.tsx'
import { useFaultFocus } from '../../ui/use-fault-focus.ts'
import { type AccountDraft, addressesIn, chosenOrganizations, draftFaults, draftWords } from './account-draft.ts'
import { AccountFields } from './account-fields.tsx'
import { ForAdministrators } from './for-administrators.tsx'
import { NewPasswordField } from './new-password-field.tsx'

const title = 'Create account'
const words = { userName: 'user name', password: 'password', ...draftWords }

export const CreateAccountPage = () => (
  <ForAdministrators title={title}>
    <CreateAccount />
  </ForAdministrators>
)

const CreateAccount = () => {
  const { data: signedIn } = useQuery(session())
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [draft, setDraft] = useState<AccountDraft>(() => ({
    fullName: '',
    emailAddresses: '',
    role: 'operator',
    reach: 'some',
    organizations: signedIn?.organizations ?? [],
  }))
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const create = useCreateAccount()
  const form = useFaultFocus(create.error ?? faults)
  const navigate = useNavigate()
  const refused = formErrors(create.error, words)
  const errors = { ...refused.fields, ...faults }
  return (
    <div className="flex max-w-160 flex-col gap-6">
      <PageHeader title={title} />
      <form
        ref={form}
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault()
          if (create.isPending) return
          const found = draftFaults(draft)
          setFaults(found)
          if (Object.keys(found).length > 0) return create.reset()
          const userName = name.trim()
          create.mutate(
            {
              userName,
              privileges: draft.role,
              fullName: draft.fullName,
              emailAddresses: addressesIn(draft.emailAddresses),
              organizations: chosenOrganizations(draft),
              ...(password === '' ? {} : { password }),
            },
            {
              onSuccess: () => {
                showToast('good', `The account ${userName} was created.`)
                void navigate({ to: '/accounts/by-name/$userName', params: { userName } })
              },
            },
          )
        }}
      >
        <TextField
          label="User name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={320}
          value={name}
          error={errors.userName}
          hint="What it signs in with. It can be changed later."
          onChange={({ target }) => setName(target.value)}
        />
        <NewPasswordField
          label="Password"
          value={password}
          error={errors.password}
          hint="Left empty, the account has none and signs in by client certificate only."
          onChange={setPassword}
        />
        <AccountFields
          draft={draft}
          errors={errors}
          onChange={(part) => {
            setFaults({})
            setDraft({ ...draft, ...part })
          }}
        />
        <FormError>{refused.form && `${refused.form} What you entered is kept.`}</FormError>
        <div className="flex flex-wrap gap-2 border-t-3 border-double border-line-strong pt-4">
          <Button type="submit" kind="primary" busy={create.isPending}>
            {create.isPending ? 'Creating…' : 'Create account'}
          </Button>
          <Link to="/accounts" className={buttonLook('plain')}>
            Back to the accounts
          </Link>
        </div>
      </form>
    </div>
  )
}
