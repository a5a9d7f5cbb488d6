import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { CheckPassword } from './password-check.ts'
import type { CheckSecondFactor, GivenFactor } from './second-factor-check.ts'

export type Credentials = {
  readonly userName: string
  readonly password: string
  /** Where the attempt comes from; only told apart from others. */
  readonly address: string
  /** What came along with the password; null or left out for nothing. */
  readonly factor?: GivenFactor | null
}

/** @throws AppError `sign_in_refused`, `second_factor_required`, `second_factor_refused`, `sign_in_throttled`, `too_busy` */
export type SignIn = (credentials: Credentials) => Promise<Account>

export type SignInNeeds = {
  readonly accounts: Pick<AccountStore, 'find'>
  readonly checkPassword: CheckPassword
  readonly checkSecondFactor: CheckSecondFactor
}

const longestPassword = 1_024

/**
 * Checks a name and a password, and then the second factor of an account that has one. Nothing about an account is told before its
 * password was right, not even whether it exists.
 */
export const createSignIn =
  ({ accounts, checkPassword, checkSecondFactor }: SignInNeeds): SignIn =>
  async ({ userName, password, address, factor = null }) => {
    // Too long to be anybody's; refused before any work is done for it.
    if (userName.length > 320 || password.length > longestPassword) throw new AppError('sign_in_refused')
    const known = await accounts.find(userName)
    const isRight = await checkPassword(known, password, { userName, address })
    if (!known || !isRight) throw new AppError('sign_in_refused')
    if (known.secondFactors.length > 0) await checkSecondFactor(known, factor, address)
    return known
  }
