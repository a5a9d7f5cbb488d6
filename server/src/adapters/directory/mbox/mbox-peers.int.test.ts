import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plainMail, sampleMailbox } from '../../../../test/pst/sample-mailbox.ts'
import { writeMailbox } from '../../../../test/pst/write-mailbox.ts'
import { buildMessages } from '../../../../testkit/builders/message-builder.ts'
import { readpst } from '../../../../testkit/readpst.ts'
import { ownFolder } from '../../../../testkit/servers/child.ts'
import { needs } from '../../../../testkit/servers/needs.ts'
import { readHeaderFields } from '../../../formats/eml/read-header-fields.ts'
import type { ItemFacts } from '../../../ports/source.ts'
import { openMboxSource } from './mbox-source.ts'

const never = () => new AbortController().signal
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const mailUser = 8
const isRoot = process.getuid?.() === 0

let folder: Awaited<ReturnType<typeof ownFolder>>
beforeAll(async () => {
  folder = await ownFolder('mbox-peers')
  chmodSync(folder.path, 0o755)
})
afterAll(() => folder.remove())

type Read = { readonly bytes: Buffer; readonly facts: ItemFacts }
/** Everything below a path, by folder. */
const readAll = async (path: string): Promise<ReadonlyMap<string, readonly Read[]>> => {
  const scratchFolder = join(folder.path, `scratch-${sha256(Buffer.from(path)).slice(0, 8)}`)
  mkdirSync(scratchFolder)
  const source = await openMboxSource(
    { technology: 'mbox', kind: 'mail', path, quoting: 'auto', scratchFolder },
    never(),
  )
  const found = new Map<string, Read[]>()
  for (const one of await source.folders(never())) {
    if (!one.isSelectable) continue
    const { items, issues } = await source.list(one, never())
    expect(issues).toEqual([])
    const read: Read[] = []
    let current: { facts: ItemFacts; parts: Buffer[] } | null = null
    await source.read(
      one,
      items.map(({ ref }) => ref),
      {
        begin: (facts) => {
          current = { facts, parts: [] }
        },
        write: (chunk) => void current!.parts.push(Buffer.from(chunk)),
        end: () => void read.push({ facts: current!.facts, bytes: Buffer.concat(current!.parts) }),
        skip: (issue) => expect(issue).toBeNull(),
      },
      never(),
    )
    found.set(one.path.join('/'), read)
  }
  await source.close()
  return found
}

describe.skipIf(!needs('dovecot'))('an mbox that Dovecot keeps', () => {
  const hostile = [
    'Subject: quoted\n\n>From there\n>>From where\n',
    'Subject: embedded\n\nSee:\n\nFrom a@b Tue Feb  3 03:05:06 2026\nSubject: within\n\nFrom here on\n',
    'Subject: no line end\n\nFrom the end',
    'Subject: empty\n\n',
    'Subject: last\n\n\n\n\n',
  ]
  const held = [...hostile.map((text) => Buffer.from(text)), ...[...buildMessages(43, 64)].map(({ bytes }) => bytes)]
  const doveadm = (args: readonly string[], input?: Uint8Array): string =>
    execFileSync('doveadm', ['-c', join(folder.path, 'dovecot.conf'), ...args], {
      encoding: 'latin1',
      maxBuffer: 1 << 26,
      env: { ...process.env, TZ: 'UTC', USER: 'mail', HOME: join(folder.path, 'home') },
      ...(input ? { input } : {}),
    })
  /** What Dovecot says that a message is, without what it writes about it. */
  const fetched = (mailbox: string): string[] =>
    doveadm(['fetch', 'text', 'mailbox', mailbox, 'all'])
      .split(/^text:\n/m)
      .slice(1)
      .map((text) => text.replace(/\n?\f?\n$/, ''))
  const own = /^(?:X-IMAPbase|X-IMAP|X-UID|Status|X-Status|X-Keywords|Content-Length):[^\n]*\n/gm
  const withoutOwn = (bytes: Buffer): string => {
    const text = bytes.toString('latin1')
    const end = text.indexOf('\n\n') + 1
    return text.slice(0, end).replace(own, '') + text.slice(end)
  }

  beforeAll(() => {
    for (const name of ['home', 'mail']) {
      mkdirSync(join(folder.path, name))
      if (isRoot) chownSync(join(folder.path, name), mailUser, mailUser)
    }
    const [uid, gid] = isRoot ? [mailUser, mailUser] : [process.getuid?.(), process.getgid?.()]
    writeFileSync(
      join(folder.path, 'dovecot.conf'),
      `base_dir = ${folder.path}/run
state_dir = ${folder.path}/state
log_path = /dev/stderr
ssl = no
mail_location = mbox:${folder.path}/mail:INBOX=${folder.path}/mail/inbox
mbox_write_locks = fcntl
mail_uid = ${uid}
mail_gid = ${gid}
first_valid_uid = 1
namespace inbox {
  inbox = yes
  separator = /
}
`,
    )
    doveadm(['mailbox', 'create', 'Büro'])
    for (const [index, bytes] of held.entries()) doveadm(['save', '-m', index % 2 === 0 ? 'INBOX' : 'Büro'], bytes)
    doveadm(['flags', 'add', '\\Seen \\Answered $Forwarded project-x', 'mailbox', 'INBOX', 'uid', '1:3'])
    doveadm(['flags', 'add', '\\Flagged \\Draft \\Deleted', 'mailbox', 'INBOX', 'uid', '2'])
    doveadm(['expunge', 'mailbox', 'INBOX', 'uid', '4'])
  })

  test('gives the messages, flags and dates that Dovecot tells', async () => {
    const read = await readAll(join(folder.path, 'mail'))
    expect([...read.keys()].sort()).toEqual(['Büro', 'inbox'])
    for (const [label, mailbox] of [
      ['inbox', 'INBOX'],
      ['Büro', 'Büro'],
    ] as const) {
      const [header = '', ...rows] = doveadm(['-f', 'tab', 'fetch', 'flags date.received', 'mailbox', mailbox, 'all'])
        .trimEnd()
        .split('\n')
      expect(header).toBe('flags\tdate.received')
      const told = rows.map((row) => row.split('\t'))
      const found = read.get(label)!
      expect(found.map(({ bytes }) => withoutOwn(bytes).trimEnd())).toEqual(
        fetched(mailbox).map((text) => text.trimEnd()),
      )
      expect(found.map(({ facts }) => facts.flags)).toEqual(
        told.map(([flags]) =>
          flags!
            .split(' ')
            .filter((flag) => flag !== '\\Recent' && flag !== '')
            .sort(),
        ),
      )
      expect(found.map(({ facts }) => facts.receivedAtMs)).toEqual(
        told.map(([, date]) => Date.parse(`${date!.replace(' ', 'T')}Z`)),
      )
    }
  })
})

