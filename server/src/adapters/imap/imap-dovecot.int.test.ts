import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startScriptedImap } from '../../../testkit/hostile/imap-server.ts'
import { type Dovecot, startDovecot } from '../../../testkit/servers/dovecot.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { recordingSink } from '../../ports/source.contract.ts'
import type { ImapSourceSpec, ItemSink, Source } from '../../ports/source.ts'
import { openImapSource } from './imap-source.ts'

const run = promisify(execFile)
const never = () => new AbortController().signal
const code = (wanted: string) => expect.objectContaining({ code: wanted })
const specFor = (server: Pick<Dovecot, 'port'>, overrides: Partial<ImapSourceSpec> = {}): ImapSourceSpec => ({
  technology: 'imap',
  kind: 'mail',
  host: '127.0.0.1',
  port: server.port,
  tls: { mode: 'none' },
  auth: { method: 'password', userName: 'anna', password: 'secret' },
  compress: false,
  timeoutMs: 10_000,
  plainFetch: false,
  ...overrides,
})
const withSource = async <T>(spec: ImapSourceSpec, work: (source: Source) => Promise<T>): Promise<T> => {
  const source = await openImapSource(spec, never())
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
const captureAll = (spec: ImapSourceSpec) =>
  withSource(spec, async (source) => {
    const all = []
    for (const folder of await source.folders(never())) {
      if (!folder.isSelectable) continue
      const { items } = await source.list(folder, never())
      const record = recordingSink()
      const refs = items.map((item) => item.ref)
      await source.read(folder, refs, record.sink, never())
      expect(record.faults).toEqual([])
      expect(record.skipped).toEqual([])
      all.push({ folder, items: [...record.taken.values()] })
    }
    return all
  })

describe.skipIf(!needs('dovecot'))('a mailbox on Dovecot', () => {
  let server: Dovecot
  beforeAll(async () => {
    server = await startDovecot({
      users: { anna: 'secret', bruno: 'other' },
      masters: { master: 'key' },
      withPublic: true,
    })
    const messages = Array.from({ length: 30 }, (_, i) => ({
      bytes: Buffer.from(`Subject: ${i}\n\n${'line\n'.repeat(i * 10)}`),
      receivedAtMs: 1_500_000_000_000 + i * 1_000,
      letters: ['', 'S', 'FS', 'DR'][i % 4]!,
    }))
    await server.deliver('anna', ['INBOX'], messages)
    await server.deliver('anna', ['Eltern', 'Kind'], messages.slice(0, 2))
    await server.deliver('anna', ['Sent'], messages.slice(0, 3))
    await server.deliver('bruno', ['INBOX'], [{ bytes: Buffer.from('Subject: of bruno\r\n\r\n') }])
  })
  afterAll(() => server?.stop())

  test.each([false, true])(
    'a capture changes nothing: \\Seen, \\Recent, names of files (plain FETCH: %s)',
    async (plainFetch) => {
      const user = 'anna'
      await server.deliverNew(user, ['INBOX'], Buffer.from('Subject: fresh\n\nnobody has seen it\n'))
      const status = () => server.doveadm('mailbox', 'status', '-u', user, 'recent unseen', 'INBOX')
      const flags = () => server.doveadm('fetch', '-u', user, 'uid flags', 'mailbox', 'INBOX', 'all')
      // Looked at once before, because Dovecot itself moves files from new to cur when it first indexes them.
      const before = { status: await status(), flags: await flags(), names: await server.fileNames(user) }
      expect(before.status).toMatch(/recent=[1-9]/)
      await captureAll(specFor(server, { plainFetch }))
      expect({ status: await status(), flags: await flags(), names: await server.fileNames(user) }).toEqual(before)
    },
  )

  test('flags, INTERNALDATE, special use, parents and bytes are those of the server', async () => {
    const captured = await captureAll(specFor(server))
    const folders = await withSource(specFor(server), (source) => source.folders(never()))
    expect(folders.map(({ path, isSelectable }) => [path.join('/'), isSelectable])).toEqual([
      ['Eltern', false],
      ['Eltern/Kind', true],
      ['INBOX', true],
      ['Sent', true],
    ])
    expect(folders.find(({ path }) => path[0] === 'Sent')!.properties).toMatchObject({
      specialUse: '\\Sent',
      delimiter: '/',
      subscribed: 'false',
    })
    const inbox = captured.find(({ folder }) => folder.path[0] === 'INBOX')!
    const expected = (await server.readBack('anna', ['INBOX'])).map((bytes) =>
      createHash('sha256').update(bytes).digest('hex'),
    )
    expect(inbox.items.map((item) => item.sha256).sort()).toEqual(expected.sort())
    const third = inbox.items.find(({ facts }) => facts.receivedAtMs === 1_500_000_002_000)!
    expect(third.facts.flags).toEqual(['\\Flagged', '\\Seen'])
    expect(third.facts.internalDate).toMatch(/^14-Jul-2017 \d\d:\d\d:02 [+-]\d{4}$/)
    expect(third.facts.modSeq).toMatch(/^\d+$/)
  })

  test('a master user and an authorization identity read the mailbox of the other', async () => {
    const subjectsAs = async (auth: ImapSourceSpec['auth']) => (await captureAll(specFor(server, { auth }))).length
    expect(await subjectsAs({ method: 'password', userName: 'bruno*master', password: 'key' })).toBe(1)
    expect(
      await subjectsAs({ method: 'plain-authzid', userName: 'master', password: 'key', authorizationId: 'bruno' }),
    ).toBe(1)
  })

  test('a wrong password is source_sign_in_refused and names the user', async () => {
    const auth = { method: 'password', userName: 'anna', password: 'wrong' } as const
    await expect(openImapSource(specFor(server, { auth }), never())).rejects.toMatchObject({
      code: 'source_sign_in_refused',
      details: { userName: 'anna' },
    })
  })

  test.each(['implicit', 'starttls'] as const)('%s checks authority and name', async (mode) => {
    const port = mode === 'implicit' ? server.tlsPort : server.port
    const open = (tls: { ca?: string; serverName?: string }) =>
      withSource({ ...specFor(server), port, tls: { mode, ...tls } }, (source) => source.folders(never()))
    expect(await open({ ca: server.ca })).toHaveLength(4)
    await expect(open({})).rejects.toEqual(code('source_certificate'))
    await expect(open({ ca: server.ca, serverName: 'mail.example.org' })).rejects.toEqual(code('source_certificate'))
  })

  test('a message deleted between listing and reading has vanished', async () => {
    const names = await server.deliver(
      'bruno',
      ['Kurz'],
      Array.from({ length: 3 }, (_, i) => ({ bytes: Buffer.from(`Subject: ${i}\n\n`) })),
    )
    const auth = { method: 'password', userName: 'bruno', password: 'other' } as const
    await withSource(specFor(server, { auth }), async (source) => {
      const folder = (await source.folders(never())).find(({ path }) => path[0] === 'Kurz')!
      const { items } = await source.list(folder, never())
      await unlink(join(server.maildirOf('bruno', ['Kurz']), 'cur', names[1]!))
      const record = recordingSink()
      const refs = items.map((item) => item.ref)
      await source.read(folder, refs, record.sink, never())
      expect([...record.taken.keys()]).toEqual([refs[0], refs[2]])
      expect(record.skipped).toEqual([expect.objectContaining({ ref: refs[1], code: 'vanished', isLost: true })])
      expect((await source.list(folder, never())).items).toHaveLength(2)
    })
  })

  test('a server killed in mid-fetch is source_unreachable, and nothing half is handed out as whole', async () => {
    const own = await startDovecot({ users: { anna: 'secret' } })
    await own.deliver(
      'anna',
      ['INBOX'],
      Array.from({ length: 40 }, () => ({ bytes: Buffer.alloc(500_000, 'half a megabyte of text that repeats\n') })),
    )
    const source = await openImapSource(specFor(own), never())
    const [folder] = await source.folders(never())
    const { items } = await source.list(folder!, never())
    let killed: Promise<void> | null = null
    const record = recordingSink()
    const sink: ItemSink = {
      ...record.sink,
      end: async () => {
        await record.sink.end()
        if (record.taken.size === 3) killed = own.kill()
        await killed
      },
    }
    const refs = items.map((item) => item.ref)
    await expect(source.read(folder!, refs, sink, never())).rejects.toEqual(code('source_unreachable'))
    for (const item of record.taken.values()) expect(item.sizeBytes).toBe(items[0]!.sizeBytes)
    expect(record.taken.size).toBeLessThan(40)
    await source.close()
    await own.stop()
  })

  test('too many connections are source_busy', async () => {
    const own = await startDovecot({ users: { anna: 'secret' }, maxConnections: 1 })
    await withSource(specFor(own), async () => {
      await expect(openImapSource(specFor(own), never())).rejects.toEqual(code('source_busy'))
    })
    await own.stop()
  })
})

describe('memory and patience', () => {
  const script = (bytes: number) => ({
    folders: [{ name: 'INBOX', uidValidity: 1, messages: [{ uid: 1, body: { sizeBytes: bytes } }] }],
  })

  test.each([
    [false, 150],
    [true, 150],
  ])('a message of 200 MB passes through (plain FETCH: %s) within %i MB', async (plainFetch, limitMb) => {
    const server = await startScriptedImap(script(200 * 1024 * 1024))
    // In a process of its own, so that its memory is its own.
    const program = `
      import { openImapSource } from ${JSON.stringify(new URL('./imap-source.ts', import.meta.url).href)}
      const signal = new AbortController().signal
      const source = await openImapSource(${JSON.stringify(specFor(server, { plainFetch }))}, signal)
      const [folder] = await source.folders(signal)
      const before = process.memoryUsage.rss()
      let bytes = 0, peak = 0
      const look = () => { peak = Math.max(peak, process.memoryUsage.rss()) }
      await source.read(folder, [1], {
        begin() {}, end() {}, skip(issue) { throw new Error(issue.code) },
        write(chunk) { bytes += chunk.length; if (bytes % 64 === 0) look() },
      }, signal)
      look()
      await source.close()
      console.log(JSON.stringify({ bytes, grownMb: Math.round((peak - before) / 1e6) }))`
    const flags = ['--max-semi-space-size=1', '--disable-warning=ExperimentalWarning', '--input-type=module']
    const { stdout } = await run(process.execPath, [...flags, '-e', program])
    await server.stop()
    const { bytes, grownMb } = JSON.parse(stdout)
    expect(bytes).toBe(200 * 1024 * 1024)
    expect(grownMb).toBeLessThan(limitMb)
  })

  test('a sink slower than the time-out is not the server’s silence, and holds the server back', async () => {
    const server = await startScriptedImap(script(64 * 1024 * 1024))
    await withSource(specFor(server, { timeoutMs: 200 }), async (source) => {
      const [folder] = await source.folders(never())
      let writes = 0
      const record = recordingSink()
      const sink: ItemSink = {
        ...record.sink,
        write: async (chunk) => {
          if (++writes === 3) await new Promise((resolve) => setTimeout(resolve, 600))
          await record.sink.write(chunk)
        },
      }
      await source.read(folder!, [1], sink, never())
      expect(record.taken.get(1)!.sizeBytes).toBe(64 * 1024 * 1024)
    })
    await server.stop()
  })

  test('an abort in the middle of a large message takes effect at once', async () => {
    const server = await startScriptedImap(script(2_000_000_000))
    const source = await openImapSource(specFor(server), never())
    const [folder] = await source.folders(never())
    const controller = new AbortController()
    const reason = new Error('enough')
    const record = recordingSink({ onCall: () => setImmediate(() => controller.abort(reason)) })
    const startedAt = Date.now()
    await expect(source.read(folder!, [1], record.sink, controller.signal)).rejects.toBe(reason)
    expect(Date.now() - startedAt).toBeLessThan(5_000)
    expect(record.taken.size).toBe(0)
    await expect.poll(() => server.openConnections()).toBe(0)
    await server.stop()
  })
})
