import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { expect, test } from 'vitest'
import { type Account, changesBetween, draftFaults, draftOf } from './account-draft.ts'

const olga: Account = {
  userName: 'olga',
  fullName: 'Olga Example',
  distinguishedName: null,
  emailAddresses: ['olga@example.org'],
  role: 'operator',
  privileges: 'operator',
  organizations: [OrganizationId.parse('sample'), OrganizationId.parse('club')],
  hasPassword: true,
  secondFactors: [],
  lastSignInAt: null,
}

test('what was not changed is not sent', () => {
  expect(changesBetween(olga, draftOf(olga))).toEqual([])
  expect(changesBetween(olga, { ...draftOf(olga), organizations: ['club', 'sample'] })).toEqual([])
  expect(changesBetween(olga, { ...draftOf(olga), emailAddresses: ' olga@example.org ,' })).toEqual([])
})

test('each change goes to its own method, the role last', () => {
  const draft = {
    fullName: ' Olga E. ',
    emailAddresses: 'olga@example.org; o@example.org\nolga@example.net',
    role: 'administrator',
    reach: 'all',
    organizations: [],
  } as const
  expect(changesBetween(olga, draft)).toEqual([
    { method: 'SetUserFullName', params: { userName: 'olga', fullName: 'Olga E.' } },
    {
      method: 'SetUserEmailAddresses',
      params: { userName: 'olga', emailAddresses: ['olga@example.org', 'o@example.org', 'olga@example.net'] },
    },
    { method: 'SetUserOrganizations', params: { userName: 'olga', organizations: ['*'] } },
    { method: 'SetUserPrivileges', params: { userName: 'olga', privileges: 'administrator' } },
  ])
})

test('nobody is limited to no organization at all', () => {
  expect(draftFaults({ ...draftOf(olga), organizations: [] })).toHaveProperty('organizations')
  expect(draftFaults({ ...draftOf(olga), organizations: [], reach: 'all' })).toEqual({})
})
