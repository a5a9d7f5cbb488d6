import { createHash } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Account } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OneTimeCodes } from '../../ports/one-time-codes.ts'
import type { PasskeyCeremonies } from '../../ports/passkey-ceremonies.ts'
import type { SecondFactorStore } from '../../ports/second-factor-store.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { recoveryCodeHash } from './recovery-codes.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

/** What somebody gives beside the password; `passkey` is what the browser’s authenticator answered, as it came. */
export type GivenFactor = { readonly totp: string } | { readonly recoveryCode: string } | { readonly passkey: unknown }

/**
 * Returns when the factor was right and is used up.
 * @throws AppError `second_factor_required` when none was given, with `methods` (separated by commas) and, where there are passkeys,
 * `passkeyOptions` (JSON text for the browser); `second_factor_refused`, `sign_in_throttled`
 */
export type CheckSecondFactor = (account: Account, factor: GivenFactor | null, address: string) => Promise<void>

export type SecondFactorNeeds = {
  readonly factors: SecondFactorStore
  readonly codes: OneTimeCodes
  readonly ceremonies: PasskeyCeremonies
  readonly secrets: Pick<Secrets, 'seal' | 'open'>
  readonly clock: Clock
}

const challengeMs = 5 * 60_000
export const challengeHash = (challenge: string): string => createHash('sha256').update(challenge).digest('hex')

/** Ties the secret to its device: copied to another row it cannot be opened. */
export const totpContext = (deviceId: string): string => `totp secret of device ${deviceId}`

/** Asks the authenticator of an account; the answer must come within five minutes, once. */
export const createAskPasskey =
  ({ factors, ceremonies, clock }: Pick<SecondFactorNeeds, 'factors' | 'ceremonies' | 'clock'>) =>
  async (account: Pick<Account, 'userName' | 'fullName'>, purpose: 'register' | 'sign-in') => {
    const { userName, fullName } = account
    const known = await factors.passkeys(userName)
    const { challenge, options } =
      purpose === 'register'
        ? await ceremonies.registrationOptions({ userName, fullName, known })
        : await ceremonies.authenticationOptions(known)
    const expiresAt = new Date(clock.now().getTime() + challengeMs).toISOString()
    await factors.addChallenge({ challengeHash: challengeHash(challenge), userName, purpose, expiresAt })
    return options
  }

/** @param throttle one of its own: whoever gets here knows the password, so it may be stricter than for the password */
export const createSecondFactorCheck = (
  needs: SecondFactorNeeds & { readonly throttle: SignInThrottle },
): CheckSecondFactor => {
  const { factors, codes, ceremonies, secrets, throttle, clock } = needs
  const askPasskey = createAskPasskey(needs)

  const isRight = async ({ userName }: Account, factor: GivenFactor): Promise<boolean> => {
    if ('recoveryCode' in factor) return factors.useRecoveryCode(userName, recoveryCodeHash(factor.recoveryCode))
    if ('totp' in factor) {
      const device = await factors.totp(userName)
      if (!device?.isConfirmed) return false
      const secret = secrets.open(device.sealedSecret, totpContext(device.deviceId))
      const step = codes.stepOf(secret, factor.totp.replace(/\s/g, ''), clock.now().getTime())
      // RFC 6238 §5.2: a code is good once; whoever has looked over a shoulder comes second.
      return step !== null && factors.useTotpStep(userName, step)
    }
    const challenge = ceremonies.challengeOf(factor.passkey)
    if (challenge === null) return false
    const now = clock.now().toISOString()
    if (!(await factors.takeChallenge(challengeHash(challenge), userName, 'sign-in', now))) return false
    const known = await factors.passkeys(userName)
    const answered = await ceremonies.verifyAuthentication(factor.passkey, challenge, known)
    if (!answered) return false
    await factors.setPasskeyCounter(answered.credentialId, answered.counter)
    return true
  }

  return async (account, factor, address) => {
    if (factor === null) {
      const hasPasskey = account.secondFactors.includes('passkey')
      throw new AppError('second_factor_required', {
        details: {
          methods: [...account.secondFactors, 'recoveryCode'].join(','),
          ...(hasPasskey ? { passkeyOptions: JSON.stringify(await askPasskey(account, 'sign-in')) } : {}),
        },
      })
    }
    const attempt = { userName: account.userName, address }
    throttle.begin(attempt)
    const isGood = await isRight(account, factor).catch((cause: unknown) => {
      throttle.undecided(attempt)
      throw cause
    })
    if (!isGood) throw new AppError('second_factor_refused')
    throttle.succeeded(attempt)
  }
}
