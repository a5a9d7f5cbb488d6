import { randomUUID } from 'node:crypto'
import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { Caller } from '../access/authorize.ts'
import { findReachable } from './manage-accounts.ts'
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts'
import { challengeHash, createAskPasskey, type SecondFactorNeeds, totpContext } from './second-factor-check.ts'
import type { SignInThrottle } from './sign-in-throttle.ts'

export type SecondFactorMethodNeeds = SecondFactorNeeds & {
  readonly accounts: Pick<AccountStore, 'find' | 'endSessions'>
  readonly throttle: SignInThrottle
}

const passkeysAtMost = 20
const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })
const noDevice = () => new AppError('not_found', { details: { what: 'second factor' } })

/** The methods about second factors: everybody sets up his own, administrators can take away those of others who have lost them. */
export const createSecondFactors = (needs: SecondFactorMethodNeeds) => {
  const { factors, accounts, codes, ceremonies, secrets, throttle, clock } = needs
  const askPasskey = createAskPasskey(needs)
  const own = (caller: Caller) => findReachable(accounts, undefined, caller)

  const freshCodes = async (userName: string): Promise<string[]> => {
    const recoveryCodes = newRecoveryCodes()
    await factors.setRecoveryCodes(userName, recoveryCodes.map(recoveryCodeHash))
    return [...recoveryCodes]
  }
  /** The first factor brings recovery codes along. Sessions that were opened without one end. */
  const added = async ({ userName, secondFactors }: Account, caller: Caller): Promise<string[]> => {
    await accounts.endSessions(userName, { allBut: caller.sessionId ?? null })
    return secondFactors.length === 0 || (await factors.recoveryCodesLeft(userName)) === 0 ? freshCodes(userName) : []
  }
  /** The codes stand in for a factor, so they go with the last one. */
  const removed = async (userName: string): Promise<void> => {
    const account = await accounts.find(userName)
    if (account?.secondFactors.length === 0) await factors.setRecoveryCodes(userName, [])
  }

  return {
    GetSecondFactors: async (
      { userName }: Params<'GetSecondFactors'>,
      caller: Caller,
    ): Promise<Result<'GetSecondFactors'>> => {
      const account = await findReachable(accounts, userName, caller)
      const [totp, passkeys, recoveryCodesLeft] = await Promise.all([
        factors.totp(account.userName),
        factors.passkeys(account.userName),
        factors.recoveryCodesLeft(account.userName),
      ])
      return {
        devices: [
          ...(totp?.isConfirmed
            ? [{ deviceId: totp.deviceId, kind: 'totp' as const, name: 'Authenticator app', addedAt: totp.addedAt }]
            : []),
          ...passkeys.map(({ deviceId, name, addedAt }) => ({ deviceId, kind: 'passkey' as const, name, addedAt })),
        ],
        recoveryCodesLeft,
      }
    },

    BeginTotp: async (_: Params<'BeginTotp'>, caller: Caller): Promise<Result<'BeginTotp'>> => {
      const { userName } = await own(caller)
      const secret = codes.newSecret()
      const deviceId = randomUUID()
      const begun = await factors.beginTotp(userName, {
        deviceId,
        sealedSecret: secrets.seal(secret, totpContext(deviceId)),
        addedAt: clock.now().toISOString(),
      })
      if (!begun) throw refuse('this account has an authenticator app already; remove it first.')
      return { secret, uri: codes.uri(secret, userName) }
    },

    ConfirmTotp: async ({ code }: Params<'ConfirmTotp'>, caller: Caller): Promise<Result<'ConfirmTotp'>> => {
      const account = await own(caller)
      const device = await factors.totp(account.userName)
      if (!device || device.isConfirmed) throw refuse('there is nothing to confirm; call BeginTotp first.')
      const attempt = { userName: account.userName, address: `confirm ${caller.sessionId ?? 'none'}` }
      throttle.begin(attempt)
      const secret = secrets.open(device.sealedSecret, totpContext(device.deviceId))
      const step = codes.stepOf(secret, code.replace(/\s/g, ''), clock.now().getTime())
      if (step === null) throw refuse('the code is wrong. Check the clock of the device that shows it.')
      throttle.succeeded(attempt)
      if (!(await factors.confirmTotp(account.userName, device.deviceId, step)))
        throw refuse('there is nothing to confirm; call BeginTotp first.')
      return { recoveryCodes: await added(account, caller) }
    },

    RemoveTotp: async ({ userName }: Params<'RemoveTotp'>, caller: Caller): Promise<Result<'RemoveTotp'>> => {
      const account = await findReachable(accounts, userName, caller)
      if (!(await factors.removeTotp(account.userName))) throw noDevice()
      await removed(account.userName)
      return null
    },

    BeginPasskey: async (_: Params<'BeginPasskey'>, caller: Caller): Promise<Result<'BeginPasskey'>> => ({
      options: { ...(await askPasskey(await own(caller), 'register')) },
    }),

    ConfirmPasskey: async (
      { name, response }: Params<'ConfirmPasskey'>,
      caller: Caller,
    ): Promise<Result<'ConfirmPasskey'>> => {
      const account = await own(caller)
      const now = clock.now().toISOString()
      const challenge = ceremonies.challengeOf(response)
      const isAsked =
        challenge !== null && (await factors.takeChallenge(challengeHash(challenge), account.userName, 'register', now))
      const credential = isAsked ? await ceremonies.verifyRegistration(response, challenge) : null
      if (!credential) throw refuse('the passkey was not confirmed; call BeginPasskey and try again.')
      if ((await factors.passkeys(account.userName)).length >= passkeysAtMost)
        throw refuse(`this account has ${passkeysAtMost} passkeys already; remove one of them.`)
      const deviceId = randomUUID()
      if (!(await factors.addPasskey(account.userName, { ...credential, deviceId, name, addedAt: now })))
        throw refuse('this passkey is known already.')
      return { deviceId, recoveryCodes: await added(account, caller) }
    },

    RemovePasskey: async (
      { userName, deviceId }: Params<'RemovePasskey'>,
      caller: Caller,
    ): Promise<Result<'RemovePasskey'>> => {
      const account = await findReachable(accounts, userName, caller)
      if (!(await factors.removePasskey(account.userName, deviceId))) throw noDevice()
      await removed(account.userName)
      return null
    },

    CreateRecoveryCodes: async (
      _: Params<'CreateRecoveryCodes'>,
      caller: Caller,
    ): Promise<Result<'CreateRecoveryCodes'>> => {
      const account = await own(caller)
      if (account.secondFactors.length === 0) throw refuse('this account has no second factor.')
      return { recoveryCodes: await freshCodes(account.userName) }
    },
  }
}
