import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { someAccount } from './account-store.contract.ts'
import type { AccountStore } from './account-store.ts'
import type { Passkey, SecondFactorStore } from './second-factor-store.ts'

const device = (deviceId: string = crypto.randomUUID()) => ({
  deviceId,
  sealedSecret: `sealed for ${deviceId}`,
  addedAt: '2026-01-01T00:00:00.000Z',
})
const somePasskey = (given: Partial<Passkey> = {}): Passkey => ({
  credentialId: crypto.randomUUID(),
  deviceId: crypto.randomUUID(),
  name: 'key',
  publicKey: 'pQECAyYgASFYIA',
  counter: 0,
  transports: ['usb', 'nfc'],
  addedAt: '2026-01-01T00:00:00.000Z',
  ...given,
})

type Opened = { readonly factors: SecondFactorStore; readonly accounts: AccountStore; close(): Promise<void> }

/** What every store of second factors keeps to. `open` gives an empty one, and the accounts it belongs to. */
export const secondFactorStoreContract = (name: string, open: () => Promise<Opened>): void => {
  describe(`${name} as SecondFactorStore`, () => {
    let factors: SecondFactorStore
    let opened: Opened
    const kinds = async (userName: string) => (await opened.accounts.find(userName))?.secondFactors
    beforeAll(async () => {
      opened = await open()
      factors = opened.factors
      for (const userName of ['Fred', 'Frida']) await opened.accounts.create(someAccount(userName))
    }, 60_000)
    afterAll(() => opened.close())

    it('counts an app only once it is confirmed, and does not let it be replaced then', async () => {
      const [first, second] = [device(), device()]
      expect(await factors.totp('fred')).toBeNull()
      expect(await factors.beginTotp('fred', first)).toBe(true)
      expect(await factors.beginTotp('fred', second)).toBe(true)
      expect(await factors.totp('FRED')).toEqual({ ...second, isConfirmed: false })
      expect(await kinds('fred')).toEqual([])
      expect(await factors.useTotpStep('fred', 5)).toBe(false)
      expect(await factors.confirmTotp('fred', first.deviceId, 10)).toBe(false)
      expect(await factors.confirmTotp('fred', second.deviceId, 10)).toBe(true)
      expect(await factors.confirmTotp('fred', second.deviceId, 11)).toBe(false)
      expect(await kinds('fred')).toEqual(['totp'])
      expect(await factors.beginTotp('fred', first)).toBe(false)
    })

    it('takes each step once, and none before it', async () => {
      expect(await factors.useTotpStep('fred', 10)).toBe(false)
      const used = await Promise.all(Array.from({ length: 8 }, () => factors.useTotpStep('fred', 12)))
      expect(used.filter(Boolean)).toHaveLength(1)
      expect(await factors.useTotpStep('fred', 11)).toBe(false)
      expect(await factors.useTotpStep('frida', 12)).toBe(false)
      expect(await factors.removeTotp('fred')).toBe(true)
      expect(await factors.removeTotp('fred')).toBe(false)
      expect(await kinds('fred')).toEqual([])
    })

    it('keeps passkeys, each of one account', async () => {
      const passkey = somePasskey()
      expect(await factors.addPasskey('fred', passkey)).toBe(true)
      expect(await factors.addPasskey('frida', passkey)).toBe(false)
      expect(await factors.passkeys('FRED')).toEqual([passkey])
      expect(await kinds('fred')).toEqual(['passkey'])
      await factors.setPasskeyCounter(passkey.credentialId, 7)
      expect((await factors.passkeys('fred'))[0]?.counter).toBe(7)
      expect(await factors.removePasskey('frida', passkey.deviceId)).toBe(false)
      expect(await factors.removePasskey('fred', passkey.deviceId)).toBe(true)
      expect(await factors.passkeys('fred')).toEqual([])
    })

    it('lets a question be answered once, by whom it was asked, for what and in time', async () => {
      const ask = (challengeHash: string) =>
        factors.addChallenge({
          challengeHash,
          userName: 'fred',
          purpose: 'sign-in',
          expiresAt: '2026-01-01T00:05:00.000Z',
        })
      const inTime = '2026-01-01T00:04:59.000Z'
      await ask('one')
      expect(await factors.takeChallenge('one', 'frida', 'sign-in', inTime)).toBe(false)
      expect(await factors.takeChallenge('one', 'fred', 'register', inTime)).toBe(false)
      expect(await factors.takeChallenge('one', 'Fred', 'sign-in', inTime)).toBe(true)
      expect(await factors.takeChallenge('one', 'fred', 'sign-in', inTime)).toBe(false)
      await ask('two')
      expect(await factors.takeChallenge('two', 'fred', 'sign-in', '2026-01-01T00:05:00.000Z')).toBe(false)
    })

    it('takes each recovery code once', async () => {
      await factors.setRecoveryCodes('fred', ['a', 'b', 'c'])
      await factors.setRecoveryCodes('frida', ['a'])
      const used = await Promise.all(Array.from({ length: 8 }, () => factors.useRecoveryCode('FRED', 'a')))
      expect(used.filter(Boolean)).toHaveLength(1)
      expect(await factors.recoveryCodesLeft('fred')).toBe(2)
      expect(await factors.recoveryCodesLeft('frida')).toBe(1)
      await factors.setRecoveryCodes('fred', ['d'])
      expect(await factors.useRecoveryCode('fred', 'b')).toBe(false)
      expect(await factors.recoveryCodesLeft('fred')).toBe(1)
    })
  })
}
