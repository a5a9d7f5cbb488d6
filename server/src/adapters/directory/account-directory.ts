import { stat } from 'node:fs/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type SnapshotType, snapshotTypes } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import type { DirectoryConfig, OrganizationConfig } from '../../config/organization-schema.ts'
import { fillTemplate } from '../../config/placeholders.ts'
import type { AccountDirectory, Organization } from '../../ports/account-directory.ts'
import type { SourceSpec } from '../../ports/source.ts'
import type { Account, FindAccount } from './accounts.ts'
import { csvAccounts } from './csv-accounts.ts'
import { errnoOf } from './directory-errors.ts'
import { httpAccounts } from './http-accounts.ts'
import { isPlainValue } from './safe-values.ts'
import { type Opening, specOf } from './source-specs.ts'

const findAccountIn = (directory: DirectoryConfig): FindAccount => {
  switch (directory.type) {
    case 'pattern':
      return async (userName) => {
        const login = fillTemplate(directory.login, { userName })
        return login === null ? null : { userName, login, logins: {}, passwords: {} }
      }
    case 'csv':
      return csvAccounts(directory)
    case 'http':
      return httpAccounts(directory)
  }
}

const sourceOf = (config: OrganizationConfig, type: SnapshotType) =>
  ({ mailbox: config.mail, calendar: config.calendar, contacts: config.contacts })[type]

const describe = (config: OrganizationConfig): Organization => ({
  organization: config.organization,
  name: config.name,
  types: snapshotTypes.filter((type) => sourceOf(config, type) !== undefined),
  userNameHint: config.userNameHint,
  isSample: config.isSample,
  limitGroup:
    config.mail?.technology === 'imap' ? `${config.mail.host.toLowerCase()}:${config.mail.port}` : config.organization,
  maxCapturesAtOnce: config.maxCapturesAtOnce,
})

/** The organizations of the configuration. Beside a CSV file as long as it does not change, nothing about users is kept. */
export const createAccountDirectory = (organizations: readonly OrganizationConfig[]): AccountDirectory => {
  const known = new Map(
    organizations.map((config) => [config.organization, { config, find: findAccountIn(config.directory) }]),
  )
  const described = organizations.map(describe)

  return {
    organizations: () => described,
    resolve: async ({ organization, userName, types, password }, signal) => {
      signal.throwIfAborted()
      const found = known.get(organization)
      if (!found) throw new AppError('not_found', { details: { what: 'organization' } })
      const { config, find } = found
      const missing = types.find((type) => sourceOf(config, type) === undefined)
      if (missing !== undefined)
        throw new AppError('source_missing', { details: { organization: config.organization, type: missing } })

      const unknown = () => new AppError('user_unknown', { details: { userName } })
      if (!isPlainValue(userName)) throw unknown()
      const account = await find(userName, signal)
      signal.throwIfAborted()
      if (!account) throw unknown()

      const specs: SourceSpec[] = []
      for (const type of types) {
        const spec = specOf(sourceOf(config, type)!, type, openingOf(account, type, password))
        if (spec === null || (spec.technology === 'directory' && !(await isThere(spec.path)))) throw unknown()
        specs.push(spec)
      }
      return specs
    },
  }
}

const openingOf = (account: Account, type: SnapshotType, password: string | null): Opening => ({
  values: {
    userName: account.userName,
    login: account.logins[type] ?? account.login,
    ...(account.mail === undefined ? {} : { mail: account.mail }),
    ...(account.uid === undefined ? {} : { uid: account.uid }),
    ...(account.cid === undefined ? {} : { cid: account.cid }),
  },
  password: password ?? account.passwords[type] ?? null,
})

/** False only where it is certain: a folder that may not be looked at fails later, under its own name. */
const isThere = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    return !['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errnoOf(cause))
  }
}
