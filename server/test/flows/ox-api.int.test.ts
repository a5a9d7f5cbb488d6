import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Product, startProduct } from '../../testkit/servers/product.ts'
import { unpack } from '../../testkit/unpack.ts'

let product: Product
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stillbox-ox-'))
  product = await startProduct()
})
afterAll(async () => {
  await product?.stop()
  await rm(folder, { recursive: true, force: true })
})

type Metadata = { readonly snapshotId: string; readonly status: string; readonly lastChanged: number }

const create = (body: object, path = '/intercept/snapshots') =>
  product.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const read = async <T>(path: string): Promise<T> => (await (await product.fetch(path)).json()) as T

/** Polls as a client of the API does. */
const until = async (path: string, status: string): Promise<Metadata> => {
  const deadline = Date.now() + 30_000
  for (;;) {
    const metadata = await read<Metadata>(path)
    if (metadata.status === status) return metadata
    if (Date.now() > deadline) throw new Error(`still ${metadata.status}:\n${product.output()}`)
    await sleep(100)
  }
}

test('contacts: created, fetched and deleted', async () => {
  const startedAtMs = Date.now()
  const created = await create({ username: 'anna@sample.example', type: 'Contacts', action: 'DOWNLOAD' })
  const location = created.headers.get('location')!
  const first = (await created.json()) as Metadata
  expect([created.status, location]).toEqual([200, `/intercept/snapshots/${first.snapshotId}`])
  expect(first).toEqual({
    snapshotId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    username: 'anna@sample.example',
    type: 'CONTACTS',
    action: 'DOWNLOAD',
    status: 'pending',
    lastChanged: expect.any(Number),
  })

  const available = await until(location, 'available')
  expect(available).toEqual({ ...first, status: 'available', lastChanged: expect.any(Number), organization: 'sample' })
  expect(first.lastChanged).toBeGreaterThanOrEqual(startedAtMs)
  expect(available.lastChanged).toBeGreaterThan(first.lastChanged)
  expect(available.lastChanged).toBeLessThanOrEqual(Date.now())
  // Asked again later, the status has not changed since.
  expect(await read(`/v1${location}`)).toEqual(available)
  expect(await read('/intercept/snapshots?status=AVAILABLE')).toEqual([available])

  const archives = await Promise.all(
    [
      product.fetch(`${location}/download`),
      product.fetch(location, { headers: { accept: 'application/octet-stream' } }),
    ].map(async (answer) => Buffer.from(await (await answer).arrayBuffer())),
  )
  expect(archives[0]!.equals(archives[1]!)).toBe(true)
  const file = join(folder, 'archive.zip')
  await writeFile(file, archives[0]!)
  const { items } = await unpack(file, join(folder, 'unpacked'))
  expect(items.length).toBeGreaterThan(0)
  expect(new Set(items.map(({ kind }) => kind))).toEqual(new Set(['contact']))

  const deleted = await product.fetch(location, { method: 'DELETE' })
  expect([deleted.status, await deleted.json()]).toMatchObject([200, { status: 'deleted' }])
  expect(await read(location)).toMatchObject({ status: 'deleted' })
  expect(await read('/intercept/snapshots')).toEqual([])
  expect(await read('/intercept/snapshots?status=deleted')).toMatchObject([{ snapshotId: first.snapshotId }])
  expect((await product.fetch(`${location}/download`)).status).toBe(409)
  expect((await product.fetch(location, { method: 'DELETE' })).status).toBe(409)
})

test('a wrong user name is accepted, and fails later', async () => {
  const answer = await create(
    { username: 'nobody-1234567', type: 'calendar', action: 'download' },
    '/v1/intercept/snapshots',
  )
  expect(answer.status).toBe(200)
  const location = answer.headers.get('location')!
  expect(location).toMatch(/^\/v1\/intercept\/snapshots\//)
  expect(await until(location, 'failed')).toMatchObject({ error: expect.stringMatching(/nobody-1234567/) })
  expect(await read('/intercept/snapshots?status=failed')).toMatchObject([{ username: 'nobody-1234567' }])
})

test('an upload to this machine itself is refused, and the key to let in elsewhere is told', async () => {
  const fingerprint = '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'
  const ssh = { host: '127.0.0.1', username: 'ox', path: '/data/in', fingerprint }
  for (const action of ['sftp', 'SCP']) {
    const answer = await create({ username: 'anna@sample.example', type: 'contacts', action, ssh })
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'destination_forbidden' }])
  }
  const answer = await product.fetch('/intercept/publickey')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(JSON.parse(await answer.text())).toEqual({ 'ssh-rsa': expect.stringMatching(/^AAAAB3NzaC1yc2E/) })
})

test('an upload that cannot be made is shown as failed, with its archive', async () => {
  const ssh = { host: 'upload.invalid', username: 'ox', path: 'in', fingerprint: `SHA256:${'A'.repeat(43)}` }
  const created = await create({ username: 'anna@sample.example', type: 'contacts', action: 'SFTP', ssh })
  const location = created.headers.get('location')!
  // The name may be known one day, so it is tried again; nobody waits for that here.
  await until(location, 'dumped')
  const { snapshotId } = await read<Metadata>(location)
  await product.invoke('CancelSnapshot', { snapshotId })
  expect(await read(location)).toMatchObject({ status: 'failed', action: 'SFTP', error: 'Cancelled by admin.' })
  const archive = await product.fetch(`${location}/download`)
  expect([archive.status, archive.headers.get('content-type')]).toEqual([200, 'application/zip'])
  await archive.arrayBuffer()
  expect((await product.fetch(location, { method: 'DELETE' })).status).toBe(200)
})
