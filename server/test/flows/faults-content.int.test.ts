import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startHostileDav } from '../../testkit/hostile/dav-server.ts'
import { type Gate, startGate } from '../../testkit/hostile/gate.ts'
import {
  bodySlice,
  type ScriptedFolder,
  type ScriptedMessage,
  sizeOf,
  startScriptedImap,
} from '../../testkit/hostile/imap-server.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import type { Product } from '../../testkit/servers/product.ts'
import {
  archiveOf,
  createSnapshot,
  ended,
  expectWhole,
  gone,
  imapOrganization,
  infoOf,
  nothingLeftBut,
  peakRssBytes,
  sha256,
  startFaultProduct,
  withUnpacked,
  workProcesses,
} from './fault-bench.ts'

const run = promisify(execFile)
const megabyte = 1024 * 1024
const mostRss = 300 * megabyte

const nastySubjects = [
  '../../../../etc/passwd',
  'C:\\Windows\\System32\\cmd.exe',
  '\\\\server\\share',
  'CON',
  'lpt1.txt',
  'ends with dots... ',
  'tab\tand\u0000nul',
  `harmless \u202egnp.exe`,
  '<>:"|?*',
  'x'.repeat(5_000),
  'é'.repeat(300),
  '',
]
const mailOf = (subjects: readonly string[]): ScriptedMessage[] =>
  subjects.map((subject, index) => ({
    uid: index + 1,
    body: Buffer.from(`Subject: ${subject}\r\n\r\nbody ${index}\r\n`),
  }))
const folderOf = (name: string, subjects: readonly string[] = ['one']): ScriptedFolder => ({
  name,
  uidValidity: 1,
  messages: mailOf(subjects),
})
const nastyFolders: readonly ScriptedFolder[] = [
  folderOf('INBOX', nastySubjects),
  ...[
    '../../etc',
    '/absolute/path',
    'CON',
    'con.txt/AUX',
    'control\u0001\u001b[2Jcharacters',
    'n'.repeat(200),
    'Work',
    'work',
    'WORK',
    'Work.eml',
    Array.from({ length: 60 }, (_, depth) => `level ${depth}`).join('/'),
    '',
    'a//b',
    'trailing dot.',
    'trailing space ',
    '&ZZZ',
    '&AGE-',
    // U+202E, a bidirectional override, in modified UTF-7.
    '&IC4-gnp.exe',
    'back\\slash',
    'col:on*?',
  ].map((name) => folderOf(name)),
]
const event = (uid: string): Buffer =>
  Buffer.from(
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:${uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nSUMMARY:${uid}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
  )
const nastyHrefs = [
  'a.ics',
  'A.ics',
  'CON.ics',
  '..%2f..%2fup.ics',
  '%2e%2e%5cup.ics',
  'b%00c.ics',
  `${'l'.repeat(220)}.ics`,
]

/** Written here by itself, from Microsoft's "Naming Files, Paths, and Namespaces", so that it does not agree with the product by construction. */
const whyNotOnWindows = (name: string): string | null => {
  if (name.length > 240) return 'too long a path'
  for (const segment of name.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return 'an empty or relative segment'
    if (Buffer.byteLength(segment) > 255) return 'too long a segment'
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\u0000-\u001f\u007f<>:"\\|?*]/.test(segment)) return 'a forbidden character'
    if (/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/.test(segment))
      return 'an invisible or direction-changing character'
    if (/[. ]$/.test(segment)) return 'a dot or space at the end'
    if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment)) return 'the name of a device'
  }
  return null
}

/** The largest resident memory of a process while `until` lasts. */
const peakWhile = async (pid: () => number | undefined, until: Promise<unknown>): Promise<number> => {
  let peak = 0
  let isOver = false
  const over = () => {
    isOver = true
  }
  until.then(over, over)
  while (!isOver) {
    const now = pid()
    if (now !== undefined) peak = Math.max(peak, await peakRssBytes(now))
    await sleep(50)
  }
  await until
  return peak
}

const areInstalled = (['postgres', 'unzip'] as const).every((name) => needs(name))

