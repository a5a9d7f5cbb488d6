import type { Result } from '@stillbox/shared/contract/registry.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import type { Caller } from '../access/authorize.ts'
import { reachesAccount } from '../access/organization-limit.ts'
import { privilegesOf } from './get-user-info.ts'

/** The accounts the caller may manage. */
export const createGetUsers =
  ({ accounts }: { readonly accounts: AccountStore }) =>
  async (_: unknown, caller: Caller): Promise<Result<'GetUsers'>> => {
    const [all, signIns] = await Promise.all([accounts.list(), accounts.newestSignIns()])
    return all
      .filter((account) => reachesAccount(caller, account))
      .map(({ userName, fullName, emailAddresses, role, organizations, passwordHash, secondFactors }) => ({
        userName,
        fullName,
        distinguishedName: null,
        emailAddresses: [...emailAddresses],
        role,
        privileges: privilegesOf(role),
        organizations: organizations === null ? null : [...organizations],
        hasPassword: passwordHash !== '',
        secondFactors: [...secondFactors],
        lastSignInAt: signIns.get(userName) ?? null,
      }))
  }
