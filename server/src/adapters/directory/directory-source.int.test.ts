import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildMessages } from '../../../testkit/builders/message-builder.ts'
import { ownFolder } from '../../../testkit/servers/child.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { recordingSink } from '../../ports/source.contract.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { openDirectorySource } from './directory-source.ts'

const never = () => new AbortController().signal
const isRoot = process.getuid?.() === 0
const mailUser = 8

describe.skipIf(!needs('dovecot'))('a Maildir that Dovecot keeps', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let maildir: string
  /** Dovecot's own tool on its own storage: no server has to run for that. */
  const doveadm = (args: readonly string[], input?: Uint8Array): string =>
    execFileSync('doveadm', ['-c', join(folder.path, 'dovecot.conf'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC', USER: 'mail', HOME: join(folder.path, 'home') },
      ...(input ? { input } : {}),
    })
  const table = (args: readonly string[]): Record<string, string>[] => {
    const [header = '', ...rows] = doveadm(['-f', 'tab', ...args])
      .trimEnd()
      .split('\n')
    const names = header.split('\t')
    return rows.map((row) => Object.fromEntries(row.split('\t').map((value, index) => [names[index]!, value])))
  }
  const open = () => openDirectorySource({ technology: 'directory', kind: 'mail', path: maildir }, never())
  const readAll = async () => {
    const source = await open()
    const found = new Map<string, { folder: SourceFolder } & ReturnType<typeof recordingSink>>()
    for (const one of await source.folders(never())) {
      const { items, issues } = await source.list(one, never())
      expect(issues).toEqual([])
      const record = recordingSink()
      await source.read(
        one,
        items.map((item) => item.ref),
        record.sink,
        never(),
      )
      expect(record.skipped).toEqual([])
      found.set(one.path.join('/'), { folder: one, ...record })
    }
    return found
  }
  const folders = ['INBOX', 'Büro/Größe & Maß', '日本語/Été']
  const held = [...buildMessages(41, 24)]

  beforeAll(async () => {
    folder = await ownFolder('maildir')
    maildir = join(folder.path, 'maildir')
    chmodSync(folder.path, 0o755)
    for (const path of [maildir, join(folder.path, 'home')]) {
      mkdirSync(path)
      if (isRoot) chownSync(path, mailUser, mailUser)
    }
    const [uid, gid] = isRoot ? [mailUser, mailUser] : [process.getuid?.(), process.getgid?.()]
    writeFileSync(
      join(folder.path, 'dovecot.conf'),
      `base_dir = ${folder.path}/run
state_dir = ${folder.path}/state
log_path = /dev/stderr
ssl = no
mail_location = maildir:${maildir}
mail_save_crlf = yes
mail_uid = ${uid}
mail_gid = ${gid}
first_valid_uid = 1
namespace inbox {
  inbox = yes
  separator = /
}
`,
    )
    for (const name of folders.slice(1)) doveadm(['mailbox', 'create', name])
    for (const [index, { bytes }] of held.entries()) doveadm(['save', '-m', folders[index % 3]!], bytes)
    doveadm(['flags', 'add', '\\Seen \\Answered $Forwarded project-x', 'mailbox', 'INBOX', 'uid', '1:4'])
    doveadm(['flags', 'add', '\\Flagged \\Draft \\Deleted project-y', 'mailbox', folders[1]!, 'uid', '2'])
    doveadm(['expunge', 'mailbox', 'INBOX', 'uid', '3'])
  })
  afterAll(() => folder.remove())

  test('has the folders, UIDs, flags, dates and numbers that Dovecot tells', async () => {
    const read = await readAll()
    const status = table(['mailbox', 'status', 'uidvalidity uidnext messages', '*']).filter((row) =>
      folders.includes(row.mailbox!),
    )
    const told = table(['fetch', 'mailbox uid flags date.received', 'mailbox', '*'])
    expect([...read].filter(([, one]) => one.folder.isSelectable).map(([name]) => name)).toEqual([...folders].sort())
    for (const row of status) {
      const { folder, taken } = read.get(row.mailbox!)!
      expect(folder.generation).toBe(row.uidvalidity)
      expect(folder.properties.uidNext).toBe(row.uidnext)
      expect(taken.size).toBe(Number(row.messages))
      for (const message of told.filter((one) => one.mailbox === row.mailbox)) {
        const { facts } = taken.get(Number(message.uid))!
        const flags = message.flags!.split(' ').filter((flag) => flag !== '\\Recent' && flag !== '')
        expect(facts.flags).toEqual(flags.sort())
        expect(facts.receivedAtMs).toBe(Date.parse(`${message['date.received']!.replace(' ', 'T')}Z`))
      }
    }
    expect(told).toHaveLength(held.length - 1)
  })

  test('gives back the bytes that were put in', async () => {
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    const taken = [...(await readAll()).values()].flatMap((one) => [...one.taken.values()].map((item) => item.sha256))
    // Bare LF becomes CRLF when Dovecot takes a message in, and one message was expunged.
    const kept = held.filter((message, index) => message.hasCrlfOnly && index !== 6)
    for (const { bytes, kind } of kept) expect(taken, kind).toContain(sha256(bytes))
    expect(kept.length).toBeGreaterThan(20)
  })

  test('is read on when flags change and messages are expunged between listing and reading', async () => {
    const source = await open()
    const inbox = (await source.folders(never())).find((one) => one.path[0] === 'INBOX')!
    const refs = (await source.list(inbox, never())).items.map((item) => item.ref)
    doveadm(['flags', 'add', '\\Flagged', 'mailbox', 'INBOX', 'all'])
    doveadm(['expunge', 'mailbox', 'INBOX', 'uid', String(refs[1])])
    const record = recordingSink()
    await source.read(inbox, refs, record.sink, never())
    expect(record.skipped.map(({ ref, code }) => [ref, code])).toEqual([[refs[1], 'vanished']])
    expect([...record.taken.keys()]).toEqual(refs.filter((_, index) => index !== 1))
    for (const { facts } of record.taken.values()) expect(facts.flags).toContain('\\Flagged')
  })

  test('numbered anew is another generation', async () => {
    const source = await open()
    const inbox = (await source.folders(never())).find((one) => one.path[0] === 'INBOX')!
    doveadm(['mailbox', 'update', '--uid-validity', '4242', 'INBOX'])
    await expect(source.list(inbox, never())).rejects.toMatchObject({ code: 'source_changed' })
    expect((await readAll()).get('INBOX')!.folder.generation).toBe('4242')
  })
})
