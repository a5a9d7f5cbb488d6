import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recordingSink, sourceContract } from '../../ports/source.contract.ts'
import type { Source, SourceFolder } from '../../ports/source.ts'
import { openDirectorySource } from './directory-source.ts'

const never = () => new AbortController().signal
const bytes = (text: string) => Buffer.from(text, 'utf8')
const ownFolder = () => mkdtempSync(join(tmpdir(), 'stillbox-directory-'))

const makeFolder = (root: string, name: string) => {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(root, name, part), { recursive: true })
}
const message = (n: number) => bytes(`Subject: ${n}\r\n\r\n${'x'.repeat(n * 7)}\r\n`)

sourceContract('Maildir', async () => {
  const root = ownFolder()
  const fill = (name: string, count: number) => {
    makeFolder(root, name)
    return Array.from({ length: count }, (_, n) => {
      writeFileSync(join(root, name, n % 4 ? 'cur' : 'new', `17${n}.M1P1.host${n % 4 ? ':2,S' : ''}`), message(n))
      return message(n)
    })
  }
  return {
    holds: [
      { path: ['INBOX'], items: fill('', 40) },
      { path: ['Büro', 'Älteres'], items: fill('.B&APw-ro.&AMQ-lteres', 25) },
      { path: ['Empty'], items: fill('.Empty', 0) },
    ],
    absentRef: 0xffff_ffff,
    open: (signal) => openDirectorySource({ technology: 'directory', kind: 'mail', path: root }, signal),
    stop: async () => rmSync(root, { recursive: true }),
  }
})

for (const [kind, extension] of [
  ['calendar', 'ics'],
  ['contact', 'vcf'],
] as const)
  sourceContract(`A folder of ${kind} objects`, async () => {
    const root = ownFolder()
    const fill = (name: string, count: number) => {
      mkdirSync(join(root, name))
      return Array.from({ length: count }, (_, n) => {
        writeFileSync(join(root, name, `ü ${n}.${extension}`), message(n))
        return message(n)
      })
    }
    return {
      holds: [
        { path: ['Arbeit & Büro'], items: fill('Arbeit & Büro', 30) },
        { path: ['empty'], items: fill('empty', 0) },
      ],
      absentRef: 'zz/zz.ics',
      open: (signal) => openDirectorySource({ technology: 'directory', kind, path: root }, signal),
      stop: async () => rmSync(root, { recursive: true }),
    }
  })

