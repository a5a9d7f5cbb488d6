import { createHmac, randomBytes } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Passwords } from './password.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

export type Credentials = {
  readonly userName: string
  readonly password: string
  /** Where the attempt comes from; only told apart from others. */
  readonly address: string
}

/** @throws AppError `sign_in_refused`, `sign_in_throttled`, `too_busy` */
export type SignIn = (credentials: Credentials) => Promise<Account>

export type SignInNeeds = {
  readonly accounts: AccountStore
  readonly passwords: Passwords
  readonly throttle: SignInThrottle
  readonly clock: Clock
}

const rememberMs = 5 * 60_000
const rememberAtMost = 1_000
const longestPassword = 1_024

/**
 * Checks a name and a password. One that was right is remembered for five minutes by a keyed hash, so that a script does not
 * pay for argon2 with every call; it counts only while the account still has the same stored hash.
 */
export const createSignIn = ({ accounts, passwords, throttle, clock }: SignInNeeds): SignIn => {
  const key = randomBytes(32)
  const remembered = new Map<string, { readonly passwordHash: string; readonly untilMs: number }>()
  const fingerprint = (userName: string, password: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([userName.normalize('NFC').toLowerCase(), password]))
      .digest('base64')

  const isRemembered = (print: string, account: Account): boolean => {
    const entry = remembered.get(print)
    if (!entry) return false
    const isGood = entry.passwordHash === account.passwordHash && clock.now().getTime() < entry.untilMs
    if (!isGood) remembered.delete(print)
    return isGood
  }
  const remember = (print: string, account: Account) => {
    remembered.delete(print)
    remembered.set(print, { passwordHash: account.passwordHash, untilMs: clock.now().getTime() + rememberMs })
    if (remembered.size > rememberAtMost) remembered.delete(remembered.keys().next().value!)
  }

  const undecided = new Map<string, Promise<boolean>>()
  const decide = (credentials: Credentials, print: string, known: Account | null): Promise<boolean> => {
    const { userName, password, address } = credentials
    const attempt = { userName, address }
    throttle.begin(attempt)
    const decision = (known ? passwords.verify(password, known.passwordHash) : passwords.verifyNobody(password))
      .then(
        (isRight) => {
          if (!known || !isRight) return false
          throttle.succeeded(attempt)
          remember(print, known)
          return true
        },
        (cause: unknown) => {
          throttle.undecided(attempt)
          throw cause
        },
      )
      .finally(() => undecided.delete(print))
    undecided.set(print, decision)
    return decision
  }

  return async ({ userName, password, address }) => {
    // Too long to be anybody's; refused before any work is done for it.
    if (userName.length > 320 || password.length > longestPassword) throw new AppError('sign_in_refused')
    const print = fingerprint(userName, password)
    const known = await accounts.find(userName)
    if (known && isRemembered(print, known)) return known

    // A script that starts with many calls at once makes one attempt, not many.
    const running = undecided.get(print)
    const isRight = await (running ?? decide({ userName, password, address }, print, known))
    if (!known || !isRight) throw new AppError('sign_in_refused')
    return known
  }
}
