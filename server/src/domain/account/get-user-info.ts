import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import type { Caller } from '../access/authorize.ts'
import { findReachable } from './manage-accounts.ts'

/** The word MailStore’s clients know for somebody who may do everything; the other roles have no such word and keep their own. */
export const privilegesOf = (role: Role): string => (role === 'administrator' ? 'admin' : role)

/** In the form MailStore’s clients read. @throws AppError `not_found` */
export const createGetUserInfo =
  ({ accounts }: { readonly accounts: AccountStore }) =>
  async (params: Params<'GetUserInfo'>, caller: Caller): Promise<Result<'GetUserInfo'>> => {
    const account = await findReachable(accounts, params.userName, caller)
    return {
      userName: account.userName,
      fullName: account.fullName,
      authentication: 'integrated',
      emailAddresses: [...account.emailAddresses],
      privileges: privilegesOf(account.role),
    }
  }
