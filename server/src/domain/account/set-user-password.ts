import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { AccessTokenStore } from '../../ports/access-token-store.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Caller, isSameUser } from '../access/authorize.ts'
import { findReachable } from './manage-accounts.ts'
import type { Passwords } from './password.ts'
import type { CheckPassword } from './password-check.ts'
import { checkPasswordRules, type PasswordRules } from './password-rules.ts'

export type SetUserPasswordNeeds = {
  readonly accounts: AccountStore
  readonly tokens: Pick<AccessTokenStore, 'deleteAll'>
  readonly passwords: Passwords
  readonly checkPassword: CheckPassword
  readonly clock: Clock
}

/**
 * Whether the access tokens go with the old password. Who sets the one of somebody else takes an account back, or away; one's own is
 * changed as a habit, and programs go on.
 */
export const isToDeleteTokens = (
  { userName, deletesTokens }: Pick<Params<'SetUserPassword'>, 'userName' | 'deletesTokens'>,
  caller: Pick<Caller, 'userName'>,
): boolean => deletesTokens ?? !isSameUser(userName, caller.userName)

/**
 * Sets a password. Whoever finds a browser open must not be able to take the account over, so the own one asks for the current
 * password there; a program has just proved it by Basic.
 * @throws AppError `not_found`, `invalid_params`, `sign_in_throttled`
 */
export const createSetUserPassword =
  ({ accounts, tokens, passwords, checkPassword, clock }: SetUserPasswordNeeds, rules: PasswordRules) =>
  async (params: Params<'SetUserPassword'>, caller: Caller): Promise<Result<'SetUserPassword'>> => {
    const { password, currentPassword } = params
    const account = await findReachable(accounts, params.userName, caller)
    const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })
    if (isSameUser(account.userName, caller.userName) && caller.client !== 'basic' && account.passwordHash !== '') {
      if (currentPassword === undefined) throw refuse('currentPassword is needed to change your own password.')
      const attempt = { userName: account.userName, address: `session ${caller.sessionId ?? 'none'}` }
      if (!(await checkPassword(account, currentPassword, attempt))) throw refuse('currentPassword is wrong.')
    }
    checkPasswordRules({ userName: account.userName, password }, rules)
    const changes = await accounts.passwordChanges(account.userName, 5)
    const usedBefore = [account.passwordHash, ...changes.map(({ passwordHash }) => passwordHash)]
    for (const hash of new Set(usedBefore))
      if (hash !== null && hash !== '' && (await passwords.verify(password, hash)))
        throw refuse('the password is one of the last five of this account.')
    await accounts.setPasswordHash(account.userName, await passwords.hash(password), {
      at: clock.now().toISOString(),
      by: caller.userName,
    })
    await accounts.endSessions(account.userName, {
      allBut: isSameUser(account.userName, caller.userName) ? (caller.sessionId ?? null) : null,
    })
    if (isToDeleteTokens(params, caller)) await tokens.deleteAll(account.userName)
    return null
  }
