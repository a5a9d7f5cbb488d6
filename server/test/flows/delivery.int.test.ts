import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MethodName, ParamsInput, Result } from '@stillbox/shared/contract/registry.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeServiceKeys } from '../../src/adapters/ssh/service-key.ts'
import { openSshDelivery } from '../../src/adapters/ssh/ssh-delivery.ts'
import type { DeliveryFile } from '../../src/ports/delivery.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type CuttingProxy, startCuttingProxy } from '../../testkit/servers/cutting-proxy.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type Openssh, startOpenssh } from '../../testkit/servers/openssh.ts'
import type { Product } from '../../testkit/servers/product.ts'
import { gone, type SnapshotInfo, sha256, startFaultProduct, workProcesses } from './fault-bench.ts'

const run = promisify(execFile)
/** Within the archive of the sample user, well after what the connection itself takes. */
const inTheMiddle = 40_000
const config = JSON.stringify({
  sample: true,
  allowedAddresses: ['127.0.0.1'],
  retention: { sftp: 30 },
  limits: { capturesAtOnce: 1 },
})

/** Calls a method with values as they are, not as a form has them. */
const call = async <N extends MethodName>(product: Product, method: N, params: ParamsInput<N>): Promise<Result<N>> => {
  const answer = await product.fetch('/rpc', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = (await answer.json()) as { result?: Result<N>; error?: { message: string } }
  if (error) throw new Error(`${method}: ${error.message}`)
  return result!
}

describe.skipIf(!needs('sshd'))('a delivered snapshot, against OpenSSH', () => {
  let product: Product
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let server: Openssh
  let proxy: CuttingProxy
  beforeAll(async () => {
    folder = await ownFolder('delivery')
    server = await startOpenssh()
    proxy = await startCuttingProxy(server.port)
    product = await startFaultProduct({ config, dataFolder: folder.path })
    for (const { line } of (await call(product, 'GetServerInfo', {})).deliveryKeys) await server.authorize(line)
  })
  afterAll(async () => {
    await product?.stop()
    await proxy?.stop()
    await server?.stop()
    await folder?.remove()
  })
  afterEach(async () => {
    for (const name of await readdir(server.folder)) await rm(join(server.folder, name), { recursive: true })
  })

  let count = 0
  const addDestination = async (given: Partial<ParamsInput<'CreateDestination'>> = {}) =>
    call(product, 'CreateDestination', {
      name: `Vault ${++count}`,
      protocol: 'sftp',
      host: server.host,
      port: server.port,
      username: server.userName,
      path: server.folder,
      fileName: '{organization}/{userName} {snapshotId}.zip',
      hostKeyFingerprints: [(await server.fingerprints('sha256'))[0]!],
      ...given,
    })
  const create = async (given: Readonly<Record<string, string>>): Promise<string> => {
    const { snapshotId } = await product.invoke<{ snapshotId: string }>('CreateSnapshot', {
      ...{ userName: 'anna@sample.example', type: 'contacts,calendar', action: 'sftp' },
      ...given,
    })
    return snapshotId
  }
  const until = (snapshotId: string, states: readonly string[], timeoutMs = 60_000) =>
    product.until<SnapshotInfo>(snapshotId, states, timeoutMs)
  const arrived = (...path: string[]) => readFile(join(server.folder, ...path))
  const downloaded = async (snapshotId: string) =>
    Buffer.from(await (await product.fetch(`/download/${snapshotId}`)).arrayBuffer())
  const texts = ({ messages }: SnapshotInfo) => messages.map(({ text }) => text)
  /** An upload that has begun and goes nowhere: the line fell silent. */
  const stalled = async () => {
    const { destinationId } = await addDestination({ port: proxy.port })
    proxy.stallNextAfter(inTheMiddle)
    const snapshotId = await create({ destinationId, type: 'mailbox', start: '1990-01-01', end: '2035-01-01' })
    await until(snapshotId, ['uploading'])
    await expect
      .poll(async () => (await readdir(join(server.folder, 'sample')).catch(() => [])).join())
      .toMatch(/\.part$/)
    return snapshotId
  }

  test.each(['sftp', 'scp'] as const)('lies there by %s as it lies here', async (protocol) => {
    const { destinationId, name } = await addDestination({ protocol })
    const snapshotId = await create({ action: protocol, destinationId })
    const snapshot = await until(snapshotId, ['available', 'failed'])
    const fileName = `anna@sample.example ${snapshotId}.zip`
    const bytes = await arrived('sample', fileName)
    expect(snapshot).toMatchObject({
      state: 'available',
      isStored: true,
      delivery: {
        protocol,
        destinationName: name,
        bytesDone: bytes.length,
        bytesExpected: bytes.length,
        deliveredPath: join(server.folder, 'sample', fileName),
        sha256: sha256(bytes),
      },
    })
    expect(snapshot.expiresAt === null).toBe(protocol === 'scp')
    expect(await readdir(join(server.folder, 'sample'))).toEqual([fileName])
    expect(bytes.equals(await downloaded(snapshotId))).toBe(true)
  })

  test('goes by the snapshot API to a target of its own, with the key that it tells of', async () => {
    const key = JSON.parse(await (await product.fetch('/intercept/publickey')).text())
    const { deliveryKeys } = await call(product, 'GetServerInfo', {})
    expect(deliveryKeys.find(({ algorithm }) => algorithm === 'ssh-rsa')?.line).toContain(` ${key['ssh-rsa']} `)
    const [, fingerprint] = await server.fingerprints('md5')
    const { host, port, userName: username, folder: path } = server
    const answer = await product.fetch('/intercept/snapshots', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        username: 'anna@sample.example',
        type: 'CONTACTS',
        action: 'SCP',
        ssh: { host, port, username, path, fingerprint: fingerprint!.replace(/^MD5:/, '') },
      }),
    })
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"status":"pending"')])
    const location = answer.headers.get('location')!
    const snapshotId = location.split('/').at(-1)!
    await until(snapshotId, ['available', 'failed'])
    expect(await (await product.fetch(location)).json()).toMatchObject({ status: 'available', action: 'SCP' })
    const [name] = await readdir(server.folder)
    expect(name).toBe(`anna@sample.example ${new Date().toISOString().slice(0, 10)} contacts ${snapshotId}.zip`)
    expect((await arrived(name!)).equals(await downloaded(snapshotId))).toBe(true)
  })

  test('goes nowhere near this machine unless the configuration allows it', async () => {
    const [fingerprint] = await server.fingerprints('sha256')
    const ssh = {
      host: '::1',
      port: server.port,
      username: server.userName,
      path: server.folder,
      fingerprint: fingerprint!,
    }
    const params = { userName: 'anna@sample.example', type: ['contacts' as const], action: 'sftp' as const, ssh }
    await expect(call(product, 'CreateSnapshot', params)).rejects.toThrow('allowedAddresses')
    const { snapshotId } = (await call(product, 'CreateSnapshot', {
      ...params,
      ssh: { ...ssh, host: 'localhost' },
    })) as unknown as { snapshotId: string }
    // Whether the name leads to ::1 first is the machine's choice; 127.0.0.1 is allowed.
    expect((await until(snapshotId, ['available', 'failed'])).state).toMatch(/available|failed/)
  })

  test('is deleted here when its destination says so, and told to be elsewhere', async () => {
    const { destinationId } = await addDestination({ deletesLocal: true, fileName: '{snapshotId}' })
    const snapshotId = await create({ destinationId })
    const snapshot = await until(snapshotId, ['available', 'failed'])
    expect(snapshot).toMatchObject({ state: 'available', isStored: false, expiresAt: null })
    expect(sha256(await arrived(snapshotId))).toBe(snapshot.delivery?.sha256)
    await expect.poll(() => readdir(join(folder.path, 'archives'))).not.toContain(`${snapshotId}.zip`)
    const refused = await product.fetch(`/download/${snapshotId}`)
    expect([refused.status, await refused.text()]).toEqual([410, expect.stringContaining('does not lie here any more')])
  })

  test('fails with both fingerprints when the host key is another; corrected, it only uploads', async () => {
    const [before] = await server.fingerprints('sha256')
    const { destinationId } = await addDestination()
    await server.swapHostKeys()
    const [after] = await server.fingerprints('sha256')
    const snapshotId = await create({ destinationId })
    const failed = await until(snapshotId, ['available', 'failed'])
    expect(failed).toMatchObject({ state: 'failed', isStored: true, error: { code: 'destination_host_key_changed' } })
    expect(failed.error?.message).toContain(before)
    expect(failed.error?.message).toContain(after)
    expect(await readdir(server.folder)).toEqual([])

    await call(product, 'EditDestination', { destinationId, hostKeyFingerprints: [after!] })
    await product.invoke('RetrySnapshot', { snapshotId })
    const delivered = await until(snapshotId, ['available', 'failed'])
    expect(delivered).toMatchObject({ state: 'available', dumpedAt: failed.dumpedAt, rootHash: failed.rootHash })
    expect(texts(delivered).filter((text) => text.startsWith('The archive is complete'))).toHaveLength(1)
    const [name] = await readdir(join(server.folder, 'sample'))
    expect(sha256(await arrived('sample', name!))).toBe(delivered.delivery?.sha256)
  })

  test('stops at once when it is cancelled, and goes on there when it is retried', async () => {
    const snapshotId = await stalled()
    const pid = workProcesses(product, 'deliver').at(-1)!
    const cancelledAtMs = Date.now()
    expect(await product.invoke('CancelSnapshot', { snapshotId })).toMatchObject({ state: 'failed', isStored: true })
    await gone([pid], 4_000)
    // Of itself: it would be killed after three.
    expect(Date.now() - cancelledAtMs).toBeLessThan(3_000)
    const here = await downloaded(snapshotId)
    const partial = (await readdir(join(server.folder, 'sample')))[0]!
    expect(partial).toMatch(/\.zip\.part$/)

    await product.invoke('RetrySnapshot', { snapshotId })
    expect(await until(snapshotId, ['available', 'failed'])).toMatchObject({ state: 'available' })
    expect(await readdir(join(server.folder, 'sample'))).toEqual([partial.replace('.part', '')])
    expect(here.equals(await arrived('sample', partial.replace('.part', '')))).toBe(true)
  })

  test('goes on after the service was killed with -9 in the middle; what expired meanwhile goes', async () => {
    const short = await create({ action: 'download' })
    await until(short, ['available'])
    const snapshotId = await stalled()
    const expiresAt = new Date(Date.now() + 500).toISOString()
    expect(await call(product, 'SetSnapshotExpiry', { snapshotId: short, expiresAt })).toMatchObject({ expiresAt })
    const workers = workProcesses(product)
    await product.kill()
    await gone(workers)
    product = await startFaultProduct({ config, dataFolder: folder.path })
    const snapshot = await until(snapshotId, ['available', 'failed'])
    expect(snapshot).toMatchObject({ state: 'available', attempt: 2 })
    expect(texts(snapshot)).toContain('The process that uploaded has ended. It goes on.')
    const [name] = await readdir(join(server.folder, 'sample'))
    expect((await arrived('sample', name!)).equals(await downloaded(snapshotId))).toBe(true)

    expect(texts(await until(short, ['deleted'])).at(-1)).toMatch(/^Expired: /)
    await expect.poll(() => readdir(join(folder.path, 'archives'))).not.toContain(`${short}.zip`)
  })
})

