import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordingSink, sourceContract } from '../../../ports/source.contract.ts'
import type { MboxSourceSpec, Source } from '../../../ports/source.ts'
import { openMboxSource } from './mbox-source.ts'

const never = () => new AbortController().signal
const ownFolder = () => mkdtempSync(join(tmpdir(), 'stillbox-mbox-'))
const separator = 'From a@b.example Tue Feb  3 03:05:06 2026\n'
const message = (n: number) => `Subject: ${n}\n\n${'x'.repeat(n * 7)}\nFrom line ${n}\n`
const quoted = (text: string) => text.replace(/^(>*From )/gm, '>$1')
const mboxOf = (messages: readonly string[]) => messages.map((text) => `${separator}${quoted(text)}\n`).join('')

const specIn = (folder: string, path: string, more: Partial<MboxSourceSpec> = {}): MboxSourceSpec => ({
  technology: 'mbox',
  kind: 'mail',
  path: join(folder, path),
  quoting: 'mboxrd',
  scratchFolder: join(folder, 'scratch'),
  ...more,
})

sourceContract('A folder of mbox files', async () => {
  const root = ownFolder()
  mkdirSync(join(root, 'scratch'))
  const fill = (name: string, count: number) => {
    const path = join(root, 'mail', name)
    mkdirSync(dirname(path), { recursive: true })
    const texts = Array.from({ length: count }, (_, n) => message(n))
    writeFileSync(path, mboxOf(texts))
    return texts.map((text) => Buffer.from(text))
  }
  return {
    holds: [
      { path: ['Inbox'], items: fill('Inbox', 40) },
      { path: ['Inbox', 'Älteres'], items: fill('Inbox.sbd/Älteres', 25) },
      { path: ['Empty'], items: fill('Empty', 0) },
      { path: ['Archive', '2025'], items: fill('Archive/2025.mbox', 3) },
    ],
    absentRef: 41,
    open: (signal) => openMboxSource(specIn(root, 'mail'), signal),
    stop: async () => rmSync(root, { recursive: true }),
  }
})