describe.skipIf(!needs('python3'))('an mbox that Python writes', () => {
  test('gives the messages that were put in, but for what its quoting cannot tell', async () => {
    const texts = [
      'A: 1\n\nFrom here\nx\n',
      'A: 2\n\nno end',
      'A: 3\n\n\n\n',
      'A: 4\n\n From here\nFrom: x\n',
      'A: 5\n\n',
    ]
    const path = join(folder.path, 'python')
    const program = `import mailbox,sys,json
box=mailbox.mbox(sys.argv[1])
for text in json.loads(sys.argv[2]):
  message=mailbox.mboxMessage(text)
  message.set_from('a@b.example',(2026,2,3,4,5,6,1,34,0))
  message.set_flags('RF')
  box.add(message)
box.close()`
    execFileSync('/usr/bin/python3', ['-c', program, path, JSON.stringify(texts)])
    const read = (await readAll(path)).get('python')!
    const expected = texts.map((text) => text.replace('\n\n', '\nStatus: R\nX-Status: F\n\n'))
    // It ends a message with a line end, as the format needs it.
    expect(read.map(({ bytes }) => bytes.toString())).toEqual(
      expected.map((text) => (text.endsWith('\n') ? text : `${text}\n`)),
    )
    for (const { facts } of read) {
      expect(facts.flags).toEqual(['\\Flagged', '\\Seen'])
      expect(facts.receivedAtMs).toBe(Date.UTC(2026, 1, 3, 4, 5, 6))
    }
  })
})

describe.skipIf(!needs('readpst'))('mbox files that readpst makes of a PST', () => {
  test('give each message once, in its folder', async () => {
    const pst = join(folder.path, 'mailbox.pst')
    const mailbox = sampleMailbox().map((one) => ({ ...one, mails: one.mails.slice(0, 40) }))
    const quoted = plainMail('From the subject', {
      body: 'From here\r\n\r\nFrom a@b Tue Feb  3 03:05:06 2026\r\nx\r\n>From there\r\n',
    })
    await writeMailbox(pst, [...mailbox, { path: ['Quoted'], containerClass: 'IPF.Note', mails: [quoted, quoted] }])
    const out = join(folder.path, 'readpst')
    mkdirSync(out)
    await readpst(['-q', '-r', '-D', '-o', out, pst])
    const read = await readAll(out)
    const subjects = new Map(
      [...read].map(([label, messages]) => [
        label.split('/').slice(1).join('/'),
        messages.map(({ bytes }) => readHeaderFields(bytes).title),
      ]),
    )
    const expected = [...mailbox, { path: ['Quoted'], mails: [quoted, quoted] }]
    expect(Object.fromEntries(subjects)).toEqual(
      Object.fromEntries(
        expected
          .filter(({ mails }) => mails.length > 0)
          .map(({ path, mails }) => [path.join('/'), mails.map(({ subject }) => subject)]),
      ),
    )
    for (const { bytes } of read.get([...read.keys()].find((label) => label.endsWith('Quoted'))!)!)
      expect(bytes.toString().replaceAll('\r', '')).toContain(
        'From here\n\nFrom a@b Tue Feb  3 03:05:06 2026\nx\n>From there\n',
      )
  })
})
