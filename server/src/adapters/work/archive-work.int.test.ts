import { createHash, generateKeyPairSync } from 'node:crypto'
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ScriptedImapServer, startScriptedImap } from '../../../testkit/hostile/imap-server.ts'
import { ownFolder, startChild } from '../../../testkit/servers/child.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { startOpenssh } from '../../../testkit/servers/openssh.ts'
import type { CaptureRequest, DeliveryOrder } from '../../ports/capture.ts'
import type { DestinationSpec } from '../../ports/delivery.ts'
import type { SourceSpec } from '../../ports/source.ts'
import { type ArchiveWorkOptions, createArchiveWork } from './archive-work.ts'

const product = new URL('../../work-main.ts', import.meta.url)
const failing = new URL('../../../test/doubles/failing-work.ts', import.meta.url)
const parent = join(import.meta.dirname, '../../../test/doubles/work-parent.ts')
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const signingPublicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const password = 'hunter2-hunter2'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a work process', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let pids: number[]
  let crashes: { kind: string; reason: string; output: string }[]
  let server: ScriptedImapServer | null
  beforeEach(async () => {
    folder = await ownFolder('work')
    pids = []
    crashes = []
    server = null
    process.env.DATABASE_URL = 'postgres://stillbox:of-the-database@db/stillbox'
    process.env.STILLBOX_ADMIN_PASSWORD = 'of-the-administrator'
  })
  afterEach(async () => {
    delete process.env.DATABASE_URL
    delete process.env.STILLBOX_ADMIN_PASSWORD
    for (const pid of pids) expect(isAlive(pid)).toBe(false)
    await server?.stop()
    await folder.remove()
  })

  const open = (entry: URL, changes: Partial<ArchiveWorkOptions> = {}) =>
    createArchiveWork({
      entry,
      settings: { signingKeyPem, signingPublicKey, productVersion: 'test', readerCount: 1, memoryLimitMb: 512 },
      heapMb: 128,
      captureMaxHours: 1,
      onCrash: (crash) => crashes.push(crash),
      onStart: (_, pid) => pids.push(pid),
      ...changes,
    })
  const verify = (act: string, signal = new AbortController().signal, changes: Partial<ArchiveWorkOptions> = {}) =>
    open(failing, changes).verify(act, () => {}, signal)

  const requestFor = (sources: readonly SourceSpec[], userName = 'anna'): CaptureRequest => ({
    snapshotId: SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'),
    organization: OrganizationId.parse('example'),
    organizationName: 'Example',
    userName,
    types: ['mailbox'],
    start: null,
    end: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
    requestedBy: 'admin',
    sources,
    workFolder: join(folder.path, 'work'),
  })
  const imap = (port: number): SourceSpec => ({
    technology: 'imap',
    kind: 'mail',
    host: '127.0.0.1',
    port,
    tls: { mode: 'none' },
    auth: { method: 'password', userName: 'anna', password },
    compress: false,
    timeoutMs: 10_000,
    plainFetch: false,
  })

  it('captures, verifies and indexes, each in a process that ends', async () => {
    await mkdir(join(folder.path, 'work'))
    for (const name of ['cur', 'new', 'tmp']) await mkdir(join(folder.path, 'Maildir', name), { recursive: true })
    for (let at = 0; at < 20; at++)
      await writeFile(
        join(folder.path, 'Maildir/cur', `${1_700_000_000 + at}.M1.h:2,S`),
        `Subject: ${at}\r\n\r\nhello\r\n`,
      )
    const work = open(product)
    const progress: Progress[] = []
    const note = (each: Progress) => progress.push(each)
    const { signal } = new AbortController()
    const outcome = await work.capture(
      requestFor([{ technology: 'directory', kind: 'mail', path: join(folder.path, 'Maildir') }]),
      note,
      signal,
    )
    expect(outcome).toMatchObject({ itemCount: 20, issueCount: 0, remarks: [] })
    expect(outcome.peakRssBytes).toBeLessThan(300 << 20)
    expect(progress.at(-1)).toMatchObject({ itemsDone: 20, itemsExpected: 20 })
    expect(await work.verify(outcome.archivePath, note, signal)).toMatchObject({ ok: true, itemCount: 20, faults: [] })
    expect(await readdir(dirname(outcome.archivePath))).toEqual([basename(outcome.archivePath)])
    const indexPath = join(folder.path, 'words.sqlite')
    expect(await work.buildFullText(outcome.archivePath, indexPath, note, signal)).toEqual({ itemsIndexed: 20 })
    expect(progress.at(-1)).toMatchObject({ itemsExpected: 20 })
    await access(indexPath)
    expect(new Set(pids).size).toBe(3)
    expect(crashes).toEqual([])
  })

  const orderFor = (archivePath: string, given: Partial<DestinationSpec> = {}): DeliveryOrder => ({
    archivePath,
    folders: [],
    name: 'archive.zip',
    destination: {
      ...{ protocol: 'sftp', host: '127.0.0.1', port: 22, username: 'anna', path: '', hostKeyFingerprints: [] },
      auth: { method: 'service-key', privateKeyPems: [signingKeyPem] },
      ...{ allowedAddresses: ['127.0.0.1'], timeoutMs: 10_000 },
      ...given,
    },
  })

  it.skipIf(!needs('sshd'))('delivers an archive that is larger than its heap, with progress', async () => {
    const openssh = await startOpenssh()
    try {
      const archivePath = join(folder.path, 'archive.zip')
      const bytes = Buffer.alloc(160 << 20, 'an archive')
      await writeFile(archivePath, bytes)
      const progress: Progress[] = []
      const delivered = await open(product, { heapMb: 48 }).deliver(
        orderFor(archivePath, {
          port: openssh.port,
          username: openssh.userName,
          path: openssh.folder,
          hostKeyFingerprints: await openssh.fingerprints('sha256'),
          auth: { method: 'private-key', privateKeyPem: openssh.privateKey },
        }),
        (each) => progress.push(each),
        new AbortController().signal,
      )
      expect(delivered).toEqual({
        path: join(openssh.folder, 'archive.zip'),
        sha256: createHash('sha256').update(bytes).digest('hex'),
      })
      expect(progress.length).toBeGreaterThan(1)
      expect(progress.at(-1)).toMatchObject({ bytesDone: bytes.length, bytesExpected: bytes.length })
      expect(crashes).toEqual([])
    } finally {
      await openssh.stop()
    }
  })

  it.each([
    ['its own keys', { method: 'service-key', privateKeyPems: [signingKeyPem, `other ${signingKeyPem}`] }],
    ['a password', { method: 'password', password }],
    ['a key', { method: 'private-key', privateKeyPem: signingKeyPem, passphrase: 'of the private key' }],
  ] as const)('does not tell what it signs in with by %s when it dies', async (_, auth) => {
    const { signal } = new AbortController()
    const deliver = (act: string) => open(failing).deliver(orderFor(act, { auth }), () => {}, signal)
    await expect(deliver('dies and prints it')).rejects.toMatchObject({ code: 'worker_died' })
    const thrown = await deliver('quotes what it was given').catch((error: unknown) => String(error))
    const told = JSON.stringify(crashes) + thrown
    expect(told).toContain('[secret]')
    const [, keyLine] = signingKeyPem.split('\n')
    for (const secret of [password, 'of the private key', keyLine!]) expect(told).not.toContain(secret)
  })

  it('knows nothing of the service but its job', async () => {
    const aborter = new AbortController()
    server = await startScriptedImap({
      folders: [],
      users: { anna: password },
      intercept: async ({ name }) => name === 'LIST',
    })
    await mkdir(join(folder.path, 'work'))
    const running = open(product).capture(requestFor([imap(server.port)]), () => {}, aborter.signal)
    running.catch(() => {})
    await expect.poll(() => server!.commands).toContain('LIST')
    const [pid] = pids
    const seen = await Promise.all(['environ', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')))
    for (const secret of [
      'DATABASE_URL',
      'STILLBOX_ADMIN_PASSWORD',
      'of-the-database',
      'of-the-administrator',
      password,
      'PRIVATE KEY',
      'anna',
    ])
      expect(seen.join('\n')).not.toContain(secret)
    aborter.abort(new AppError('shutting_down'))
    await expect(running).rejects.toMatchObject({ code: 'shutting_down' })
  })

  it.each([
    ['shutting_down', new AppError('shutting_down')],
    ['cancelled', new AppError('cancelled', { details: { by: 'anna' } })],
  ] as const)('ends within seconds when the job is %s, in the middle of a huge message', async (_, reason) => {
    const aborter = new AbortController()
    let isReading = false
    server = await startScriptedImap({
      users: { anna: password },
      folders: [{ name: 'INBOX', uidValidity: 1, messages: [{ uid: 1, body: { sizeBytes: 2_000_000_000 } }] }],
      intercept: ({ name, rest }) => {
        isReading ||= name === 'UID FETCH' && rest.includes('BODY')
        return false
      },
    })
    await mkdir(join(folder.path, 'work'))
    const running = open(product).capture(requestFor([imap(server.port)]), () => {}, aborter.signal)
    running.catch(() => {})
    await expect.poll(() => isReading).toBe(true)
    await sleep(300)
    const abortedAt = performance.now()
    aborter.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(performance.now() - abortedAt).toBeLessThan(5_000)
    expect(isAlive(pids[0]!)).toBe(false)
    await expect.poll(() => server!.openConnections()).toBe(0)
  })

  it('is not even started for a job that was aborted before', async () => {
    const reason = new AppError('shutting_down')
    await expect(verify('answers', AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(pids).toEqual([])
  })

  it('is killed when it does not listen to the abort', async () => {
    const aborter = new AbortController()
    const running = verify('never ends', aborter.signal)
    running.catch(() => {})
    await sleep(400)
    const abortedAt = performance.now()
    aborter.abort(new AppError('shutting_down'))
    await expect(running).rejects.toMatchObject({ code: 'shutting_down' })
    expect(performance.now() - abortedAt).toBeLessThan(5_000)
  })

  it('that takes too long has timed out', async () => {
    const work = open(failing, { captureMaxHours: 0.0003 })
    await expect(
      work.capture(requestFor([], 'leaves off'), () => {}, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'timed_out' })
  })

  it('that is killed has died', async () => {
    const running = verify('never ends')
    running.catch(() => {})
    await sleep(400)
    process.kill(pids[0]!, 'SIGKILL')
    await expect(running).rejects.toMatchObject({ code: 'worker_died', details: { reason: 'SIGKILL' } })
    expect(crashes).toMatchObject([{ kind: 'verify', reason: 'SIGKILL' }])
  })

  it('does not die of the signals of a terminal', async () => {
    const aborter = new AbortController()
    let isReady = false
    const ready = () => {
      isReady = true
    }
    const running = open(failing).verify('leaves off', ready, aborter.signal)
    running.catch(() => {})
    await expect.poll(() => isReady).toBe(true)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pids[0]!, signal)
    await sleep(200)
    expect(isAlive(pids[0]!)).toBe(true)
    aborter.abort(new AppError('shutting_down'))
    await expect(running).rejects.toMatchObject({ code: 'shutting_down' })
  })

  it.each(['fills its heap', 'fills its memory'])('that %s is out of memory', async (act) => {
    const { settings } = {
      settings: { signingKeyPem, signingPublicKey, productVersion: 'test', readerCount: 1, memoryLimitMb: 300 },
    }
    await expect(verify(act, undefined, { settings, heapMb: 32 })).rejects.toMatchObject({ code: 'out_of_memory' })
  })

  it('that fails tells why: by its code, or as an error without secrets', async () => {
    await expect(verify('names its failure')).rejects.toMatchObject({ code: 'source_busy', details: { host: 'h' } })
    const quoting = open(failing).capture(
      requestFor([imap(1)], 'quotes what it was given'),
      () => {},
      new AbortController().signal,
    )
    const error = await quoting.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(AppError)
    expect(String(error)).toContain('TypeError: cannot read')
    expect(String(error)).not.toContain(password)
    expect(String(error)).not.toContain(signingKeyPem.split('\n')[1])
  })

  it('that dies leaves what it printed for the log, without secrets', async () => {
    const dying = open(failing).capture(
      requestFor([imap(1)], 'dies and prints it'),
      () => {},
      new AbortController().signal,
    )
    await expect(dying).rejects.toMatchObject({ code: 'worker_died', details: { reason: 'exit code 7' } })
    expect(crashes).toHaveLength(1)
    expect(crashes[0]!.output).toContain('[secret]')
    expect(crashes[0]!.output).not.toContain(password)
    await expect(verify('rejects unseen')).rejects.toMatchObject({ code: 'worker_died' })
    expect(crashes[1]!.output).toContain('nobody looks')
  })

  it('whose program is not there has died, and is reported once', async () => {
    const work = open(new URL('./no-such-work.ts', import.meta.url))
    await expect(work.verify('x', () => {}, new AbortController().signal)).rejects.toMatchObject({
      code: 'worker_died',
    })
    expect(crashes).toHaveLength(1)
  })

  it('ends when the service is gone', async () => {
    const service = startChild(process.execPath, ['--disable-warning=ExperimentalWarning', parent])
    await expect.poll(service.output).toMatch(/started \d+/)
    const pid = Number(/started (\d+)/.exec(service.output())![1])
    await sleep(500)
    expect(isAlive(pid)).toBe(true)
    service.kill('SIGKILL')
    await service.exited
    await expect.poll(() => isAlive(pid)).toBe(false)
  })
})
