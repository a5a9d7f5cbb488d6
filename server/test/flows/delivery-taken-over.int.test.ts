import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from '@stillbox/shared/contract/registry.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type CuttingProxy, startCuttingProxy } from '../../testkit/servers/cutting-proxy.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type Openssh, startOpenssh } from '../../testkit/servers/openssh.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import type { Product } from '../../testkit/servers/product.ts'
import { gone, infoOf, type SnapshotInfo, sha256, startFaultProduct, workProcesses } from './fault-bench.ts'

/** Within the archive of the sample user, well after what the connection itself takes. */
const inTheMiddle = 40_000

describe.skipIf(!(needs('sshd') && needs('postgres')))('a delivery of two processes on one PostgreSQL', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let database: PostgresServer
  let server: Openssh
  let proxy: CuttingProxy
  const products: Product[] = []
  let start: () => Promise<Product>
  beforeAll(async () => {
    folder = await ownFolder('taken-over')
    ;[database, server] = await Promise.all([startPostgres(), startOpenssh()])
    proxy = await startCuttingProxy(server.port)
    const databaseUrl = await database.createDatabase('taken_over')
    const config = JSON.stringify({ sample: true, allowedAddresses: ['127.0.0.1'] })
    start = async () => {
      const product = await startFaultProduct({ config, databaseUrl, dataFolder: folder.path })
      products.push(product)
      return product
    }
  })
  afterAll(async () => {
    for (const product of products) await product.stop()
    await proxy?.stop()
    await server?.stop()
    await database?.stop()
    await folder?.remove()
  })

  test('is finished by the other when one is killed with -9 in mid-upload', async () => {
    const one = await start()
    for (const { line } of (await one.invoke<Result<'GetServerInfo'>>('GetServerInfo')).deliveryKeys)
      await server.authorize(line)
    const { destinationId } = await one.invoke<Result<'CreateDestination'>>('CreateDestination', {
      name: 'Vault',
      protocol: 'sftp',
      host: server.host,
      port: String(proxy.port),
      username: server.userName,
      path: server.folder,
      fileName: '{snapshotId}.zip',
      hostKeyFingerprints: (await server.fingerprints('sha256'))[0]!,
    })
    proxy.stallNextAfter(inTheMiddle)
    const { snapshotId, statusUrl } = await one.invoke<{ snapshotId: string; statusUrl: string }>('CreateSnapshot', {
      ...{ userName: 'anna@sample.example', type: 'mailbox', action: 'sftp', destinationId },
      ...{ start: '1990-01-01', end: '2035-01-01' },
    })
    await one.until<SnapshotInfo>(snapshotId, ['uploading'])
    await expect.poll(() => readdir(server.folder), { timeout: 20_000 }).toEqual([`${snapshotId}.zip.part`])
    const arrivedThen = () => proxy.bytesUp >= inTheMiddle
    await expect.poll(arrivedThen, { timeout: 20_000 }).toBe(true)

    const other = await start()
    // Both live: the upload belongs to the one that began it.
    expect(await infoOf(other, snapshotId)).toMatchObject({ state: 'uploading', attempt: 1 })
    expect(workProcesses(other, 'deliver')).toEqual([])
    const workers = workProcesses(one)
    await one.kill()
    await gone(workers)

    const snapshot = await other.until<SnapshotInfo>(snapshotId, ['available', 'failed'])
    expect(snapshot).toMatchObject({ state: 'available', attempt: 2, isStored: true, error: null })
    expect(workProcesses(other, 'deliver')).toHaveLength(1)
    const texts = snapshot.messages.map(({ text }) => text)
    expect(texts).toContain('The process that uploaded has ended. It goes on.')
    expect(texts.filter((text) => text.startsWith('The archive is complete'))).toHaveLength(1)
    expect(await readdir(server.folder)).toEqual([`${snapshotId}.zip`])
    const [there, here] = await Promise.all([
      readFile(join(server.folder, `${snapshotId}.zip`)),
      readFile(join(folder.path, 'archives', `${snapshotId}.zip`)),
    ])
    expect(there.equals(here)).toBe(true)
    expect(snapshot.delivery?.sha256).toBe(sha256(here))
    // The token of the call is answered by whichever process is left.
    const status = async () => ((await (await other.fetch(statusUrl)).json()) as { status: string }).status
    await expect.poll(status, { timeout: 20_000 }).toBe('succeeded')
  })
})
