import { destinationMethods } from '@stillbox/shared/contract/destination-methods.ts'
import type { Params } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { DestinationId, OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { createMemoryDestinations } from '../../../test/doubles/memory-destinations.ts'
import type { CheckPrivateKey } from '../../ports/delivery.ts'
import type { DestinationStore } from '../../ports/destination-store.ts'
import type { Caller } from '../access/authorize.ts'
import { createDestinationSpecs } from './destination-spec.ts'
import { createManageDestinations } from './manage-destinations.ts'

const [here, elsewhere] = [OrganizationId.parse('here'), OrganizationId.parse('elsewhere')]
const chief: Caller = { userName: 'chief', role: 'administrator', organizations: null }
const local: Caller = { userName: 'local', role: 'administrator', organizations: [here] }
const fingerprint = `SHA256:${'A'.repeat(43)}`

const directory = { organizations: () => [here, elsewhere].map((organization) => ({ organization })) }
const secrets = {
  seal: (plain: string, context: string) => JSON.stringify([context, plain]),
  open: (sealed: string, context: string): string => {
    const [sealedFor, plain] = JSON.parse(sealed)
    if (sealedFor !== context) throw new Error('this was sealed for another row')
    return plain
  },
}
const checkPrivateKey: CheckPrivateKey = (privateKey, passphrase) => {
  if (!privateKey.includes('key')) return 'unreadable'
  return privateKey.includes('locked') && passphrase !== 'open sesame' ? 'locked' : 'usable'
}
const checkHost = (host: string) => {
  if (host === '127.0.0.1') throw new AppError('destination_forbidden', { details: { host, address: host } })
}

let destinations: DestinationStore
let use: ReturnType<typeof createManageDestinations>
/** A clock that stands still. */
const now = new Date('2026-03-01T12:00:00.000Z')
beforeEach(() => {
  destinations = createMemoryDestinations()
  use = createManageDestinations({
    destinations,
    directory,
    secrets,
    clock: { now: () => now },
    checkHost,
    checkPrivateKey,
  })
})

const { CreateDestination, EditDestination } = destinationMethods
const create = (given: object = {}, caller = chief) =>
  use.CreateDestination(
    CreateDestination.params.parse({
      name: 'Backup',
      protocol: 'sftp',
      host: 'backup.example',
      username: 'stillbox',
      hostKeyFingerprints: [fingerprint],
      ...given,
    }),
    caller,
  )
const edit = (destinationId: DestinationId, given: object, caller = chief) =>
  use.EditDestination(EditDestination.params.parse({ destinationId, ...given }), caller)
const list = async (caller: Caller) => (await use.GetDestinations({}, caller)).destinations
const specOf = async (destinationId: DestinationId) =>
  createDestinationSpecs({ secrets, servicePrivateKeys: ['own key'], allowedAddresses: [] }).ofSaved(
    (await destinations.find(destinationId))!,
  )
const noted = (destinationId: DestinationId, changedAt: string) =>
  destinations.noteTest(destinationId, changedAt, { at: now.toISOString(), error: null })

describe('a new destination', () => {
  test('is saved with what was left out filled in, and answered without its secret', async () => {
    const made = await create({ authMethod: 'password', password: 'top secret' })
    expect(made).toEqual({
      destinationId: made.destinationId,
      name: 'Backup',
      protocol: 'sftp',
      host: 'backup.example',
      port: 22,
      username: 'stillbox',
      path: '',
      fileName: '{userName} {date} {type} {snapshotId}.zip',
      hostKeyFingerprints: [fingerprint],
      authMethod: 'password',
      deletesLocal: false,
      organizations: null,
      createdAt: now.toISOString(),
      createdBy: 'chief',
      changedAt: now.toISOString(),
      lastTest: null,
    })
    expect(await list(chief)).toEqual([made])
    expect(JSON.stringify(await list(chief))).not.toContain('secret')
    expect((await specOf(made.destinationId)).auth).toEqual({ method: 'password', password: 'top secret' })
  })

  test('signs in with what it was given', async () => {
    const own = await create()
    expect((await specOf(own.destinationId)).auth).toEqual({ method: 'service-key', privateKeyPems: ['own key'] })
    const key = await create({ name: 'B', authMethod: 'private-key', privateKey: 'a key' })
    expect((await specOf(key.destinationId)).auth).toEqual({ method: 'private-key', privateKeyPem: 'a key' })
    const locked = await create({
      name: 'C',
      authMethod: 'private-key',
      privateKey: 'a locked key',
      passphrase: 'open sesame',
    })
    expect((await specOf(locked.destinationId)).auth).toEqual({
      method: 'private-key',
      privateKeyPem: 'a locked key',
      passphrase: 'open sesame',
    })
  })

  test('keeps a secret that opens in its own row only', async () => {
    const made = await create({ authMethod: 'password', password: 'top secret' })
    const other = await create({ name: 'Other', authMethod: 'password', password: 'another' })
    const { sealedSecret } = (await destinations.find(made.destinationId))!
    await destinations.change(other.destinationId, other.changedAt, { sealedSecret })
    await expect(specOf(other.destinationId)).rejects.toMatchObject({ code: 'destination_secret_lost' })
  })

  test.each([
    [{ authMethod: 'password' }, 'destination_secret_missing', 'needs password'],
    [{ authMethod: 'private-key' }, 'destination_secret_missing', 'needs privateKey'],
    [{ password: 'p' }, 'invalid_params', 'service-key takes no password'],
    [{ authMethod: 'password', password: 'p', privateKey: 'a key' }, 'invalid_params', 'takes no privateKey'],
    [{ authMethod: 'private-key', privateKey: 'a key', password: 'p' }, 'invalid_params', 'takes no password'],
    [{ authMethod: 'password', password: 'p', passphrase: 'x' }, 'invalid_params', 'passphrase'],
    [{ authMethod: 'private-key', privateKey: 'nonsense' }, 'invalid_params', 'no private key'],
    [{ authMethod: 'private-key', privateKey: 'a locked key' }, 'invalid_params', 'give its passphrase'],
    [
      { authMethod: 'private-key', privateKey: 'a locked key', passphrase: 'open' },
      'invalid_params',
      'does not open the privateKey',
    ],
    [{ host: '127.0.0.1' }, 'destination_forbidden', '127.0.0.1'],
    [{ organizations: ['nowhere'] }, 'invalid_params', 'no organization “nowhere”'],
  ])('is refused with %j', async (given, code, words) => {
    await expect(create(given)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
    expect(await list(chief)).toEqual([])
  })

  test('needs a name of its own', async () => {
    await create()
    await expect(create({ name: 'bACKUP' })).rejects.toMatchObject({ code: 'destination_name_taken' })
  })
})

describe('a change', () => {
  test('leaves what was left out, and is later than what was before', async () => {
    const made = await create({ authMethod: 'password', password: 'top secret', organizations: ['here'] })
    const changed = await edit(made.destinationId, { name: 'Archive', deletesLocal: true })
    expect(changed).toEqual({ ...made, name: 'Archive', deletesLocal: true, changedAt: '2026-03-01T12:00:00.001Z' })
    expect((await specOf(made.destinationId)).auth).toEqual({ method: 'password', password: 'top secret' })
    expect((await edit(made.destinationId, {})).changedAt).toBe('2026-03-01T12:00:00.002Z')
    expect((await edit(made.destinationId, { organizations: ['*'] })).organizations).toBeNull()
  })

  test.each([
    [{ host: 'other.example', hostKeyFingerprints: [fingerprint] }],
    [{ port: 2222, hostKeyFingerprints: [fingerprint] }],
    [{ username: 'somebody' }],
    [{ authMethod: 'private-key' }],
  ])('to %j needs the secret again', async (given) => {
    const made = await create({ authMethod: 'password', password: 'top secret' })
    await expect(edit(made.destinationId, given)).rejects.toMatchObject({ code: 'destination_secret_missing' })
    expect(await list(chief)).toEqual([made])
    const again = 'authMethod' in given ? { privateKey: 'a key' } : { password: 'a new one' }
    await edit(made.destinationId, { ...given, ...again })
    expect(JSON.stringify(await specOf(made.destinationId))).not.toContain('top secret')
  })

  test.each([
    [{ protocol: 'scp' }],
    [{ path: '/in' }],
    [{ fileName: '{snapshotId}.zip' }],
    [{ hostKeyFingerprints: [fingerprint, `SHA256:${'B'.repeat(42)}E`] }],
    [{ host: 'BACKUP.example', port: 22, username: 'stillbox', authMethod: 'password' }],
  ])('to %j does not', async (given) => {
    const made = await create({ authMethod: 'password', password: 'top secret' })
    await edit(made.destinationId, given)
    expect((await specOf(made.destinationId)).auth).toEqual({ method: 'password', password: 'top secret' })
  })

  test('to the service’s own key forgets the secret', async () => {
    const made = await create({ authMethod: 'password', password: 'top secret' })
    await edit(made.destinationId, { authMethod: 'service-key' })
    expect((await destinations.find(made.destinationId))?.sealedSecret).toBeNull()
    await expect(edit(made.destinationId, { authMethod: 'password' })).rejects.toMatchObject({
      code: 'destination_secret_missing',
      details: { authMethod: 'password', field: 'password' },
    })
  })

  test('to another host or port needs its fingerprints, and a host that is allowed', async () => {
    const { destinationId } = await create()
    for (const given of [{ host: 'other.example' }, { port: 2222 }])
      await expect(edit(destinationId, given)).rejects.toMatchObject({
        code: 'invalid_params',
        message: expect.stringContaining('hostKeyFingerprints'),
      })
    await expect(edit(destinationId, { host: '127.0.0.1', hostKeyFingerprints: [fingerprint] })).rejects.toMatchObject({
      code: 'destination_forbidden',
    })
    await edit(destinationId, { host: 'other.example', hostKeyFingerprints: [fingerprint] })
  })

  test.each([
    [{ host: 'other.example', hostKeyFingerprints: [fingerprint], password: 'p' }],
    [{ username: 'somebody', password: 'p' }],
    [{ protocol: 'scp' }],
    [{ path: '/in' }],
    [{ hostKeyFingerprints: [`SHA256:${'B'.repeat(42)}E`] }],
    [{ password: 'another' }],
    [{ authMethod: 'service-key' }],
  ])('to %j makes its test a thing of the past', async (given) => {
    const { destinationId, changedAt } = await create({ authMethod: 'password', password: 'top secret' })
    await noted(destinationId, changedAt)
    expect((await edit(destinationId, given)).lastTest).toBeNull()
  })

  test.each([
    [{ name: 'Archive' }],
    [{ fileName: '{snapshotId}.zip' }],
    [{ deletesLocal: true }],
    [{ organizations: ['here'] }],
    [{ path: '', port: 22 }],
  ])('to %j does not', async (given) => {
    const { destinationId, changedAt } = await create()
    await noted(destinationId, changedAt)
    expect((await edit(destinationId, given)).lastTest).toEqual({ at: now.toISOString(), error: null })
  })

  test('of somebody else meanwhile is not overwritten', async () => {
    const { destinationId, changedAt } = await create()
    const find = destinations.find
    destinations.find = async (id) => {
      const found = await find(id)
      destinations.find = find
      await destinations.change(destinationId, changedAt, { path: '/theirs', changedAt: '2026-04-01T00:00:00.000Z' })
      return found
    }
    await expect(edit(destinationId, { path: '/ours' })).rejects.toMatchObject({
      code: 'destination_changed',
      details: { name: 'Backup' },
    })
    expect((await find(destinationId))?.path).toBe('/theirs')
    destinations.find = async (id) => {
      const found = await find(id)
      destinations.find = find
      await destinations.remove(destinationId)
      return found
    }
    await expect(edit(destinationId, { path: '/ours' })).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('somebody who is limited to an organization', () => {
  const forbidden = { code: 'forbidden' }
  const missing = { code: 'not_found', message: 'There is no destination with this id. It may have been deleted.' }
  const remove = (destinationId: DestinationId, caller: Caller) => use.DeleteDestination({ destinationId }, caller)

  test('sees where its snapshots may go, and of others nothing', async () => {
    await create({ name: 'all' })
    await create({ name: 'both', organizations: ['here', 'elsewhere'] })
    await create({ name: 'own', organizations: ['here'] })
    await create({ name: 'theirs', organizations: ['elsewhere'] })
    const nobody: Caller = { ...local, organizations: [] }
    expect((await list(local)).map(({ name, organizations }) => [name, organizations])).toEqual([
      ['all', null],
      ['both', [here]],
      ['own', [here]],
    ])
    expect((await list(nobody)).map(({ name }) => name)).toEqual(['all'])
    expect(await list(chief)).toHaveLength(4)
  })

  test('changes and deletes what is within its limit, and nothing else', async () => {
    const all = await create({ name: 'all' })
    const both = await create({ name: 'both', organizations: ['here', 'elsewhere'] })
    const theirs = await create({ name: 'theirs', organizations: ['elsewhere'] })
    for (const { destinationId } of [all, both]) {
      await expect(edit(destinationId, { path: '/x' }, local)).rejects.toMatchObject(forbidden)
      await expect(remove(destinationId, local)).rejects.toMatchObject(forbidden)
    }
    for (const destinationId of [theirs.destinationId, DestinationId.parse(crypto.randomUUID())]) {
      await expect(edit(destinationId, { path: '/x' }, local)).rejects.toMatchObject(missing)
      await expect(remove(destinationId, local)).rejects.toMatchObject(missing)
    }
    expect(await list(chief)).toEqual([all, both, theirs])

    const own = await create({ name: 'own', organizations: ['here'] }, local)
    expect(own.createdBy).toBe('local')
    expect((await edit(own.destinationId, { path: '/x' }, local)).path).toBe('/x')
    for (const organizations of [['*'], ['here', 'elsewhere']])
      await expect(edit(own.destinationId, { organizations }, local)).rejects.toMatchObject({ code: 'invalid_params' })
    expect(await remove(own.destinationId, local)).toBeNull()
    await expect(remove(own.destinationId, local)).rejects.toMatchObject(missing)
  })

  test.each([[{}], [{ organizations: ['*'] }], [{ organizations: ['elsewhere'] }]])(
    'makes none with %j',
    async (given) => {
      await expect(create(given, local)).rejects.toMatchObject({ code: 'invalid_params' })
      expect(await list(chief)).toEqual([])
    },
  )
})

test('a destination can be deleted at any time', async () => {
  const { destinationId } = await create()
  const params: Params<'DeleteDestination'> = { destinationId }
  expect(await use.DeleteDestination(params, chief)).toBeNull()
  await expect(use.DeleteDestination(params, chief)).rejects.toMatchObject({ code: 'not_found' })
})
