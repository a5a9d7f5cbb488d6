import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { snapshotTypes } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import type { AccountDirectory, Organization } from '../../src/ports/account-directory.ts'

export const sampleOrganization: Organization = {
  organization: OrganizationId.parse('sample'),
  name: 'Sample',
  types: snapshotTypes,
  userNameHint: null,
  isSample: true,
  limitGroup: 'mail.example:993',
  maxCapturesAtOnce: 2,
}

/** Knows every user but `nobody`; records the passwords it was given. */
export const createFixedDirectory = (organizations: readonly Organization[] = [sampleOrganization]) => {
  const passwords: (string | null)[] = []
  const directory: AccountDirectory = {
    organizations: () => organizations,
    resolve: async ({ userName, password }) => {
      passwords.push(password)
      if (userName === 'nobody') throw new AppError('user_unknown', { details: { userName } })
      return [{ technology: 'directory', kind: 'mail', path: '/sample' }]
    },
  }
  return { directory, passwords }
}
