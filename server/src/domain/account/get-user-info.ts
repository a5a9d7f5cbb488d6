import type { Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type Role, roleMay } from '@stillbox/shared/vocabulary/access.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import type { Caller } from '../access/authorize.ts'

/** The word MailStore's clients know for somebody who may do everything; the other roles have no such word and keep their own. */
export const privilegesOf = (role: Role): string => (role === 'administrator' ? 'admin' : role)

/** Everybody may ask about himself, only administrators about others. */
export const createGetUserInfo =
  ({ accounts }: { readonly accounts: AccountStore }) =>
  async (params: { readonly userName?: string | undefined }, caller: Caller): Promise<Result<'GetUserInfo'>> => {
    const userName = params.userName ?? caller.userName
    const isOwn = userName.toLowerCase() === caller.userName.toLowerCase()
    if (!isOwn && !roleMay(caller.role, 'administer'))
      throw new AppError('forbidden', { details: { access: 'administer' } })
    const account = await accounts.find(userName)
    if (!account) throw new AppError('not_found', { details: { what: 'account' } })
    return {
      userName: account.userName,
      fullName: account.fullName,
      authentication: 'integrated',
      emailAddresses: [...account.emailAddresses],
      privileges: privilegesOf(account.role),
    }
  }
