import { roles } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { organizations, session } from '../../api/queries.ts'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { TextField } from '../../ui/field.tsx'
import type { AccountDraft } from './account-draft.ts'
import { roleHints } from './account-words.ts'

type AccountFieldsProps = {
  draft: AccountDraft
  errors: Readonly<Record<string, string>>
  onChange: (part: Partial<AccountDraft>) => void
}

/** What an account is, but for its name and what it signs in with. */
export const AccountFields = ({ draft, errors, onChange }: AccountFieldsProps) => {
  const { data: all = [] } = useQuery(organizations())
  const { data: signedIn } = useQuery(session())
  const isLimited = signedIn?.organizations != null
  // One that the configuration has lost can still be taken away.
  const lost = draft.organizations.filter((id) => !all.some(({ organization }) => organization === id))
  return (
    <>
      <TextField
        label="Full name"
        autoComplete="off"
        maxLength={200}
        value={draft.fullName}
        error={errors.fullName}
        onChange={({ target }) => onChange({ fullName: target.value })}
      />
      <TextField
        label="E-mail addresses"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={draft.emailAddresses}
        error={errors.emailAddresses}
        hint="With commas between them, the primary one first. Client certificates may be matched by them."
        onChange={({ target }) => onChange({ emailAddresses: target.value })}
      />
      <ChoiceGroup
        kind="radio"
        legend="Role"
        chosen={[draft.role]}
        error={errors.privileges}
        onChange={([role]) => role && onChange({ role })}
        choices={roles.map((value) => ({ value, label: value, hint: roleHints[value] }))}
      />
      <ChoiceGroup
        kind="radio"
        legend="Organizations"
        chosen={[draft.reach]}
        error={draft.reach === 'all' ? errors.organizations : null}
        onChange={([reach]) => reach && onChange({ reach })}
        choices={[
          {
            value: 'all',
            label: 'All',
            hint: 'Those to come included',
            disabledReason: isLimited ? 'Your own account is limited to some' : null,
          },
          { value: 'some', label: 'Only some', hint: 'What is of others does not exist for it' },
        ]}
      />
      {draft.reach === 'some' && (
        <ChoiceGroup
          kind="checkbox"
          legend="Limited to"
          chosen={draft.organizations}
          error={errors.organizations}
          onChange={(chosen) => onChange({ organizations: chosen })}
          choices={[
            ...all.map(({ organization, name }) => ({
              value: organization as string,
              label: name,
              hint: organization,
            })),
            ...lost.map((id) => ({ value: id, label: id, hint: 'not in the configuration any more' })),
          ]}
        />
      )}
    </>
  )
}
