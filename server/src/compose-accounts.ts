import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import { createCallerOf } from './domain/access/authorize.ts'
import { createAccessTokens, createFindToken } from './domain/account/access-tokens.ts'
import { createCreateUser } from './domain/account/create-user.ts'
import { createGetUserInfo } from './domain/account/get-user-info.ts'
import { createGetUsers } from './domain/account/get-users.ts'
import { createManageAccounts, type KnownOrganizations } from './domain/account/manage-accounts.ts'
import { createNoteSignIn } from './domain/account/note-sign-in.ts'
import { createOwnAccount } from './domain/account/own-account.ts'
import type { Passwords } from './domain/account/password.ts'
import { createPasswordCheck } from './domain/account/password-check.ts'
import { createSecondFactorCheck, type SecondFactorNeeds } from './domain/account/second-factor-check.ts'
import { createSecondFactors } from './domain/account/second-factors.ts'
import { createSetUserPassword } from './domain/account/set-user-password.ts'
import { createSignIn } from './domain/account/sign-in.ts'
import { createSignInThrottle, factorRule } from './domain/account/sign-in-throttle.ts'
import type { AccessTokenStore } from './ports/access-token-store.ts'
import type { AccountStore } from './ports/account-store.ts'

export type AccountsNeeds = SecondFactorNeeds & {
  readonly accounts: AccountStore
  readonly tokens: AccessTokenStore
  readonly passwords: Passwords
  readonly directory: KnownOrganizations
}

export type AccountsConfig = { readonly requireSecondFactor: readonly Role[]; readonly passwordMinLength: number }

/** Joins what accounts are about: how they sign in, and the methods that manage them. */
export const composeAccounts = (given: AccountsNeeds, config: AccountsConfig) => {
  const { clock } = given
  const checkPassword = createPasswordCheck({ ...given, throttle: createSignInThrottle({ clock }) })
  const needs = { ...given, checkPassword, throttle: createSignInThrottle({ clock }, { ofName: factorRule }) }
  const rules = { minLength: config.passwordMinLength }
  return {
    signingIn: {
      signIn: createSignIn({ ...needs, checkSecondFactor: createSecondFactorCheck(needs) }),
      findToken: createFindToken(needs),
      noteSignIn: createNoteSignIn(needs),
      callerOf: createCallerOf(config),
    },
    handlers: {
      GetUsers: createGetUsers(needs),
      GetUserInfo: createGetUserInfo(needs),
      CreateUser: createCreateUser(needs, rules),
      SetUserPassword: createSetUserPassword(needs, rules),
      ...createManageAccounts(needs),
      ...createOwnAccount(needs),
      ...createAccessTokens(needs),
      ...createSecondFactors(needs),
    },
  }
}
