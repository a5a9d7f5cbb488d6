import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCalendarObjects } from '../../testkit/builders/calendar-builder.ts'
import { buildContacts } from '../../testkit/builders/contact-builder.ts'
import { buildMessages } from '../../testkit/builders/message-builder.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Cyrus, startCyrus } from '../../testkit/servers/cyrus.ts'
import type { DavClient } from '../../testkit/servers/dav-client.ts'
import { type Dovecot, startDovecot } from '../../testkit/servers/dovecot.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import { type Product, startProduct } from '../../testkit/servers/product.ts'
import { type Radicale, startRadicale } from '../../testkit/servers/radicale.ts'
import { type Unpacked, unpack } from '../../testkit/unpack.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')
const password = 'not-a-secret'
const users = { anna: password }

/** What was put into a server: content by its hash, and how it must come back. */
type PutItem = {
  readonly folder: string
  readonly bytes: Buffer
  readonly flags?: readonly string[]
  readonly receivedAt?: string
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const imapDate = (at: Date): string =>
  `${String(at.getUTCDate()).padStart(2, '0')}-${monthNames[at.getUTCMonth()]}-${at.getUTCFullYear()} ${at.toISOString().slice(11, 19)} +0000`

const mailIn = (folders: readonly string[], seed: number) =>
  folders.flatMap((folder, folderNo) =>
    [...buildMessages(seed + folderNo, 40)]
      .filter(({ bytes, hasCrlfOnly }) => hasCrlfOnly && bytes.length > 0)
      .map(({ bytes }, no) => ({
        folder,
        bytes,
        flags: [['\\Seen'], ['\\Flagged', '\\Seen'], [], ['\\Answered']][no % 4]!,
        receivedAt: new Date(Date.UTC(2026, no % 10, 1 + (no % 27), 8, 30, no)).toISOString(),
      })),
  )

const fillDav = async (client: DavClient, calendar: string, addressBook: string): Promise<PutItem[]> => {
  const put: PutItem[] = []
  await client.makeCalendar(calendar, { displayName: 'Termine & Pläne' })
  await client.makeAddressBook(addressBook, { displayName: 'Freunde' })
  for (const { fileName, bytes } of buildCalendarObjects(5, 25)) {
    await client.put(`${calendar}${fileName}`, bytes, 'text/calendar; charset=utf-8')
    // Servers may rewrite what they are given; what they answer to GET is what a snapshot must hold.
    put.push({ folder: 'calendar', bytes: await client.get(`${calendar}${fileName}`) })
  }
  for (const { fileName, bytes, version } of buildContacts(6, 25)) {
    await client.put(`${addressBook}${fileName}`, bytes, 'text/vcard; charset=utf-8')
    // Cyrus converts a card for a client that does not ask for the version it has.
    const { body } = await client.raw('GET', `${addressBook}${fileName}`, {
      headers: { accept: `text/vcard; version=${version}` },
    })
    put.push({ folder: 'contact', bytes: body })
  }
  return put
}

const organization = (id: string, mailPort: number, davUrl: string) => ({
  organization: id,
  name: `Organization ${id}`,
  directory: { type: 'pattern', login: '{userName}' },
  mail: { technology: 'imap', host: '127.0.0.1', port: mailPort, tls: 'none', signIn: { method: 'password-of-user' } },
  calendar: { technology: 'dav', url: davUrl, signIn: { method: 'password-of-user' } },
  contacts: { technology: 'dav', url: davUrl, signIn: { method: 'password-of-user' } },
})

const areInstalled = ['dovecot', 'radicale', 'cyrus', 'postgres'].every((name) =>
  needs(name as Parameters<typeof needs>[0]),
)

describe.skipIf(!areInstalled)('the main job, end to end', () => {
  let dovecot: Dovecot
  let radicale: Radicale
  let cyrus: Cyrus
  let postgres: PostgresServer
  const put: Record<string, PutItem[]> = {}
  let config: string

  beforeAll(async () => {
    ;[dovecot, radicale, cyrus, postgres] = await Promise.all([
      startDovecot({ users }),
      startRadicale({ users }),
      startCyrus({ users }),
      startPostgres(),
    ])

    const dovecotMail = mailIn(['INBOX', 'Archiv/2025', 'Größe & Maße'], 100)
    for (const folder of new Set(dovecotMail.map((item) => item.folder)))
      await dovecot.deliver(
        'anna',
        folder === 'INBOX' ? [] : folder.split('/'),
        dovecotMail
          .filter((item) => item.folder === folder)
          .map(({ bytes, flags, receivedAt }) => ({
            bytes,
            receivedAtMs: Date.parse(receivedAt),
            letters: flags.map((flag) => ({ '\\Seen': 'S', '\\Flagged': 'F', '\\Answered': 'R' })[flag]).join(''),
          })),
      )
    put.dovecot = [...dovecotMail, ...(await fillDav(radicale.as('anna'), '/anna/termine/', '/anna/freunde/'))]

    const cyrusMail: PutItem[] = []
    const imap = await cyrus.imap('anna')
    await imap.run('CREATE "INBOX/Projekte"')
    for (const item of mailIn(['INBOX', 'INBOX/Projekte'], 200))
      try {
        await imap.append(
          item.folder,
          item.bytes,
          `(${item.flags.join(' ')}) "${imapDate(new Date(item.receivedAt))}" `,
        )
        cyrusMail.push(item)
      } catch (error) {
        // Cyrus takes no message with a broken header, so it never holds one.
        if (!/invalid header|NUL/.test(String(error))) throw error
      }
    expect(cyrusMail.length).toBeGreaterThan(50)
    await imap.close()
    put.cyrus = [
      ...cyrusMail,
      ...(await fillDav(cyrus.as('anna'), '/dav/calendars/user/anna/termine/', '/dav/addressbooks/user/anna/freunde/')),
    ]

    config = JSON.stringify({
      organizations: [
        organization('dovecot', dovecot.port, `${radicale.url}`),
        organization('cyrus', cyrus.imapPort, cyrus.davUrl),
      ],
    })
  })

  afterAll(async () => {
    await Promise.all([dovecot?.stop(), radicale?.stop(), cyrus?.stop(), postgres?.stop()])
  })

  const checkArchive = ({ items, issues, manifest }: Unpacked, expected: readonly PutItem[]) => {
    expect(issues).toEqual([])
    const rows = (
      list: readonly {
        kind: string
        folder: string
        sha256: string
        flags?: readonly string[]
        internalDate?: string
      }[],
    ) =>
      list
        .map(
          ({ kind, folder, sha256: hash, flags, internalDate }) =>
            `${kind} ${kind === 'mail' ? folder : ''} ${hash} ${flags?.join(',') ?? ''} ${internalDate === undefined ? '' : new Date(internalDate).toISOString()}`,
        )
        .sort()
    const wanted = expected.map(({ folder, bytes, flags, receivedAt }) => ({
      kind: flags ? 'mail' : folder,
      folder,
      sha256: sha256(bytes),
      ...(flags ? { flags: [...flags].sort() } : {}),
      ...(receivedAt ? { internalDate: receivedAt } : {}),
    }))
    expect(rows(items)).toEqual(rows(wanted))
    expect(manifest.items.count).toBe(expected.length)
  }

  describe.each(['PGlite', 'PostgreSQL'] as const)('on %s', (database) => {
    let product: Product

    beforeAll(async () => {
      product = await startProduct({
        config,
        ...(database === 'PostgreSQL' ? { databaseUrl: await postgres.createDatabase('flow') } : {}),
      })
    })
    afterAll(() => product?.stop())

    test.each(['dovecot', 'cyrus'] as const)(
      'a snapshot from %s is complete, byte for byte, with flags and dates',
      async (source) => {
        const { snapshotId, statusUrl } = await product.invoke<{ snapshotId: string; statusUrl: string }>(
          'CreateSnapshot',
          {
            organization: source,
            userName: 'anna',
            type: 'mailbox,calendar,contacts',
            start: '2000-01-01',
            end: '2030-01-01',
            password,
          },
        )
        const snapshot = await product.until<{ state: string; itemCount: number; issueCount: number; error: unknown }>(
          snapshotId,
          ['available', 'failed'],
        )
        expect(snapshot).toMatchObject({
          state: 'available',
          error: null,
          itemCount: put[source]!.length,
          issueCount: 0,
        })

        // The job ends a moment after its snapshot is available, and tells its end once.
        let status: { readonly status?: string } = {}
        await expect
          .poll(async () => {
            status = (await (await product.fetch(statusUrl)).json()) as typeof status
            return status.status
          })
          .not.toBe('running')
        expect(status).toMatchObject({
          status: 'succeeded',
          progressPercentage: 100,
          result: { snapshotId, state: 'available' },
        })
        expect((await product.fetch(statusUrl)).status).toBe(500)

        const folder = await ownFolder('flow')
        try {
          const archive = join(folder.path, 'archive.zip')
          await product.download(snapshotId, archive)
          checkArchive(await unpack(archive, join(folder.path, 'unpacked')), put[source]!)
          // Offline, by the command a stranger would use.
          const { stdout } = await run(
            join(repository, 'node_modules/.bin/node'),
            ['--disable-warning=ExperimentalWarning', 'server/src/cli.ts', 'verify', archive],
            { cwd: repository },
          )
          expect(stdout).toMatch(/^whole: /)
        } finally {
          await folder.remove()
        }
      },
    )

    test('the same content gives the same lines and the same root again', async () => {
      const roots: string[] = []
      for (let round = 0; round < 2; round++) {
        const { snapshotId } = await product.invoke<{ snapshotId: string }>('CreateSnapshot', {
          organization: 'dovecot',
          userName: 'anna',
          type: 'mailbox',
          start: '2026-03-01',
          end: '2026-07-01',
          password,
        })
        const { rootHash, folders } = await product.until<{
          state: string
          rootHash: string
          folders: { excludedByRequest: number; taken: number; onServer: number }[]
        }>(snapshotId, ['available'])
        roots.push(rootHash)
        const sum = (pick: (folder: { excludedByRequest: number; taken: number; onServer: number }) => number) =>
          folders.reduce((total, folder) => total + pick(folder), 0)
        expect(sum(({ taken }) => taken)).toBe(
          put.dovecot!.filter(({ receivedAt }) => receivedAt && receivedAt >= '2026-03-01' && receivedAt < '2026-07-01')
            .length,
        )
        expect(sum(({ excludedByRequest, taken }) => excludedByRequest + taken)).toBe(sum(({ onServer }) => onServer))
      }
      expect(roots[0]).toBe(roots[1])
    })

    test('a wrong password fails with a sentence, at once and without a retry', async () => {
      const { snapshotId } = await product.invoke<{ snapshotId: string }>('CreateSnapshot', {
        organization: 'dovecot',
        userName: 'anna',
        type: 'mailbox',
        start: '2026-01-01',
        end: '2027-01-01',
        password: 'wrong',
      })
      const snapshot = await product.until<{
        state: string
        attempt: number
        error: { code: string; message: string }
      }>(snapshotId, ['failed'])
      expect(snapshot).toMatchObject({ attempt: 1, error: { code: 'source_sign_in_refused' } })
      expect(snapshot.error.message).toMatch(/refused the sign-in for anna/)
    })

    test('nothing of users, passwords or messages is in the log', () => {
      expect(product.output()).toContain('attempt ended')
      for (const secret of [password, 'wrong', 'anna']) expect(product.output()).not.toContain(secret)
    })
  })
})
