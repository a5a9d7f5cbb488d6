import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccessToken, AccessTokenStore } from './access-token-store.ts'
import { someAccount } from './account-store.contract.ts'
import type { AccountStore } from './account-store.ts'

const someToken = (given: Partial<AccessToken> = {}): AccessToken => ({
  tokenId: crypto.randomUUID(),
  userName: 'Tina',
  name: 'nightly',
  scope: 'operate',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-02-01T00:00:00.000Z',
  lastUsedAt: null,
  ...given,
})

type Opened = { readonly tokens: AccessTokenStore; readonly accounts: AccountStore; close(): Promise<void> }

/** What every store of access tokens keeps to. `open` gives an empty one, and the accounts it belongs to. */
export const accessTokenStoreContract = (name: string, open: () => Promise<Opened>): void => {
  describe(`${name} as AccessTokenStore`, () => {
    let opened: Opened
    let tokens: AccessTokenStore
    beforeAll(async () => {
      opened = await open()
      tokens = opened.tokens
      for (const userName of ['Tina', 'Toni']) await opened.accounts.create(someAccount(userName))
    }, 60_000)
    afterAll(() => opened.close())

    it('finds a token with its account as it is now, until it runs out', async () => {
      const token = someToken()
      await tokens.create({ ...token, tokenHash: 'hash' })
      expect(await tokens.find('other', token.createdAt)).toBeNull()
      expect(await tokens.find('hash', '2026-01-31T23:59:59.999Z')).toEqual({
        token,
        account: await opened.accounts.find('tina'),
      })
      expect(await tokens.find('hash', token.expiresAt)).toBeNull()
      await opened.accounts.update('tina', { role: 'auditor' })
      expect((await tokens.find('hash', token.createdAt))?.account.role).toBe('auditor')
      await tokens.touch(token.tokenId, '2026-01-02T00:00:00.000Z')
      expect((await tokens.find('hash', token.createdAt))?.token.lastUsedAt).toBe('2026-01-02T00:00:00.000Z')
    })

    it('lists and deletes those of one account only', async () => {
      const later = someToken({ createdAt: '2026-01-03T00:00:00.000Z', name: 'later' })
      const ofToni = someToken({ userName: 'Toni' })
      await tokens.create({ ...later, tokenHash: 'later' })
      await tokens.create({ ...ofToni, tokenHash: 'of toni' })
      expect((await tokens.list('TINA')).map((token) => token.name)).toEqual(['later', 'nightly'])
      expect(await tokens.delete('tina', ofToni.tokenId)).toBe(false)
      expect(await tokens.delete('tina', later.tokenId)).toBe(true)
      expect(await tokens.delete('tina', later.tokenId)).toBe(false)
      expect(await tokens.find('later', later.createdAt)).toBeNull()
      expect(await tokens.list('toni')).toEqual([ofToni])
    })

    it('deletes all of one account', async () => {
      for (const name of ['one', 'two']) await tokens.create({ ...someToken({ name }), tokenHash: name })
      expect(await tokens.deleteAll('TINA')).toBe(3)
      expect(await tokens.deleteAll('tina')).toBe(0)
      expect(await tokens.list('tina')).toEqual([])
      expect(await tokens.list('toni')).toHaveLength(1)
    })

    it('goes along when the account is renamed, and away with it', async () => {
      await opened.accounts.rename('toni', 'Antonia')
      expect((await tokens.find('of toni', '2026-01-01T00:00:00.000Z'))?.token.userName).toBe('Antonia')
      const antonia = (await opened.accounts.find('antonia'))!
      await opened.accounts.delete('antonia')
      expect(await tokens.find('of toni', '2026-01-01T00:00:00.000Z')).toBeNull()
      // Nor does it come back to whoever gets the name next.
      await opened.accounts.create(antonia)
      expect(await tokens.find('of toni', '2026-01-01T00:00:00.000Z')).toBeNull()
    })
  })
}
