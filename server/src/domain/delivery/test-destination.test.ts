import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { describe, expect, test } from 'vitest'
import { createMemoryDestinations } from '../../../test/doubles/memory-destinations.ts'
import type { Delivery, DestinationSpec } from '../../ports/delivery.ts'
import { savedDestination } from '../../ports/destination-store.contract.ts'
import type { Caller } from '../access/authorize.ts'
import { createDestinationSpecs } from './destination-spec.ts'
import { createReadHostKeys } from './read-host-keys.ts'
import { createTestDestination } from './test-destination.ts'

const chief: Caller = { userName: 'chief', role: 'administrator', organizations: null }
const now = new Date('2026-03-01T12:00:00.000Z')
const hanging = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const openWith = async (
  probe: Delivery['probe'],
  seconds?: number,
  given: Parameters<typeof savedDestination>[0] = {},
) => {
  const destinations = createMemoryDestinations()
  const saved = savedDestination({ organizations: [OrganizationId.parse('here')], ...given })
  await destinations.add(saved)
  const opened: DestinationSpec[] = []
  const use = createTestDestination({
    destinations,
    specs: createDestinationSpecs({
      secrets: { open: () => '' },
      servicePrivateKeys: ['own key'],
      allowedAddresses: ['127.0.0.1'],
    }),
    openDelivery: (spec) => {
      opened.push(spec)
      return { probe, deliver: () => Promise.reject(new Error('nothing is delivered')) }
    },
    clock: { now: () => now },
    ...(seconds === undefined ? {} : { seconds }),
  })
  const { destinationId } = saved
  return {
    destinations,
    saved,
    opened,
    run: (caller = chief) => use({ destinationId }, caller),
    lastTest: async () => (await destinations.find(destinationId))?.lastTest,
  }
}

describe('a test of a destination', () => {
  test('whose password was saved with other keys says so, and what to do', async () => {
    // As after a database was put back without its keys.
    const world = await openWith(async () => {}, undefined, {
      authMethod: 'password',
      sealedSecret: 'v1:of other keys',
    })
    await expect(world.run()).rejects.toMatchObject({ code: 'destination_secret_lost' })
    expect((await world.lastTest())?.error).toMatch(/cannot be opened: .* Give it again, or put the keys back\.$/)
    expect(world.opened).toEqual([])
  })

  test('answers how it is now, and keeps that it went well', async () => {
    const world = await openWith(async () => {})
    const { sealedSecret: _, ...shown } = world.saved
    expect(await world.run()).toEqual({ ...shown, lastTest: { at: now.toISOString(), error: null } })
    expect(world.opened).toHaveLength(1)
    expect(world.opened[0]).toMatchObject({ host: 'backup.example', path: '/in', allowedAddresses: ['127.0.0.1'] })
  })

  test('throws what went wrong, and keeps it in words', async () => {
    const refused = new AppError('destination_no_permission', {
      details: { host: 'backup.example:22', userName: 'stillbox', path: '/in' },
    })
    const world = await openWith(() => Promise.reject(refused))
    await expect(world.run()).rejects.toBe(refused)
    expect(await world.lastTest()).toEqual({ at: now.toISOString(), error: refused.message })
  })

  test('says nothing about the destination when the fault is ours', async () => {
    const fault = new Error('a mistake in the program')
    const world = await openWith(() => Promise.reject(fault))
    await expect(world.run()).rejects.toBe(fault)
    expect(await world.lastTest()).toBeNull()
  })

  test('ends after its time', async () => {
    const world = await openWith(hanging, 0.05)
    await expect(world.run()).rejects.toMatchObject({
      code: 'destination_timeout',
      details: { host: 'backup.example', seconds: 0.05 },
    })
    expect((await world.lastTest())?.error).toContain('0.05 seconds')
  })

  test('says nothing about what was changed meanwhile', async () => {
    const world = await openWith(async () => {
      const { destinationId, changedAt } = world.saved
      await world.destinations.change(destinationId, changedAt, {
        host: 'other.example',
        changedAt: '2026-02-01T00:00:00.000Z',
      })
    })
    expect(await world.run()).toMatchObject({ host: 'other.example', lastTest: null })
  })

  test('is for those who may know of it', async () => {
    const world = await openWith(async () => {})
    await expect(world.run({ ...chief, organizations: [] })).rejects.toMatchObject({ code: 'not_found' })
    expect(world.opened).toEqual([])
    expect(await world.run({ ...chief, organizations: [OrganizationId.parse('here')] })).toMatchObject({
      lastTest: { error: null },
    })
  })
})

describe('the host keys of a server', () => {
  const key = { algorithm: 'ssh-ed25519', sha256: `SHA256:${'A'.repeat(43)}`, md5: 'aa:bb' }

  test('are told as they are shown', async () => {
    const use = createReadHostKeys({
      allowedAddresses: ['127.0.0.1'],
      readHostKeys: async (server) => {
        expect(server).toEqual({ host: 'backup.example', port: 22, allowedAddresses: ['127.0.0.1'], timeoutMs: 15_000 })
        return [key]
      },
    })
    expect(await use({ host: 'backup.example', port: 22 })).toEqual({ hostKeys: [key] })
  })

  test('are not waited for endlessly', async () => {
    const use = createReadHostKeys({
      allowedAddresses: [],
      readHostKeys: (_, signal) => hanging(signal),
      seconds: 0.05,
    })
    await expect(use({ host: 'backup.example', port: 22 })).rejects.toMatchObject({ code: 'destination_timeout' })
  })
})
