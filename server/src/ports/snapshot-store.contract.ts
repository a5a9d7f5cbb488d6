import type { SnapshotDelivery } from '@stillbox/shared/contract/delivery.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { DestinationId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SnapshotStore } from './snapshot-store.ts'

export type StoreUnderTest = { readonly store: SnapshotStore; close(): Promise<void> }

export const storedSnapshot = (given: Partial<Snapshot> = {}): Snapshot => ({
  snapshotId: SnapshotId.parse(crypto.randomUUID()),
  organization: OrganizationId.parse('sample'),
  userName: 'anna@sample.example',
  type: ['mailbox', 'contacts'],
  action: 'download',
  start: '2026-01-01T00:00:00.000Z',
  end: '2026-02-01T00:00:00.000Z',
  state: 'pending',
  createdAt: '2026-03-01T10:00:00.123Z',
  createdBy: 'admin',
  startedAt: null,
  dumpedAt: null,
  finishedAt: null,
  lastChangedAt: '2026-03-01T10:00:00.123Z',
  attempt: 0,
  nextAttemptAt: null,
  progress: noProgress,
  progressPercentage: null,
  itemCount: null,
  issueCount: null,
  archiveName: null,
  archiveSizeBytes: null,
  isStored: false,
  expiresAt: null,
  delivery: null,
  rootHash: null,
  lastVerifiedAt: null,
  lastVerifiedOk: null,
  fullTextState: 'none',
  error: null,
  ...given,
})

const someDelivery = (given: Partial<SnapshotDelivery> = {}): SnapshotDelivery => ({
  protocol: 'sftp',
  destinationId: DestinationId.parse(crypto.randomUUID()),
  destinationName: 'Vault “1”',
  host: 'vault.example',
  port: 2222,
  username: 'stillbox',
  path: '/data/in',
  bytesDone: 0,
  bytesExpected: null,
  bytesPerSecond: null,
  deliveredPath: null,
  sha256: null,
  deliveredAt: null,
  deletesLocal: true,
  ...given,
})

const none = { folders: [], issues: [] }

