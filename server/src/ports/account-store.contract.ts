import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountStore, NewAccount } from './account-store.ts'

const anna: NewAccount = {
  userName: 'Anna',
  fullName: 'Anna Ähre',
  emailAddresses: ['anna@sample.example', 'a@sample.example'],
  role: 'operator',
  organizations: [OrganizationId.parse('sample')],
  passwordHash: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA',
}

/** An operator of every organization, for tests that need somebody. */
export const someAccount = (userName: string): NewAccount => ({
  userName,
  fullName: '',
  emailAddresses: [],
  role: 'operator',
  organizations: null,
  passwordHash: '',
})

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
      expect(await store.find('ANNA')).toEqual({ ...anna, secondFactors: [] })
      expect(await store.count()).toBe(1)
      await expect(store.create({ ...anna, userName: 'aNNa' })).rejects.toMatchObject({ code: 'name_taken' })
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

    it('tells sessions apart, and ends one or all but one', async () => {
      const open = (tokenHash: string, sessionId: string, startedAtMs: number) =>
        store.createSession({
          tokenHash,
          userName: 'anna',
          expiresAtMs: 5_000_000,
          sessionId,
          startedAtMs,
          address: '192.0.2.1',
          userAgent: 'a browser',
        })
      const [one, two, three] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
      await open('s1', one, 1_000_000)
      await open('s2', two, 2_000_000)
      await open('s3', three, 3_000_000)
      await store.extendSession('s1', 6_000_000, 4_000_000)
      expect(await store.findSession('s1', 0)).toMatchObject({
        sessionId: one,
        startedAtMs: 1_000_000,
        expiresAtMs: 6_000_000,
      })
      expect(await store.sessionsOf('ANNA', 0)).toEqual([
        {
          sessionId: one,
          userName: 'Anna',
          createdAt: new Date(1_000_000).toISOString(),
          lastUsedAt: new Date(4_000_000).toISOString(),
          expiresAt: new Date(6_000_000).toISOString(),
          address: '192.0.2.1',
          userAgent: 'a browser',
        },
        expect.objectContaining({ sessionId: three }),
        expect.objectContaining({ sessionId: two }),
      ])
      expect(await store.sessionsOf('anna', 5_500_000)).toHaveLength(1)
      expect(await store.endSessions('somebody', { only: one })).toBe(0)
      expect(await store.endSessions('anna', { only: two })).toBe(1)
      expect(await store.endSessions('anna', { only: two })).toBe(0)
      expect(await store.endSessions('anna', { allBut: three })).toBe(1)
      expect((await store.sessionsOf('anna', 0)).map(({ sessionId }) => sessionId)).toEqual([three])
      expect(await store.endSessions('anna', { allBut: null })).toBe(1)
    })

    it('keeps changes of passwords, newest first, and five of the hashes', async () => {
      const berta: NewAccount = { ...anna, userName: 'berta', passwordHash: 'hash 0' }
      await store.create(berta, { at: '2026-01-01T00:00:00.000Z', by: 'admin' })
      for (let n = 1; n <= 6; n++)
        await store.setPasswordHash('Berta', `hash ${n}`, { at: `2026-01-0${n + 1}T00:00:00.000Z`, by: 'berta' })
      const changes = await store.passwordChanges('berta', 100)
      expect(changes.map(({ passwordHash }) => passwordHash)).toEqual([
        'hash 6',
        'hash 5',
        'hash 4',
        'hash 3',
        'hash 2',
        null,
        null,
      ])
      expect(changes.at(-1)).toEqual({ at: '2026-01-01T00:00:00.000Z', by: 'admin', passwordHash: null })
      expect(await store.passwordChanges('berta', 2)).toHaveLength(2)
      await store.setPasswordHash('nobody', 'x', { at: '2026-01-01T00:00:00.000Z', by: 'admin' })
      expect(await store.passwordChanges('nobody', 2)).toEqual([])
    })

    it('keeps the last sign-in of each kind of client', async () => {
      const at = (day: number) => `2026-02-0${day}T00:00:00.000Z`
      await store.recordSignIn('berta', { client: 'web', at: at(1), address: '192.0.2.1' })
      await store.recordSignIn('berta', { client: 'token', at: at(2), address: '192.0.2.2' })
      await store.recordSignIn('Berta', { client: 'web', at: at(3), address: '192.0.2.3' })
      await store.recordSignIn('nobody', { client: 'web', at: at(3), address: '192.0.2.3' })
      expect(await store.lastSignIns('berta')).toEqual([
        { client: 'web', at: at(3), address: '192.0.2.3' },
        { client: 'token', at: at(2), address: '192.0.2.2' },
      ])
      expect([...(await store.newestSignIns())]).toEqual([['berta', at(3)]])
    })

    it('changes an account and renames it with everything that is its own', async () => {
      await store.update('BERTA', { fullName: 'Berta B.', emailAddresses: [], role: 'auditor', organizations: null })
      expect(await store.find('berta')).toMatchObject({
        fullName: 'Berta B.',
        emailAddresses: [],
        role: 'auditor',
        organizations: null,
      })
      await store.update('berta', {})
      await expect(store.update('nobody', { fullName: 'x' })).rejects.toMatchObject({ code: 'not_found' })

      await store.createSession({ tokenHash: 'kept', userName: 'berta', expiresAtMs: 5_000_000 })
      await expect(store.rename('berta', 'ANNA')).rejects.toMatchObject({ code: 'name_taken' })
      await expect(store.rename('nobody', 'somebody')).rejects.toMatchObject({ code: 'not_found' })
      await store.rename('berta', 'Bert')
      expect(await store.find('berta')).toBeNull()
      expect((await store.findSession('kept', 0))?.account.userName).toBe('Bert')
      expect(await store.passwordChanges('bert', 100)).toHaveLength(7)
      await store.rename('bert', 'BERT')
      expect((await store.list()).map(({ userName }) => userName)).toEqual(['Anna', 'BERT'])
    })

    it('never loses its last administrator of all organizations', async () => {
      const last = { code: 'last_administrator' }
      const chief: NewAccount = { ...anna, userName: 'chief', role: 'administrator', organizations: null }
      await store.create(chief)
      await store.create({ ...chief, userName: 'local', organizations: anna.organizations })
      await expect(store.delete('chief')).rejects.toMatchObject(last)
      await expect(store.update('chief', { role: 'operator' })).rejects.toMatchObject(last)
      await expect(store.update('chief', { organizations: [] })).rejects.toMatchObject(last)
      await store.update('chief', { fullName: 'The Chief' })
      await store.create({ ...chief, userName: 'second' })
      const outcomes = await Promise.allSettled([store.delete('chief'), store.delete('second')])
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await store.delete('local')
      await expect(store.delete('local')).rejects.toMatchObject({ code: 'not_found' })
    })

    it('deletes an account with all that is its own', async () => {
      await store.delete('bert')
      expect(await store.find('bert')).toBeNull()
      expect(await store.findSession('kept', 0)).toBeNull()
      await store.create({ ...anna, userName: 'bert' })
      expect(await store.passwordChanges('bert', 100)).toEqual([])
      expect(await store.lastSignIns('bert')).toEqual([])
    })
  })
}
