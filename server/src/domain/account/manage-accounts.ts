import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import { type Caller, isSameUser } from '../access/authorize.ts'
import { type Limited, reachesAccount } from '../access/organization-limit.ts'

const unknown = () => new AppError('not_found', { details: { what: 'account' } })
const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })

/**
 * The account of that name, or the caller’s own. Whether the caller may ask for others at all was decided before; what is out of
 * its organizations does not exist for it.
 * @throws AppError `not_found`
 */
export const findReachable = async (
  accounts: Pick<AccountStore, 'find'>,
  userName: string | undefined,
  caller: Caller,
): Promise<Account> => {
  const account = await accounts.find(userName ?? caller.userName)
  const isReachable = account && (isSameUser(account.userName, caller.userName) || reachesAccount(caller, account))
  if (!isReachable) throw unknown()
  return account
}

export const roleOf = (privileges: Params<'SetUserPrivileges'>['privileges']): Role =>
  privileges === 'admin' ? 'administrator' : privileges

/** What is known of organizations: whether there is such a one. */
export type KnownOrganizations = { organizations(): readonly { readonly organization: OrganizationId }[] }

/** @throws AppError `invalid_params` for one that does not exist, or is not the caller’s to give. */
export const chosenOrganizations = (
  choice: readonly (OrganizationId | '*')[],
  caller: Limited,
  known: KnownOrganizations,
): readonly OrganizationId[] | null => {
  if (choice.includes('*')) {
    if (caller.organizations !== null) throw refuse('your account is limited to some organizations and cannot open all')
    return null
  }
  const chosen = [...new Set(choice)].filter((one): one is OrganizationId => one !== '*')
  const open = known
    .organizations()
    .map(({ organization }) => organization)
    .filter((one) => caller.organizations?.includes(one) ?? true)
  const missing = chosen.find((one) => !open.includes(one))
  if (missing !== undefined) throw refuse(`there is no organization “${missing}”; there is: ${open.join(', ')}`)
  return chosen
}

export type ManageNeeds = { readonly accounts: AccountStore; readonly directory: KnownOrganizations }

/** The setters of one account. Each answers null, as MailStore’s do. */
export const createManageAccounts = ({ accounts, directory }: ManageNeeds) => {
  const setter =
    <P extends { readonly userName: string }>(
      set: (account: Account, params: P, caller: Caller) => Promise<void>,
    ): ((params: P, caller: Caller) => Promise<null>) =>
    async (params, caller) => {
      await set(await findReachable(accounts, params.userName, caller), params, caller)
      return null
    }
  return {
    SetUserFullName: setter<Params<'SetUserFullName'>>(({ userName }, { fullName }) =>
      accounts.update(userName, { fullName }),
    ),
    SetUserEmailAddresses: setter<Params<'SetUserEmailAddresses'>>(({ userName }, { emailAddresses }) =>
      accounts.update(userName, { emailAddresses }),
    ),
    SetUserPrivileges: setter<Params<'SetUserPrivileges'>>(({ userName }, { privileges }) =>
      accounts.update(userName, { role: roleOf(privileges) }),
    ),
    SetUserOrganizations: setter<Params<'SetUserOrganizations'>>(({ userName }, { organizations }, caller) =>
      accounts.update(userName, { organizations: chosenOrganizations(organizations, caller, directory) }),
    ),
    DeleteUser: setter<Params<'DeleteUser'>>(async ({ userName }, _, caller) => {
      if (isSameUser(userName, caller.userName)) throw new AppError('not_oneself')
      await accounts.delete(userName)
    }),
    RenameUser: async (
      { oldUserName, newUserName }: Params<'RenameUser'>,
      caller: Caller,
    ): Promise<Result<'RenameUser'>> => {
      await accounts.rename((await findReachable(accounts, oldUserName, caller)).userName, newUserName)
      return null
    },
  }
}