describe('an mbox on disk', () => {
  let root: string
  let sources: Source[]
  const write = (name: string, content: string | Uint8Array) => {
    const path = join(root, 'mail', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  }
  const open = async (path = 'mail', more: Partial<MboxSourceSpec> = {}) => {
    const source = await openMboxSource(specIn(root, path, more), never())
    sources.push(source)
    return source
  }
  const labels = async (source: Source) => (await source.folders(never())).map(({ path }) => path.join('/'))
  const readAll = async (source: Source, at = 0) => {
    const folder = (await source.folders(never()))[at]!
    const { items } = await source.list(folder, never())
    const record = recordingSink()
    await source.read(
      folder,
      items.map(({ ref }) => ref),
      record.sink,
      never(),
    )
    expect(record.faults).toEqual([])
    return [...record.taken.values()].map(({ facts }) => facts)
  }
  beforeEach(() => {
    root = ownFolder()
    mkdirSync(join(root, 'scratch'))
    mkdirSync(join(root, 'mail'))
    sources = []
  })
  afterEach(async () => {
    for (const source of sources) await source.close()
    rmSync(root, { recursive: true, force: true })
  })

  test('is a folder of its name, and files beside it are counted', async () => {
    for (const name of [
      'Inbox',
      'Sent.mbox',
      'Local.sbd/Sub.sbd/Deep',
      'Apple.mbox/mbox',
      'Pst/mbox',
      'B&APw-ro',
      '.hidden',
      '._Inbox',
    ])
      write(name, mboxOf([message(1)]))
    write('Inbox.msf', '// <!-- <mdb:mork:z v="1.4"/> -->')
    write('popstate.dat', '')
    write('Trash', '')
    write('New.Name', '')
    write('New.Name.msf', '')
    const source = await open()
    expect(await labels(source)).toEqual(
      [
        '.hidden',
        'Apple',
        'Büro',
        'Inbox',
        'Local',
        'Local/Sub',
        'Local/Sub/Deep',
        'New.Name',
        'Pst',
        'Sent',
        'Trash',
      ].sort(),
    )
    const [first] = await source.folders(never())
    expect(first!.properties).toEqual({ importedFrom: 'mbox', quoting: 'mboxrd', otherFilesInSource: '3' })
    write('single', mboxOf([message(1), message(2)]))
    const single = await open('mail/single')
    expect(await labels(single)).toEqual(['single'])
    expect(await readAll(single)).toHaveLength(2)
    expect(await labels(await open('mail/popstate.dat'))).toEqual(['popstate.dat'])
    expect(await labels(await open('mail/Inbox.msf'))).toEqual([])
  })

  test('tells when a message came, by the first of separator, Received, Date and file that knows', async () => {
    const path = write(
      'Inbox',
      [
        `From a@b Tue Feb  3 03:05:06 2026\nDate: Mon, 2 Feb 2026 01:00:00 +0000\n\n1\n\n`,
        `From - Tue Feb  3 03:05:06 2026\nReceived: from x; Sun, 1 Feb 2026 05:00:00 +0100\nReceived: from y; Sat, 31 Jan 2026 01:00:00 +0000\nDate: x\n\n2\n\n`,
        `From - Tue Feb  3 03:05:06 2026\nReceived: by z\nDate: Mon, 2 Feb 2026 01:00:00 +0000\n\n3\n\n`,
        `From - Tue Feb  3 03:05:06 2026\nSubject: nothing\n\n4\n\n`,
        `From -\nSubject: nothing\n\n5\n\n`,
        `From a@b Thu Jan  1 00:00:00 1970\nDate: Mon, 2 Feb 2026 01:00:00 +0000\n\n6\n\n`,
      ].join(''),
    )
    utimesSync(path, 1_700_000_000, 1_700_000_000)
    const facts = await readAll(await open())
    expect(facts.map(({ receivedAtMs }) => new Date(receivedAtMs!).toISOString().slice(0, 19))).toEqual([
      '2026-02-03T03:05:06',
      '2026-02-01T04:00:00',
      '2026-02-02T01:00:00',
      '2026-02-03T03:05:06',
      '2023-11-14T22:13:20',
      '2026-02-02T01:00:00',
    ])
    expect(facts[1]!.internalDate).toBe('01-Feb-2026 04:00:00 +0000')
  })

  test('tells flags and keywords as mail programs write them', async () => {
    const headers = [
      'Status: RO\nX-Status: AF\nX-Keywords: $Label1 work                   \n',
      'Status: O\nX-Status: TD\n',
      'X-Mozilla-Status: 1007\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: $label2 later     \n',
      'X-Mozilla-Status: 0008\n',
      'X-Gmail-Labels: Inbox,Important,Starred,"To do, soon",Category Updates\n',
      'X-Gmail-Labels: =?UTF-8?Q?Entw=C3=BCrfe,Unread?=\n',
      'X-Gmail-Labels: Unread,Drafts\n',
      'Subject: none\n',
      'Status: what is this\nX-Mozilla-Status: zz\n',
    ]
    write('Inbox', headers.map((header) => `${separator}A: 1\n${header}\nx\n\n`).join(''))
    expect((await readAll(await open())).map(({ flags }) => flags)).toEqual([
      ['$Label1', '\\Answered', '\\Flagged', '\\Seen', 'work'],
      ['\\Deleted', '\\Draft'],
      ['$Forwarded', '$label2', '\\Answered', '\\Flagged', '\\Seen', 'later'],
      ['\\Deleted'],
      ['Category Updates', 'Important', 'Inbox', 'To do, soon', '\\Flagged', '\\Seen'].sort(),
      ['Entwürfe'],
      ['\\Draft'],
      undefined,
      undefined,
    ])
  })

  test('that may not be read, leads out, or has no name in UTF-8 is named with its reason', async () => {
    write('Inbox', mboxOf([message(1)]))
    const secret = write('Secret', mboxOf([message(1)]))
    chmodSync(secret, 0)
    writeFileSync(join(root, 'outside'), mboxOf([message(1)]))
    symlinkSync(join(root, 'outside'), join(root, 'mail', 'Link'))
    symlinkSync(join(root, 'mail', 'Inbox'), join(root, 'mail', 'Twin'))
    symlinkSync(root, join(root, 'mail', 'Up'))
    symlinkSync('nowhere', join(root, 'mail', 'Broken'))
    writeFileSync(Buffer.concat([Buffer.from(`${root}/mail/`), Buffer.from([0x42, 0xfc])]), mboxOf([message(1)]))
    const source = await open()
    const found = new Map<string, string>()
    for (const folder of await source.folders(never())) {
      const { issues, items, expectedCount } = await source.list(folder, never())
      expect(expectedCount).toBe(items.length)
      found.set(folder.path.join('/'), issues.map(({ code, text }) => `${code}: ${text}`).join() || `${items.length}`)
    }
    const isRoot = process.getuid?.() === 0
    expect(Object.fromEntries(found)).toEqual({
      'B\ufffd': 'folder_unreadable: Its name is not UTF-8; it was not read.',
      Inbox: '1',
      Link: 'folder_unreadable: It is a link that leads out of the folder; it was not followed.',
      Secret: isRoot ? '1' : 'folder_unreadable: The file may not be read.',
      Twin: '1',
      Up: 'folder_unreadable: It is a link that leads out of the folder; it was not followed.',
    })
  })

  test('that is written to meanwhile is another', async () => {
    const path = write('Inbox', mboxOf([message(1), message(2)]))
    const source = await open()
    const [folder] = await source.folders(never())
    await source.list(folder!, never())
    appendFileSync(path, mboxOf([message(3)]))
    await expect(source.list(folder!, never())).rejects.toMatchObject({ code: 'source_changed' })
    const other = await open()
    await expect(other.read(folder!, [1], recordingSink().sink, never())).rejects.toMatchObject({
      code: 'source_changed',
    })
    rmSync(path)
    await expect(other.read(folder!, [1], recordingSink().sink, never())).rejects.toMatchObject({ code: 'source_gone' })
  })

  test('is gone through once: another source finds what the first has written down', async () => {
    write('Inbox', mboxOf([message(1), message(2)]))
    const first = await open()
    const [folder] = await first.folders(never())
    await first.list(folder!, never())
    expect(readdirSync(join(root, 'scratch'))).toHaveLength(1)
    const facts = await readAll(await open())
    expect(facts.map(({ ref }) => ref)).toEqual([1, 2])
    expect(readdirSync(join(root, 'scratch'))).toHaveLength(1)
  })

  test('of Dovecot is known by its lengths and numbers, and has no quoting to take back', async () => {
    const body = '>From x\n'
    const header = (more: string) => `${separator}A: 1\n${more}Content-Length: ${body.length}\n\n${body}\n`
    write('dovecot', header('X-UID: 1\n').repeat(2))
    write('mutt', header('Lines: 1\n').repeat(2))
    write('uw', `${separator}X-UID: 1\n\n${body}\n`)
    const source = await open('mail', { quoting: 'auto' })
    const quotings = (await source.folders(never())).map(({ path, properties }) => [path[0], properties.quoting])
    expect(quotings).toEqual([
      ['dovecot', 'none'],
      ['mutt', 'mboxrd'],
      ['uw', 'mboxrd'],
    ])
    const sizes = async (at: number) => {
      const folder = (await source.folders(never()))[at]!
      const record = recordingSink()
      await source.read(folder, [1], record.sink, never())
      return record.taken.get(1)!.sizeBytes
    }
    expect(await sizes(0)).toBe(header('X-UID: 1\n').length - separator.length - 1)
    expect(await sizes(1)).toBe(header('Lines: 1\n').length - separator.length - 1 - 1)
  })

  test('is refused where it is missing', async () => {
    await expect(openMboxSource(specIn(root, 'nowhere'), never())).rejects.toMatchObject({ code: 'source_gone' })
  })

  test('gives large messages in pieces, and what is asked for alone', async () => {
    const large = `Subject: large\n\n${`${'>'.repeat(3)}From ${'y'.repeat(70)}\n`.repeat(20_000)}`
    write('Inbox', mboxOf([message(1), large, message(2)]))
    const source = await open()
    const [folder] = await source.folders(never())
    const pieces: number[] = []
    const record = recordingSink()
    await source.read(
      folder!,
      [2],
      {
        ...record.sink,
        write: (chunk) => {
          pieces.push(chunk.length)
          return record.sink.write(chunk)
        },
      },
      never(),
    )
    expect(record.taken.get(2)).toMatchObject({ sizeBytes: large.length, announced: large.length })
    expect(Math.max(...pieces)).toBeLessThanOrEqual(256 * 1024 + 8)
  })
})