describe.skipIf(!areInstalled)('content that is out of the ordinary', () => {
  const stops: (() => Promise<unknown>)[] = []
  let postgres: PostgresServer
  let product: Product
  let gate: Gate
  const large: Record<'deflates' | 'stays', ScriptedMessage> = {
    deflates: { uid: 1, body: { sizeBytes: 200 * megabyte } },
    stays: { uid: 1, body: Buffer.from(randomBytes(150 * megabyte).toString('base64'), 'latin1') },
  }
  const small = Buffer.from(`Subject: one of many\r\nFrom: <a@example.org>\r\n\r\n${'text '.repeat(30)}\r\n`)

  beforeAll(async () => {
    const imap = async (folders: readonly ScriptedFolder[]) => {
      const server = await startScriptedImap({ folders: [...folders] })
      stops.push(server.stop)
      return server.port
    }
    const dav = await startHostileDav({
      kind: 'calendar',
      objects: new Map(nastyHrefs.map((name, no) => [`/home/one/${name}`, event(`event-${no}`)])),
    })
    stops.push(dav.stop)
    gate = await startGate(await imap([{ name: 'INBOX', uidValidity: 1, messages: [large.deflates] }]))
    stops.push(gate.stop)
    const many = Array.from({ length: 100_000 }, (_, index) => ({ uid: index + 1, body: small }))
    const organizations = [
      {
        ...imapOrganization('names', await imap(nastyFolders)),
        calendar: { technology: 'dav', url: dav.url, signIn: { method: 'password-of-user' } },
      },
      imapOrganization('deflates', gate.port),
      imapOrganization('stays', await imap([{ name: 'INBOX', uidValidity: 1, messages: [large.stays] }])),
      imapOrganization('many', await imap([{ name: 'INBOX', uidValidity: 1, messages: many }])),
    ]
    postgres = await startPostgres()
    stops.push(postgres.stop)
    product = await startFaultProduct({
      config: JSON.stringify({ organizations }),
      databaseUrl: await postgres.createDatabase('content'),
    })
    stops.push(product.stop)
  })
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })

  test('hostile names: the archive unpacks inside its folder, with names that Windows takes', async () => {
    const { snapshotId } = await createSnapshot(product, { organization: 'names', type: 'mailbox,calendar' })
    const info = await ended(product, snapshotId)
    expect(info).toMatchObject({ state: 'available', error: null })
    const messageCount = nastyFolders.reduce(
      // A name of nothing is no folder: servers answer it to tell their delimiter (RFC 3501 §6.3.8).
      (sum, { name, messages }) => sum + (name === '' ? 0 : messages.length),
      0,
    )
    expect(info.folders.filter(({ kind }) => kind === 'mail').reduce((sum, { taken }) => sum + taken, 0)).toBe(
      messageCount,
    )
    expect(info.folders.find(({ kind }) => kind === 'calendar')).toMatchObject({
      onServer: nastyHrefs.length,
      taken: nastyHrefs.length,
    })

    const archive = archiveOf(product, snapshotId)
    await expectWhole(archive)
    const { stdout } = await run('unzip', ['-Z1', archive], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    const names = stdout.split('\n').filter((name) => name !== '')
    expect(
      names.flatMap((name) => (whyNotOnWindows(name) === null ? [] : [`${whyNotOnWindows(name)}: ${name}`])),
    ).toEqual([])
    // Folders count as names too: a file must not have the name of a folder, in any case.
    const folders = new Set<string>()
    for (const name of names) for (let at = dirname(name); at !== '.'; at = dirname(at)) folders.add(at)
    const folded = [...names, ...folders].map((name) => name.normalize('NFC').toLowerCase())
    expect(new Set(folded).size).toBe(folded.length)

    await withUnpacked(archive, async ({ folder, items, bytesOf }) => {
      expect(await readdir(dirname(folder))).toEqual(['content'])
      expect(items).toHaveLength(messageCount + nastyHrefs.length)
      for (const { entry, sha256: hash } of items) expect(sha256(await bytesOf(entry))).toBe(hash)
      const unpacked = await readdir(folder, { recursive: true, withFileTypes: true })
      expect(unpacked.filter((found) => found.isFile())).toHaveLength(names.length)
    })
  })

  test.each(['deflates', 'stays'] as const)(
    'one message of 200 MB that %s: byte for byte, in less than 300 MB of memory',
    async (which) => {
      const { snapshotId } = await createSnapshot(product, { organization: which })
      const capturing = ended(product, snapshotId)
      const peak = await peakWhile(() => workProcesses(product, 'capture').at(-1), capturing)
      expect(await capturing).toMatchObject({ state: 'available', itemCount: 1, attempt: 1, error: null })
      expect(peak).toBeGreaterThan(40 * megabyte)
      expect(peak).toBeLessThan(mostRss)
      await withUnpacked(archiveOf(product, snapshotId), async ({ items: [item], bytesOf }) => {
        const message = large[which]
        const bytes = await bytesOf(item!.entry)
        expect(bytes.length).toBe(sizeOf(message))
        for (let at = 0; at < bytes.length; at += 65_536)
          if (!bytes.subarray(at, at + 65_536).equals(bodySlice(message, at, Math.min(at + 65_536, bytes.length))))
            throw new Error(`differs after byte ${at}`)
        expect(sha256(bytes)).toBe(item!.sha256)
      })
      await product.invoke('DeleteSnapshot', { snapshotId })
    },
  )

  test('is cancelled within seconds in the middle of a large message', async () => {
    const barred = gate.barAfter(60 * megabyte)
    const { snapshotId } = await createSnapshot(product, { organization: 'deflates' })
    await barred
    const [pid] = workProcesses(product, 'capture').slice(-1)
    const cancelledAtMs = Date.now()
    await product.invoke('CancelSnapshot', { snapshotId })
    await gone([pid!], 5_000)
    expect(Date.now() - cancelledAtMs).toBeLessThan(5_000)
    gate.open()
    expect(await infoOf(product, snapshotId)).toMatchObject({ state: 'failed', error: { code: 'cancelled' } })
    const { snapshots } = await product.invoke<{ snapshots: { snapshotId: string }[] }>('GetSnapshots', {
      state: 'available',
    })
    await nothingLeftBut(
      product,
      snapshots.map((one) => one.snapshotId),
    )
  })

  test('a folder of 100,000 messages, in less than 300 MB of memory', async () => {
    const { snapshotId } = await createSnapshot(product, { organization: 'many' })
    const capturing = ended(product, snapshotId, 90_000)
    const peak = await peakWhile(() => workProcesses(product, 'capture').at(-1), capturing)
    expect(await capturing).toMatchObject({ state: 'available', itemCount: 100_000, issueCount: 0, attempt: 1 })
    expect(peak).toBeLessThan(mostRss)
  })
})
