import type { Result } from '@stillbox/shared/contract/registry.ts'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import type { AccountChange } from '../../api/account-mutations.ts'

export type Account = Result<'GetUsers'>[number]

/** What is typed and chosen about an account, before it is sent. */
export type AccountDraft = {
  readonly fullName: string
  /** As it is typed: addresses with commas or spaces between them. */
  readonly emailAddresses: string
  readonly role: Role
  readonly reach: 'all' | 'some'
  readonly organizations: readonly string[]
}

export const draftOf = ({ fullName, emailAddresses, role, organizations }: Account): AccountDraft => ({
  fullName,
  emailAddresses: emailAddresses.join(', '),
  role,
  reach: organizations === null ? 'all' : 'some',
  organizations: organizations ?? [],
})

export const addressesIn = (text: string): string[] => text.split(/[\s,;]+/).filter((address) => address !== '')

export const chosenOrganizations = ({ reach, organizations }: AccountDraft): string[] =>
  reach === 'all' ? ['*'] : [...organizations]

/** What a person calls the parameters. */
export const draftWords = {
  fullName: 'full name',
  emailAddresses: 'e-mail addresses',
  privileges: 'role',
  organizations: 'organizations',
}

/** What has to be right before it is worth asking the service, by parameter. */
export const draftFaults = ({ reach, organizations }: AccountDraft): Readonly<Record<string, string>> =>
  reach === 'some' && organizations.length === 0 ? { organizations: 'Choose at least one organization.' } : {}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((value, index) => value === other[index])

/** The changes that make the account what the draft says; what stays as it is is not sent. */
export const changesBetween = (account: Account, draft: AccountDraft): AccountChange[] => {
  const { userName } = account
  const changes: AccountChange[] = []
  const fullName = draft.fullName.trim()
  if (fullName !== account.fullName) changes.push({ method: 'SetUserFullName', params: { userName, fullName } })
  const emailAddresses = addressesIn(draft.emailAddresses)
  if (!isSame(emailAddresses, account.emailAddresses))
    changes.push({ method: 'SetUserEmailAddresses', params: { userName, emailAddresses } })
  const organizations = chosenOrganizations(draft)
  if (!isSame(organizations.toSorted(), (account.organizations ?? ['*']).toSorted()))
    changes.push({ method: 'SetUserOrganizations', params: { userName, organizations } })
  // Last: a change of the own role may take the right to make the others.
  if (draft.role !== account.role)
    changes.push({ method: 'SetUserPrivileges', params: { userName, privileges: draft.role } })
  return changes
}
