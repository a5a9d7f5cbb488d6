import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account, AccountStore } from './account-store.ts'

const anna: Account = {
  userName: 'Anna',
  fullName: 'Anna Ähre',
  emailAddresses: ['anna@sample.example', 'a@sample.example'],
  role: 'operator',
  passwordHash: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
}

/** What every account store keeps to. `open` gives an empty one. */
export const accountStoreContract = (
  name: string,
  open: () => Promise<{ readonly store: AccountStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as AccountStore`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let store: AccountStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    }, 60_000)
    afterAll(() => opened.close())

    it('keeps an account, found in any case and made once', async () => {
      expect(await store.count()).toBe(0)
      expect(await store.find('anna')).toBeNull()
      await store.create(anna)
      expect(await store.find('ANNA')).toEqual(anna)
      expect(await store.count()).toBe(1)
      await expect(store.create({ ...anna, userName: 'aNNa' })).rejects.toThrow()
      await store.setPasswordHash('anna', 'another')
      expect((await store.find('Anna'))?.passwordHash).toBe('another')
    })

    it('knows nobody by a name that no database can hold', async () => {
      for (const name of ['anna\u0000', '\u0000', 'anna\ud800']) expect(await store.find(name)).toBeNull()
    })

    it('keeps sessions until they end', async () => {
      await store.createSession({ tokenHash: 'first', userName: 'anna', expiresAtMs: 1_000_000 })
      await store.createSession({ tokenHash: 'second', userName: 'Anna', expiresAtMs: 2_000_000 })
      expect(await store.findSession('first', 999_999)).toMatchObject({
        account: { userName: 'Anna' },
        expiresAtMs: 1_000_000,
      })
      expect(await store.findSession('first', 1_000_000)).toBeNull()
      expect(await store.findSession('unknown', 0)).toBeNull()
      await store.deleteExpiredSessions(1_500_000)
      expect(await store.findSession('first', 0)).toBeNull()
      expect(await store.findSession('second', 0)).not.toBeNull()
      await store.deleteSession('second')
      await store.deleteSession('second')
      expect(await store.findSession('second', 0)).toBeNull()
    })
  })
}
