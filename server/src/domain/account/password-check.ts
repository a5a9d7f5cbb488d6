import { createHmac, randomBytes } from 'node:crypto'
import type { Account } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'
import { networkOf } from './network-of.ts'
import type { Passwords } from './password.ts'
import type { SignInAttempt, SignInThrottle } from './sign-in-throttle.ts'

export type PasswordCheckNeeds = {
  readonly passwords: Passwords
  readonly throttle: SignInThrottle
  readonly clock: Clock
}

/**
 * Whether it is this account’s password; for nobody’s (`null`) always false, after the same time.
 * @throws AppError `sign_in_throttled`, `too_busy`
 */
export type CheckPassword = (account: Account | null, password: string, attempt: SignInAttempt) => Promise<boolean>

const rememberMs = 5 * 60_000
const rememberAtMost = 1_000

/**
 * A password that was right is remembered for five minutes by a keyed hash, so that a script does not pay for argon2 with every
 * call; it counts only where it was given, and while the account still has the same stored hash. Being quick and not throttled, it must
 * not answer guesses either: somebody else comes from elsewhere, and from the same place a flood of them is not listened to.
 */
export const createPasswordCheck = ({ passwords, throttle, clock }: PasswordCheckNeeds): CheckPassword => {
  const key = randomBytes(32)
  const remembered = new Map<string, { readonly passwordHash: string; readonly untilMs: number }>()
  const fingerprint = ({ userName, address }: SignInAttempt, password: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([userName.normalize('NFC').toLowerCase(), networkOf(address), password]))
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
  const decide = (account: Account | null, password: string, attempt: SignInAttempt, print: string) => {
    throttle.begin(attempt)
    // An account without a password has none that is right, and must take as long as any other to say so.
    const hash = account?.passwordHash ?? ''
    const decision = (hash === '' ? passwords.verifyNobody(password) : passwords.verify(password, hash))
      .then(
        (isRight) => {
          if (!account || !isRight) return false
          throttle.succeeded(attempt)
          remember(print, account)
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

  return async (account, password, attempt) => {
    const print = fingerprint(attempt, password)
    if (account && !throttle.isFlooded(attempt) && isRemembered(print, account)) return true
    // A script that starts with many calls at once makes one attempt, not many.
    return undecided.get(print) ?? decide(account, password, attempt, print)
  }
}