/** What every snapshot store keeps to. `open` gives an empty one. */
export const snapshotStoreContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name} as SnapshotStore`, () => {
    let opened: StoreUnderTest
    let store: SnapshotStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    }, 60_000)
    afterAll(() => opened.close())

    const put = async (given: Partial<Snapshot> = {}): Promise<Snapshot> => {
      const snapshot = storedSnapshot(given)
      expect(await store.adopt(snapshot, none)).toBe(true)
      return snapshot
    }

    it('keeps what a hostile server called its folders, as far as a database can', async () => {
      const { snapshotId } = await put({ state: 'dumping' })
      const nasty = 'a\u0000b\ud800c'
      const issues = [{ kind: 'mail' as const, folder: nasty, ref: nasty, code: 'not_returned', text: nasty }]
      const progress = { ...noProgress, currentFolder: nasty }
      expect(await store.update(snapshotId, 'dumping', { progress, issues })).toBe(true)
      const error = { code: 'source_protocol', details: { host: 'imap', reason: nasty } } as const
      expect(await store.move(snapshotId, 'dumping', 'failed', { error }, nasty)).not.toBeNull()
      const kept = 'a\ufffdb\ufffdc'
      const details = await store.details(snapshotId)
      expect(details.issues).toEqual([{ ...issues[0], folder: kept, ref: kept, text: kept }])
      expect(details.messages.at(-1)?.text).toBe(kept)
      expect((await store.get(snapshotId)).progress.currentFolder).toBe(kept)
      const states = snapshotStates
      expect(await store.page({ states, userName: 'n\u0000' }, { limit: 1 })).toEqual({ snapshots: [], next: null })
    })

    it('gives no percentage of what is deleted', async () => {
      const progress = { ...noProgress, itemsDone: 3, itemsExpected: 3 }
      const { snapshotId } = await put({ state: 'available', progress })
      expect((await store.get(snapshotId)).progressPercentage).toBe(100)
      await store.move(snapshotId, 'available', 'deleted', {})
      expect((await store.get(snapshotId)).progressPercentage).toBeNull()
    })

    it('gives back what it was given, with large numbers as numbers and instants as ISO strings', async () => {
      const folders = [
        {
          kind: 'mail' as const,
          folder: 'INBOX',
          onServer: 3,
          taken: 1,
          excludedByRequest: 1,
          notTaken: 1,
          vanished: 0,
          arrivedMeanwhile: 2,
          takenBytes: 5_000_000_000,
        },
      ]
      const issues = [
        { kind: 'mail' as const, folder: 'INBOX', ref: '7', code: 'not_returned', text: 'It was not sent.' },
      ]
      const snapshot = storedSnapshot({
        state: 'available',
        archiveSizeBytes: 12_345_678_901,
        action: 'sftp',
        isStored: true,
        expiresAt: '2027-03-01T11:00:00.001Z',
        delivery: someDelivery({ bytesDone: 12_345_678_901, bytesExpected: 12_345_678_901 }),
        itemCount: 4_000_000_000,
        issueCount: 1,
        archiveName: 'anna “2026”.zip',
        rootHash: 'ab'.repeat(32),
        finishedAt: '2026-03-01T11:00:00.001Z',
        lastVerifiedOk: false,
        fullTextState: 'ready',
        progressPercentage: 100,
      })
      expect(await store.adopt(snapshot, { folders, issues })).toBe(true)
      expect(await store.get(snapshot.snapshotId)).toEqual(snapshot)
      expect(await store.details(snapshot.snapshotId)).toEqual({ folders, issues, messages: [] })
      expect(await store.adopt({ ...snapshot, userName: 'another' }, none)).toBe(false)
      expect((await store.get(snapshot.snapshotId)).userName).toBe(snapshot.userName)
    })

    it('knows what it does not have', async () => {
      const nobody = SnapshotId.parse(crypto.randomUUID())
      for (const ask of [store.get, store.getForJob, store.details])
        await expect(ask(nobody)).rejects.toSatisfy((error) => isAppError(error, 'not_found'))
      expect(await store.move(nobody, 'pending', 'dumping', {})).toBeNull()
      expect(await store.update(nobody, 'pending', { attempt: 1 })).toBe(false)
    })

    it('moves only from the state it is in, so that of many movers one wins', async () => {
      const { snapshotId } = await put()
      const moves = await Promise.all(
        Array.from({ length: 8 }, (_, attempt) =>
          store.move(
            snapshotId,
            'pending',
            'dumping',
            { attempt, startedAt: '2026-03-01T10:00:01.000Z' },
            `by ${attempt}`,
          ),
        ),
      )
      const winners = moves.filter((snapshot) => snapshot !== null)
      expect(winners).toHaveLength(1)
      expect(winners[0]).toMatchObject({ state: 'dumping', startedAt: '2026-03-01T10:00:01.000Z' })
      expect((await store.details(snapshotId)).messages.map(({ text }) => text)).toEqual([`by ${winners[0]!.attempt}`])
      expect(winners[0]!.lastChangedAt > '2026-03-01T10:00:00.123Z').toBe(true)
      await expect(store.move(snapshotId, 'dumping', 'available', {})).rejects.toThrow('never moves')
    })

    it('writes and clears only what it is told to', async () => {
      const { snapshotId } = await put({ itemCount: 3, rootHash: 'cd' })
      expect(
        await store.update(snapshotId, 'pending', {
          error: { code: 'source_unreachable', details: { host: 'mail.example', reason: 'no answer' } },
          progress: { ...noProgress, itemsDone: 5, itemsExpected: 10 },
          rootHash: null,
        }),
      ).toBe(true)
      expect(await store.get(snapshotId)).toMatchObject({
        itemCount: 3,
        rootHash: null,
        progressPercentage: 50,
        error: { code: 'source_unreachable', message: expect.stringContaining('mail.example') },
      })
      expect(await store.update(snapshotId, 'dumping', { rootHash: 'ef' })).toBe(false)
      await store.update(snapshotId, 'pending', { error: null, sealedPassword: 'sealed' })
      expect((await store.getForJob(snapshotId)).sealedPassword).toBe('sealed')
      expect((await store.get(snapshotId)).error).toBeNull()
      expect(JSON.stringify(await store.get(snapshotId))).not.toContain('sealed"')
    })

    it('pages newest first without loss or repetition, also where instants are equal', async () => {
      const organization = OrganizationId.parse('pages')
      const made: Snapshot[] = []
      for (let n = 0; n < 23; n++)
        made.push(await put({ organization, createdAt: new Date(1_800_000_000_000 + Math.floor(n / 5)).toISOString() }))
      const seen: Snapshot[] = []
      let before: string | undefined
      let pages = 0
      do {
        const page = await store.page({ states: ['pending'], organizations: [organization] }, { limit: 10, before })
        seen.push(...page.snapshots)
        before = page.next ?? undefined
        pages++
        // What arrives while somebody pages is newer, so it moves nothing.
        await put({ organization, createdAt: new Date(1_900_000_000_000).toISOString() })
      } while (before !== undefined && pages < 10)
      expect(pages).toBe(3)
      expect(new Set(seen.map(({ snapshotId }) => snapshotId)).size).toBe(23)
      expect(seen.map(({ createdAt }) => createdAt)).toEqual(
        made
          .map(({ createdAt }) => createdAt)
          .sort()
          .reverse(),
      )
      for (const wrong of ['', 'x', '1.2', `${'9'.repeat(15)}.${made[0]!.snapshotId}`, "1.' or true"])
        await expect(store.page({ states: snapshotStates }, { limit: 1, before: wrong })).rejects.toSatisfy((error) =>
          isAppError(error, 'invalid_params'),
        )
    })

    it('finds part of a user name in any case, and takes every character literally', async () => {
      const organization = OrganizationId.parse('names')
      for (const userName of ['Änne_Groß', 'a%b', 'a\\b', "o'neill", 'axb', 'ANNA@Sample.Example'])
        await put({ organization, userName })
      const find = async (userName: string) => {
        const { snapshots } = await store.page(
          { states: snapshotStates, organizations: [organization], userName },
          { limit: 50 },
        )
        return snapshots.map((snapshot) => snapshot.userName).sort()
      }
      expect(await find('änne_g')).toEqual(['Änne_Groß'])
      expect(await find('A%')).toEqual(['a%b'])
      expect(await find('_')).toEqual(['Änne_Groß'])
      expect(await find('\\')).toEqual(['a\\b'])
      expect(await find("O'N")).toEqual(["o'neill"])
      expect(await find('sample.EX')).toEqual(['ANNA@Sample.Example'])
      expect(await find('')).toHaveLength(6)
      expect(await find('nobody')).toEqual([])
    })

    it('counts every state under the same user and organization, whatever states are asked for', async () => {
      const organization = OrganizationId.parse('counts')
      for (const state of ['pending', 'pending', 'failed', 'deleted'] as const) await put({ organization, state })
      await put({ organization, userName: 'bruno', state: 'failed' })
      expect(await store.countByState({ states: ['failed'], organizations: [organization] })).toEqual({
        pending: 2,
        failed: 2,
        deleted: 1,
      })
      expect(await store.countByState({ states: [], organizations: [organization], userName: 'BRUNO' })).toEqual({
        failed: 1,
      })
      expect(await store.countByState({ states: [], organizations: [] })).toEqual({})
    })

    it('writes of a delivery only what it is told, and counts its bytes while it uploads', async () => {
      const delivery = someDelivery({ bytesExpected: 5_000_000_000 })
      const { snapshotId } = await put({ state: 'uploading', action: 'sftp', delivery })
      const delivered = { bytesDone: 2_500_000_001, bytesPerSecond: 1_000_000.5 }
      expect(await store.update(snapshotId, 'uploading', { delivered })).toBe(true)
      expect(await store.get(snapshotId)).toMatchObject({
        delivery: { ...delivery, ...delivered },
        progressPercentage: 50,
      })
      const { delivery: facts } = await store.getForJob(snapshotId)
      const { destinationName, host, port, username, path } = delivery
      expect(facts).toEqual({
        destinationId: delivery.destinationId,
        target: null,
        deletesLocal: true,
        server: { destinationName, host, port, username, path },
      })
      const arrived = {
        deliveredPath: '/data/in/\u0000.zip',
        sha256: 'ef'.repeat(32),
        deliveredAt: '2026-03-01T11:00:00.001Z',
      }
      await store.move(snapshotId, 'uploading', 'available', { delivered: { ...arrived, host: 'vault2.example' } })
      expect((await store.get(snapshotId)).delivery).toEqual({
        ...delivery,
        ...delivered,
        ...arrived,
        deliveredPath: '/data/in/\ufffd.zip',
        host: 'vault2.example',
      })
      const { snapshotId: plain } = await put({ state: 'dumping' })
      expect(await store.update(plain, 'dumping', { delivered })).toBe(true)
      expect(await store.get(plain)).toMatchObject({ delivery: null })
      expect((await store.getForJob(plain)).delivery).toBeNull()
    })

    it('finds what has expired, and writes only what still has', async () => {
      const at = (day: number) => `2020-01-0${day}T00:00:00.000Z`
      const stored = { state: 'available', isStored: true } as const
      const second = await put({ ...stored, expiresAt: at(2) })
      const failed = await put({ ...stored, state: 'failed', expiresAt: '2020-01-01T12:00:00.000Z' })
      const first = await put({ ...stored, expiresAt: at(1) })
      for (const given of [
        { ...stored, expiresAt: at(3) },
        { ...stored, expiresAt: null },
        { ...stored, isStored: false, expiresAt: at(1) },
        { ...stored, state: 'failed', expiresAt: null } as const,
        // While it is at work again, what it is going to be decides.
        { ...stored, state: 'uploading', expiresAt: at(1) } as const,
      ])
        await put(given)
      expect(await store.expiredBy(at(2))).toEqual([first.snapshotId, failed.snapshotId, second.snapshotId])

      const onlyIf = { expiresBy: at(2) }
      await store.update(second.snapshotId, 'available', { expiresAt: at(4) }, 'Kept longer.')
      expect(await store.move(second.snapshotId, 'available', 'deleted', {}, 'Expired.', onlyIf)).toBeNull()
      expect(await store.update(second.snapshotId, 'available', { isStored: false }, 'Expired.', onlyIf)).toBe(false)
      expect(await store.get(second.snapshotId)).toMatchObject({ state: 'available', isStored: true, expiresAt: at(4) })
      expect((await store.details(second.snapshotId)).messages.map(({ text }) => text)).toEqual(['Kept longer.'])
      const changes = { isStored: false, expiresAt: null }
      expect(await store.update(first.snapshotId, 'available', changes, 'Expired.', onlyIf)).toBe(true)
      expect(await store.get(first.snapshotId)).toMatchObject({ state: 'available', ...changes })
      expect((await store.details(first.snapshotId)).messages.map(({ text }) => text)).toEqual(['Expired.'])
      expect(await store.update(failed.snapshotId, 'failed', changes, 'Expired.', onlyIf)).toBe(true)
      expect(await store.expiredBy(at(2))).toEqual([])
    })

    it('counts the archives that lie in the store', async () => {
      const organizations = [OrganizationId.parse('usage')]
      const [organization] = organizations
      await put({ organization: organization!, state: 'available', archiveSizeBytes: 5_000_000_000, isStored: true })
      await put({ organization: organization!, state: 'failed', archiveSizeBytes: 7, isStored: true })
      await put({ organization: organization!, state: 'available', archiveSizeBytes: 9, isStored: false })
      expect(await store.archiveUsage({ organizations })).toEqual({ archiveCount: 2, archiveBytes: 5_000_000_007 })
    })

    it('lists ids by state', async () => {
      const { snapshotId } = await put({ state: 'dumped' })
      expect(await store.idsInState(['dumped'])).toEqual([snapshotId])
      expect(await store.idsInState([])).toEqual([])
    })
  })
}
