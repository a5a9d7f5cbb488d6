import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { destinationMethods } from '@stillbox/shared/contract/destination-methods.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Database, openDatabaseInMemory } from '../../src/adapters/database/open-database.ts'
import { openFileSecrets } from '../../src/adapters/files/file-secrets.ts'
import { openKeyFiles } from '../../src/adapters/files/key-files.ts'
import { composeDelivery } from '../../src/compose-delivery.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { clusterInMemory } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type Openssh, startOpenssh } from '../../testkit/servers/openssh.ts'
import { someAdministrator } from '../doubles/callers.ts'
import { createFixedDirectory } from '../doubles/fixed-directory.ts'

const { CreateDestination, EditDestination, ReadHostKeys } = destinationMethods

describe.skipIf(!needs('sshd'))('destinations on a real server', () => {
  let server: Openssh
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let database: Database
  let open: Awaited<ReturnType<typeof composeDelivery>>
  let closed: typeof open
  beforeAll(async () => {
    server = await startOpenssh()
    folder = await ownFolder('destinations')
    database = await openDatabaseInMemory(await clusterInMemory())
    const keyFiles = await openKeyFiles(folder.path)
    const given = {
      database,
      directory: createFixedDirectory().directory,
      secrets: await openFileSecrets({ keyFiles }),
      keyFiles,
      clock: systemClock,
    }
    open = await composeDelivery(given, { allowedAddresses: ['127.0.0.1'] })
    closed = await composeDelivery(given, { allowedAddresses: [] })
  })
  afterAll(async () => {
    await database?.close()
    await server?.stop()
    await folder?.remove()
  })

  const paramsOf = async (given: object) =>
    CreateDestination.params.parse({
      name: crypto.randomUUID(),
      protocol: 'sftp',
      host: server.host,
      port: server.port,
      username: server.userName,
      path: server.folder,
      hostKeyFingerprints: await server.fingerprints('sha256'),
      ...given,
    })
  const test = (destinationId: string, { handlers } = open) =>
    handlers.TestDestination(
      { destinationId: EditDestination.params.parse({ destinationId }).destinationId },
      someAdministrator,
    )

  it('are saved after a look at the keys the server shows', async () => {
    const { host, port } = server
    const { hostKeys } = await open.handlers.ReadHostKeys(ReadHostKeys.params.parse({ host, port }))
    expect(hostKeys.map(({ sha256 }) => sha256)).toEqual(await server.fingerprints('sha256'))
    expect(hostKeys.map(({ md5 }) => `MD5:${md5}`)).toEqual(await server.fingerprints('md5'))
    const fingerprints = [[hostKeys[0]!.sha256], [hostKeys[1]!.md5]]
    for (const hostKeyFingerprints of fingerprints) {
      const auth = { authMethod: 'private-key', privateKey: server.privateKey }
      const made = await open.handlers.CreateDestination(
        await paramsOf({ hostKeyFingerprints, ...auth }),
        someAdministrator,
      )
      expect((await test(made.destinationId)).lastTest).toMatchObject({ error: null })
    }
    expect(await readdir(server.folder)).toEqual([])
  })

  it('let the service in by its own key, once that is authorized there', async () => {
    const made = await open.handlers.CreateDestination(await paramsOf({ protocol: 'scp' }), someAdministrator)
    await expect(test(made.destinationId)).rejects.toMatchObject({ code: 'destination_sign_in_refused' })
    const { destinations } = await open.handlers.GetDestinations({}, someAdministrator)
    const tested = destinations.find(({ destinationId }) => destinationId === made.destinationId)
    expect(tested?.lastTest?.error).toContain('refused the sign-in')
    expect(open.deliveryKeys.map(({ algorithm }) => algorithm)).toEqual(['ssh-ed25519', 'ssh-rsa'])
    await server.authorize(open.deliveryKeys[0]!.line)
    expect((await test(made.destinationId)).lastTest).toMatchObject({ error: null })
    expect(await readdir(server.folder)).toEqual([])
    const line = open.deliveryKeys[1]!.line
    expect((await open.publicKeys())['ssh-rsa']).toBe(line.split(' ')[1])
  })

  it('tell what is wrong with them', async () => {
    const auth = { authMethod: 'private-key', privateKey: server.privateKey } as const
    const path = join(server.folder, 'missing')
    const made = await open.handlers.CreateDestination(await paramsOf({ ...auth, path }), someAdministrator)
    await expect(test(made.destinationId)).rejects.toMatchObject({ code: 'destination_folder_missing' })
    const edited = await open.handlers.EditDestination(
      EditDestination.params.parse({
        destinationId: made.destinationId,
        path: server.folder,
        hostKeyFingerprints: [`SHA256:${'A'.repeat(43)}`],
      }),
      someAdministrator,
    )
    expect(edited.lastTest).toBeNull()
    await expect(test(made.destinationId)).rejects.toMatchObject({ code: 'destination_host_key_changed' })
  })

  it('are not this machine, unless the configuration allows it', async () => {
    const forbidden = { code: 'destination_forbidden' }
    await expect(closed.handlers.CreateDestination(await paramsOf({}), someAdministrator)).rejects.toMatchObject(
      forbidden,
    )
    const { port } = server
    for (const host of [server.host, 'localhost', '::ffff:127.0.0.1'])
      await expect(closed.handlers.ReadHostKeys({ host, port })).rejects.toMatchObject(forbidden)
    const named = await paramsOf({ host: 'localhost', authMethod: 'private-key', privateKey: server.privateKey })
    const made = await closed.handlers.CreateDestination(named, someAdministrator)
    await expect(test(made.destinationId, closed)).rejects.toMatchObject(forbidden)
    expect((await test(made.destinationId, open)).lastTest).toMatchObject({ error: null })
    expect(await readdir(server.folder)).toEqual([])
  })
})