describe('a Maildir', () => {
  let root: string
  let source: Source
  const inbox = async (): Promise<SourceFolder> =>
    (await source.folders(never())).find((folder) => folder.serverName === 'INBOX')!
  const open = async () => {
    source = await openDirectorySource({ technology: 'directory', kind: 'mail', path: root }, never())
  }
  const put = (name: string, content = 'Subject: one\n\nbody\n') => writeFileSync(join(root, name), content)
  const readAll = async () => {
    const folder = await inbox()
    const { items, issues } = await source.list(folder, never())
    const record = recordingSink()
    await source.read(
      folder,
      items.map((item) => item.ref),
      record.sink,
      never(),
    )
    return { folder, items, issues, ...record }
  }
  beforeEach(async () => {
    root = ownFolder()
    makeFolder(root, '')
    await open()
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('takes UIDs, UIDVALIDITY and keywords from what Dovecot keeps beside it', async () => {
    put('dovecot-uidlist', '3 V1700000001 N44 G8d1c\n7 :11.a\n42 W31 :12.b\n')
    put('dovecot-keywords', '0 $Forwarded\n2 Größe\n')
    put('cur/11.a:2,FSac')
    put('cur/12.b:2,DRTz')
    put('new/13.c')
    const { folder, items, taken } = await readAll()
    expect(folder.generation).toBe('1700000001')
    expect(folder.properties).toEqual({ delimiter: '.', uidNext: '44' })
    expect(items.map((item) => item.ref).slice(0, 2)).toEqual([7, 42])
    expect(items[2]!.ref).toBeGreaterThanOrEqual(0x8000_0000)
    expect(taken.get(7)!.facts.flags).toEqual(['$Forwarded', 'Größe', '\\Flagged', '\\Seen'])
    expect(taken.get(42)!.facts.flags).toEqual(['\\Answered', '\\Deleted', '\\Draft'])
    expect(taken.get(items[2]!.ref)!.facts.flags).toEqual([])
  })

  test('gives the time of the file as INTERNALDATE, in whole seconds', async () => {
    put('cur/11.a:2,')
    utimesSync(join(root, 'cur/11.a:2,'), new Date(), new Date('2024-02-29T23:05:09.750Z'))
    const { items, taken } = await readAll()
    expect(items[0]!.receivedAtMs).toBe(Date.parse('2024-02-29T23:05:09Z'))
    expect(taken.get(items[0]!.ref)!.facts).toMatchObject({
      receivedAtMs: Date.parse('2024-02-29T23:05:09Z'),
      internalDate: '29-Feb-2024 23:05:09 +0000',
    })
  })

  test('keeps the UID of every other message when one goes or comes, without Dovecot too', async () => {
    for (const name of ['a', 'b', 'c', 'd']) put(`cur/1.${name}:2,`, `Subject: ${name}\n\n`)
    const before = await readAll()
    const hashes = new Map([...before.taken].map(([ref, item]) => [ref, item.sha256]))
    unlinkSync(join(root, 'cur/1.a:2,'))
    put('new/0.first', 'Subject: first\n\n')
    await open()
    const after = await readAll()
    expect(after.folder.generation).toBe(before.folder.generation)
    const kept = [...after.taken].filter(([ref]) => hashes.has(ref))
    expect(kept).toHaveLength(3)
    for (const [ref, item] of kept) expect(item.sha256).toBe(hashes.get(ref))
  })

  test('finds a message whose flags changed, or that a server took in, after it was listed', async () => {
    put('new/1.a')
    put('cur/2.b:2,')
    const folder = await inbox()
    const { items } = await source.list(folder, never())
    renameSync(join(root, 'new/1.a'), join(root, 'cur/1.a:2,S'))
    renameSync(join(root, 'cur/2.b:2,'), join(root, 'cur/2.b:2,F'))
    const record = recordingSink()
    await source.read(
      folder,
      items.map((item) => item.ref),
      record.sink,
      never(),
    )
    expect(record.skipped).toEqual([])
    expect([...record.taken.values()].map((item) => item.facts.flags)).toEqual(
      expect.arrayContaining([['\\Seen'], ['\\Flagged']]),
    )
  })

  test('skips a message that is gone as vanished and reads the others', async () => {
    for (const name of ['a', 'b', 'c']) put(`cur/1.${name}:2,`)
    const folder = await inbox()
    const { items } = await source.list(folder, never())
    unlinkSync(join(root, 'cur/1.b:2,'))
    const record = recordingSink()
    await source.read(
      folder,
      items.map((item) => item.ref),
      record.sink,
      never(),
    )
    expect(record.taken.size).toBe(2)
    expect(record.skipped).toMatchObject([{ code: 'vanished', isLost: true }])
  })

  test('refuses refs of another generation, for a listing and for a reading', async () => {
    put('dovecot-uidlist', '3 V1 N2\n1 :11.a\n')
    put('cur/11.a:2,')
    const folder = await inbox()
    await source.list(folder, never())
    put('dovecot-uidlist', '3 V2 N200\n100 :11.a\n')
    await expect(source.read(folder, [1], recordingSink().sink, never())).rejects.toMatchObject({
      code: 'source_changed',
    })
    await open()
    await expect(source.list(folder, never())).rejects.toMatchObject({ code: 'source_changed' })
  })

  test('does not follow links that leave it, says so, and follows those that stay', async () => {
    const outside = ownFolder()
    writeFileSync(join(outside, 'secret'), 'not yours')
    makeFolder(outside, '.Stolen')
    put('cur/1.a:2,')
    symlinkSync(join(outside, 'secret'), join(root, 'cur/2.b:2,'))
    symlinkSync(join(root, 'cur/1.a:2,'), join(root, 'cur/3.c:2,'))
    symlinkSync(outside, join(root, '.Stolen'))
    mkdirSync(join(root, '.Half'))
    symlinkSync(outside, join(root, '.Half/cur'))
    execFileSync('mkfifo', [join(root, 'cur/4.d:2,')])
    const { folder, items, issues, taken } = await readAll()
    expect(folder.path).toEqual(['INBOX'])
    expect(items).toHaveLength(2)
    expect(taken.size).toBe(2)
    expect(issues.map((issue) => issue.code)).toEqual(['not_listed', 'not_listed'])
    const record = recordingSink()
    await source.read(
      folder,
      issues.map((issue) => issue.ref!),
      record.sink,
      never(),
    )
    expect(record.taken.size).toBe(0)
    expect(record.skipped).toHaveLength(2)
    for (const name of ['.Stolen', '.Half']) {
      const stolen = (await source.folders(never())).find((one) => one.serverName === name)!
      expect(await source.list(stolen, never())).toMatchObject({
        items: [],
        issues: [{ code: 'folder_unreadable', ref: null }],
      })
    }
    rmSync(outside, { recursive: true })
  })

  test('names parents that exist only in the names of their children as not selectable', async () => {
    makeFolder(root, '.A.B.C')
    makeFolder(root, '.&ZeVnLIqe-')
    mkdirSync(join(root, '.no-maildir'))
    const folders = await source.folders(never())
    expect(folders.map(({ path, isSelectable, serverName }) => [path.join('/'), isSelectable, serverName])).toEqual([
      ['A', false, '.A'],
      ['A/B', false, '.A.B'],
      ['A/B/C', true, '.A.B.C'],
      ['INBOX', true, 'INBOX'],
      ['日本語', true, '.&ZeVnLIqe-'],
    ])
  })

  test('leaves everything as it was', async () => {
    put('new/1.a')
    put('cur/2.b:2,S')
    const look = () =>
      (readdirSync(root, { recursive: true }) as string[]).sort().map((name) => {
        const { mtimeMs, size, ino } = statSync(join(root, name))
        return [name, mtimeMs, size, ino]
      })
    const before = look()
    await readAll()
    expect(look()).toEqual(before)
  })

  test('streams a large message in pieces of 1 MB at most', async () => {
    const large = Buffer.alloc(5_000_000, 'large ')
    writeFileSync(join(root, 'cur/1.a:2,'), large)
    const folder = await inbox()
    const { items } = await source.list(folder, never())
    const hash = createHash('sha256')
    let largest = 0
    await source.read(
      folder,
      items.map((item) => item.ref),
      {
        begin: () => {},
        write: (chunk) => {
          largest = Math.max(largest, chunk.length)
          hash.update(chunk)
        },
        end: () => {},
        skip: () => {},
      },
      never(),
    )
    expect(largest).toBeLessThanOrEqual(1 << 20)
    expect(hash.digest('hex')).toBe(createHash('sha256').update(large).digest('hex'))
  })

  test('a directory that is not there is gone', async () => {
    const spec = { technology: 'directory', kind: 'mail', path: join(root, 'nobody') } as const
    await expect(openDirectorySource(spec, never())).rejects.toMatchObject({ code: 'source_gone' })
  })

  test('a folder that is not there any more is gone', async () => {
    makeFolder(root, '.Short')
    const folder = (await source.folders(never())).find((one) => one.serverName === '.Short')!
    rmSync(join(root, '.Short'), { recursive: true })
    await expect(source.list(folder, never())).rejects.toMatchObject({ code: 'source_gone' })
  })
})

test('a collection has its properties, and ETags that change with the content', async () => {
  const root = ownFolder()
  mkdirSync(join(root, 'privat'))
  writeFileSync(join(root, 'privat/.properties.json'), '{"displayName":"Privat","color":"#ff0000","order":3}')
  writeFileSync(join(root, 'privat/a b.ics'), 'BEGIN:VCALENDAR')
  writeFileSync(join(root, 'privat/notes.txt'), 'not an object')
  const source = await openDirectorySource({ technology: 'directory', kind: 'calendar', path: root }, never())
  const [folder] = await source.folders(never())
  expect(folder).toMatchObject({
    path: ['privat'],
    generation: null,
    properties: { displayName: 'Privat', color: '#ff0000' },
  })
  const etag = async () => {
    const record = recordingSink()
    await source.read(folder!, ['privat/a%20b.ics'], record.sink, never())
    return record.taken.get('privat/a%20b.ics')!.facts.etag
  }
  expect((await source.list(folder!, never())).items.map((item) => item.ref)).toEqual(['privat/a%20b.ics'])
  const before = await etag()
  expect(await etag()).toBe(before)
  writeFileSync(join(root, 'privat/a b.ics'), 'BEGIN:VCALENDAR\r\n')
  expect(await etag()).not.toBe(before)
  rmSync(root, { recursive: true })
})

describe('names that are not UTF-8', () => {
  let root: string
  const raw = (...parts: readonly string[]) => Buffer.concat(parts.map((part) => Buffer.from(part, 'latin1')))
  beforeEach(() => {
    root = ownFolder()
  })
  afterEach(() => rmSync(root, { recursive: true }))
  const look = async (kind: 'mail' | 'calendar') => {
    const source = await openDirectorySource({ technology: 'directory', kind, path: root }, never())
    const folders = await source.folders(never())
    return Promise.all(folders.map(async (folder) => ({ folder, listing: await source.list(folder, never()) })))
  }

  test('are counted and said, of messages and of mail folders', async () => {
    makeFolder(root, '')
    writeFileSync(join(root, 'cur', '1.a.host:2,S'), message(1))
    writeFileSync(join(root, 'cur', '2.\ufffd.host:2,S'), message(2))
    writeFileSync(raw(join(root, 'cur/'), '3.\xff.host:2,S'), message(3))
    writeFileSync(raw(join(root, 'new/'), '4.\xfe.host'), message(4))
    mkdirSync(raw(join(root, '/'), '.Gr\xfc\xdfe/'))
    mkdirSync(raw(join(root, '/'), '.Gr\xfc\xdfe/cur'))
    const found = await look('mail')
    expect(found).toHaveLength(2)
    const inbox = found.find(({ folder }) => folder.serverName === 'INBOX')
    const named = found.find(({ folder }) => folder.serverName !== 'INBOX')
    expect(inbox!.listing.expectedCount).toBe(4)
    expect(inbox!.listing.items).toHaveLength(2)
    expect(inbox!.listing.issues).toEqual(
      Array.from({ length: 2 }, () => ({ ref: null, code: 'not_listed', text: expect.any(String), isLost: true })),
    )
    expect(named!.listing).toMatchObject({
      expectedCount: 0,
      items: [],
      issues: [{ ref: null, code: 'folder_unreadable' }],
    })
  })

  test('are counted and said, of objects and of collections', async () => {
    mkdirSync(join(root, 'Termine'))
    writeFileSync(join(root, 'Termine', 'a.ics'), message(1))
    writeFileSync(raw(join(root, 'Termine/'), '\xe4.ics'), message(2))
    writeFileSync(raw(join(root, 'Termine/'), '\xe4.txt'), message(3))
    mkdirSync(raw(join(root, '/'), 'Gesch\xe4ft'))
    const found = await look('calendar')
    expect(found).toHaveLength(2)
    expect(found.find(({ folder }) => folder.serverName === 'Termine')!.listing).toMatchObject({
      expectedCount: 2,
      items: [{ ref: 'Termine/a.ics' }],
      issues: [{ code: 'not_listed', isLost: true }],
    })
    expect(found.find(({ folder }) => folder.serverName !== 'Termine')!.listing.issues).toMatchObject([
      { code: 'folder_unreadable', isLost: true },
    ])
  })
})