const giant = 1_000_000_000
const block = randomBytes(1 << 20)

/** A file of any length that costs nothing to make: the same block again and again, but with its number in it. */
const generated: DeliveryFile = {
  sizeBytes: giant,
  read: async (offset, lengthBytes) => {
    const bytes = Buffer.allocUnsafe(Math.min(lengthBytes, giant - offset))
    for (let done = 0; done < bytes.length; ) {
      const at = (offset + done) % block.length
      const part = Math.min(block.length - at, bytes.length - done)
      block.copy(bytes, done, at, at + part)
      const number = Math.floor((offset + done) / block.length)
      // The first four bytes of each block; a read may begin within them.
      for (let place = at; place < 4 && place < at + part; place++)
        bytes[done + place - at] = (number >>> (8 * place)) & 0xff
      done += part
    }
    return bytes
  },
}

describe.skipIf(!needs('sshd'))('an archive of 1 GB whose upload is cut three times', () => {
  let expected: string
  let server: Openssh
  beforeAll(async () => {
    const hash = createHash('sha256')
    for (let at = 0; at < giant; at += block.length) hash.update(await generated.read(at, block.length))
    expected = hash.digest('hex')
  })
  beforeEach(async (context) => {
    server = await startOpenssh({ sftp: context.task.name.includes('sftp') })
  })
  afterEach(() => server.stop())

  test.each(['sftp', 'scp'] as const)('arrives identical by %s', async (protocol) => {
    const proxy = await startCuttingProxy(server.port)
    const { ed25519 } = await makeServiceKeys()
    await server.authorize(ed25519.publicKey)
    const delivery = openSshDelivery({
      protocol,
      host: server.host,
      port: proxy.port,
      username: server.userName,
      path: server.folder,
      hostKeyFingerprints: await server.fingerprints('sha256'),
      auth: { method: 'service-key', privateKeyPems: [ed25519.privateKey] },
      allowedAddresses: ['127.0.0.1'],
      timeoutMs: 30_000,
    })
    let bytesDone = 0
    const deliver = () =>
      delivery.deliver({
        file: generated,
        folders: ['in'],
        name: 'archive.zip',
        replace: false,
        onProgress: (bytes) => {
          bytesDone = bytes
        },
        signal: new AbortController().signal,
      })
    try {
      const resumedAt: number[] = []
      for (let cuts = 0; cuts < 3; cuts++) {
        proxy.cutNextAfter(giant / 8)
        await expect(deliver()).rejects.toSatisfy((error) => isAppError(error, 'destination_unreachable'))
        resumedAt.push(bytesDone)
        expect(await readdir(join(server.folder, 'in'))).toEqual(['archive.zip.part'])
      }
      expect(resumedAt).toEqual([...resumedAt].sort((a, b) => a - b))
      expect(resumedAt[2]).toBeGreaterThan(giant / 4)
      expect(await deliver()).toMatchObject({ path: join(server.folder, 'in/archive.zip'), sha256: expected })
      expect(proxy.bytesUp).toBeLessThan(giant * 1.1)
      const { stdout } = await run('sha256sum', [join(server.folder, 'in/archive.zip')])
      expect(stdout.slice(0, 64)).toBe(expected)
    } finally {
      await proxy.stop()
    }
  })
})
