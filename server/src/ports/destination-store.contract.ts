import { DestinationId, OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DestinationStore, SavedDestination } from './destination-store.ts'

export const savedDestination = (given: Partial<SavedDestination> = {}): SavedDestination => ({
  destinationId: DestinationId.parse(crypto.randomUUID()),
  name: 'Backup',
  protocol: 'sftp',
  host: 'backup.example',
  port: 22,
  username: 'stillbox',
  path: '/in',
  fileName: '{userName}/{snapshotId}.zip',
  hostKeyFingerprints: [`SHA256:${'A'.repeat(43)}`],
  authMethod: 'service-key',
  deletesLocal: false,
  organizations: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  createdBy: 'admin',
  changedAt: '2026-01-01T00:00:00.000Z',
  lastTest: null,
  sealedSecret: null,
  ...given,
})

/** What every store of destinations keeps to. `open` gives an empty one. */
export const destinationStoreContract = (
  name: string,
  open: () => Promise<{ readonly store: DestinationStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as DestinationStore`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let store: DestinationStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    }, 60_000)
    afterAll(() => opened.close())

    const plain = savedDestination()
    const rich = savedDestination({
      name: 'archiv Süd',
      protocol: 'scp',
      host: '2001:db8::7',
      port: 65_535,
      path: '',
      hostKeyFingerprints: ['aa:bb', `SHA256:${'B'.repeat(43)}`],
      authMethod: 'password',
      deletesLocal: true,
      organizations: [OrganizationId.parse('here'), OrganizationId.parse('elsewhere')],
      lastTest: { at: '2026-01-01T00:00:01.234Z', error: 'It said “no”.' },
      sealedSecret: 'v1:AAAA',
    })

    it('keeps destinations as they are, and lists them by name', async () => {
      expect(await store.list()).toEqual([])
      expect(await store.find(plain.destinationId)).toBeNull()
      await store.add(plain)
      await store.add(rich)
      await store.add(savedDestination({ name: 'a b' }))
      await store.add(savedDestination({ name: 'Ab' }))
      expect(await store.find(plain.destinationId)).toEqual(plain)
      expect(await store.find(rich.destinationId)).toEqual(rich)
      expect((await store.list()).map((destination) => destination.name)).toEqual(['a b', 'Ab', 'archiv Süd', 'Backup'])
    })

    it('gives a name once, in whatever case and Unicode form', async () => {
      const taken = { code: 'destination_name_taken' }
      await expect(store.add(savedDestination({ name: 'bACKUP' }))).rejects.toMatchObject(taken)
      await expect(store.add(savedDestination({ name: 'ARCHIV SÜD'.normalize('NFD') }))).rejects.toMatchObject(taken)
      const { destinationId, changedAt } = rich
      await expect(store.change(destinationId, changedAt, { name: 'BACKUP' })).rejects.toMatchObject(taken)
      expect(await store.find(destinationId)).toEqual(rich)
      expect(await store.change(destinationId, changedAt, { name: 'Archiv SÜD' })).toMatchObject({ name: 'Archiv SÜD' })
      const both = await Promise.allSettled(
        ['Twice', 'tWICE'].map((twice) => store.add(savedDestination({ name: twice }))),
      )
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: taken })
    })

    it('changes what is given, for whoever saw the newest state', async () => {
      const { destinationId } = plain
      const changes = {
        host: 'other.example',
        organizations: [OrganizationId.parse('here')],
        sealedSecret: 'v1:BBBB',
        lastTest: { at: '2026-01-02T00:00:00.000Z', error: null },
        changedAt: '2026-01-02T00:00:00.001Z',
      }
      expect(await store.change(destinationId, plain.changedAt, changes)).toEqual({ ...plain, ...changes })
      expect(await store.change(destinationId, plain.changedAt, { host: 'late.example' })).toBeNull()
      expect(await store.find(destinationId)).toEqual({ ...plain, ...changes })
      const cleared = { organizations: null, sealedSecret: null, lastTest: null, changedAt: '2026-01-03T00:00:00.000Z' }
      expect(await store.change(destinationId, changes.changedAt, cleared)).toMatchObject(cleared)
      expect(await store.change(savedDestination().destinationId, plain.changedAt, {})).toBeNull()
    })

    it('lets one of two change it who saw the same state', async () => {
      const { destinationId, changedAt } = (await store.find(plain.destinationId))!
      const outcomes = await Promise.all(
        [1, 2].map((n) =>
          store.change(destinationId, changedAt, { port: n, changedAt: `2026-01-04T00:00:00.00${n}Z` }),
        ),
      )
      expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(1)
      expect(await store.find(destinationId)).toEqual(outcomes.find((outcome) => outcome !== null))
    })

    it('notes the test of what was tested', async () => {
      const before = (await store.find(plain.destinationId))!
      const lastTest = { at: '2026-01-05T00:00:00.000Z', error: 'It said “no”.' }
      await store.noteTest(before.destinationId, '2025-01-01T00:00:00.000Z', lastTest)
      expect(await store.find(before.destinationId)).toEqual(before)
      await store.noteTest(before.destinationId, before.changedAt, lastTest)
      expect(await store.find(before.destinationId)).toEqual({ ...before, lastTest })
      await store.noteTest(before.destinationId, before.changedAt, { ...lastTest, error: null })
      expect((await store.find(before.destinationId))?.lastTest?.error).toBeNull()
      await store.noteTest(savedDestination().destinationId, before.changedAt, lastTest)
    })

    it('removes one, and gives its name away again', async () => {
      expect(await store.remove(plain.destinationId)).toBe(true)
      expect(await store.remove(plain.destinationId)).toBe(false)
      expect(await store.find(plain.destinationId)).toBeNull()
      await store.add(savedDestination({ name: 'backup' }))
    })
  })
}
