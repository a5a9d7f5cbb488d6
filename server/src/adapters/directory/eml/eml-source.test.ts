import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ForeignZipFile, foreignZip } from '../../../../testkit/builders/foreign-zip.ts'
import { recordingSink, sourceContract } from '../../../ports/source.contract.ts'
import type { EmlSourceSpec, Source } from '../../../ports/source.ts'
import { openEmlSource } from './eml-source.ts'

const never = () => new AbortController().signal
const ownFolder = () => mkdtempSync(join(tmpdir(), 'stillbox-eml-'))
const message = (n: number) =>
  `Date: Mon, 2 Feb 2026 01:00:${String(n % 60).padStart(2, '0')} +0000\r\n\r\n${'x'.repeat(n * 7)}`
const objects = {
  mail: { ending: 'eml', text: message },
  calendar: { ending: 'ics', text: (n: number) => `BEGIN:VCALENDAR\r\nX-N:${n}\r\nEND:VCALENDAR\r\n` },
  contact: { ending: 'vcf', text: (n: number) => `BEGIN:VCARD\r\nX-N:${n}\r\nEND:VCARD\r\n` },
} as const

type Files = Record<string, string>
const writeFiles = (root: string, files: Files) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}
const zipOf = (files: Files, more: readonly ForeignZipFile[] = []): Buffer =>
  foreignZip([...Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text), flags: 8 })), ...more])

for (const kind of ['mail', 'calendar', 'contact'] as const)
  for (const form of ['folder', 'zip'] as const)
    sourceContract(`A ${form} of ${objects[kind].ending} files`, async () => {
      const root = ownFolder()
      const { ending, text } = objects[kind]
      const files: Files = { 'readme.txt': 'x', 'Inbox/other.doc': 'x' }
      const fill = (name: string, count: number) =>
        Array.from({ length: count }, (_, n) => {
          files[`${name}/item ${n}.${ending}`] = text(n)
          return Buffer.from(text(n))
        })
      const holds = [
        { path: ['Inbox'], items: fill('Inbox', 40) },
        { path: ['Inbox', 'Älteres'], items: fill('Inbox/Älteres', 25) },
        { path: ['Archive', '2025', 'a%b'], items: fill('Archive/2025/a%b', 3) },
      ]
      if (form === 'zip') writeFileSync(join(root, 'mail'), zipOf(files))
      else writeFiles(join(root, 'mail'), files)
      return {
        holds,
        absentRef: kind === 'mail' ? 41 : 'Inbox/zzz.ics',
        open: (signal) => openEmlSource({ technology: 'eml', kind, path: join(root, 'mail') }, signal),
        stop: async () => rmSync(root, { recursive: true }),
      }
    })

describe.each(['folder', 'zip'] as const)('a %s of mail files', (form) => {
  let root: string
  let sources: Source[]
  const make = (files: Files): string => {
    const path = join(root, 'Export 1.zip')
    rmSync(path, { recursive: true, force: true })
    if (form === 'zip') writeFileSync(path, zipOf(files))
    else writeFiles(path, files)
    return path
  }
  const open = async (path: string, kind: EmlSourceSpec['kind'] = 'mail') => {
    const source = await openEmlSource({ technology: 'eml', kind, path }, never())
    sources.push(source)
    return source
  }
  const look = async (source: Source) =>
    Promise.all(
      (await source.folders(never())).map(async (folder) => {
        const { items, issues } = await source.list(folder, never())
        return [folder.path.join('/'), items.map(({ ref }) => ref), issues.map(({ text }) => text)] as const
      }),
    )
  beforeEach(() => {
    root = ownFolder()
    sources = []
  })
  afterEach(async () => {
    for (const source of sources) await source.close()
    rmSync(root, { recursive: true, force: true })
  })

  test('as our own export makes it has the folders and numbers it had', async () => {
    const path = make({
      'mail/INBOX/000007 Hello.eml': message(1),
      'mail/INBOX/000123.eml': message(2),
      'mail/INBOX/4294967295 Last.eml': message(3),
      'mail/Archive/2025/000001 x.eml': message(4),
      'calendar/Work/a.ics': objects.calendar.text(1),
      'contacts/Friends/b.vcf': objects.contact.text(1),
    })
    expect(await look(await open(path))).toEqual([
      ['Archive', [], []],
      ['Archive/2025', [1], []],
      ['INBOX', [7, 123, 4294967295], []],
    ])
    expect(await look(await open(path, 'calendar'))).toEqual([['Work', ['calendar/Work/a.ics'], []]])
    expect(await look(await open(path, 'contact'))).toEqual([['Friends', ['contacts/Friends/b.vcf'], []]])
  })

  test('of any other makes keeps its folders, counts by name, and passes over what systems leave', async () => {
    const path = make({
      'b.eml': message(1),
      'a.EML': message(2),
      'mail/000001 x.eml': message(3),
      'mail/x 000001.eml': message(4),
      '__MACOSX/._b.eml': 'x',
      '.Trash/c.eml': message(5),
      'other.txt': 'x',
      'mail/other.doc': 'x',
    })
    const source = await open(path)
    expect(await look(source)).toEqual([
      ['.Trash', [1], []],
      ['Export 1', [1, 2], []],
      ['mail', [1, 2], []],
    ])
    const counts = (await source.folders(never())).map(({ properties }) => properties.otherFilesInSource)
    expect(counts.filter((count) => count !== undefined)).toEqual(['2'])
  })

  test('tells when a message came by its Received or Date, else by the time of the file', async () => {
    const path = make({
      'a/1.eml': 'Received: by x; Sun, 1 Feb 2026 05:00:00 +0100\r\nDate: Mon, 2 Feb 2026 01:00:00 +0000\r\n\r\n',
      'a/2.eml': 'Date: Mon, 2 Feb 2026 01:00:00 +0000\r\nX-Mozilla-Status: 0001\r\n\r\n',
      'a/3.eml': 'Subject: none\r\n\r\n',
      'a/4.eml': '',
    })
    if (form === 'folder')
      for (const name of ['a/3.eml', 'a/4.eml']) utimesSync(join(path, name), 1_700_000_000, 1_700_000_000)
    const source = await open(path)
    const [folder] = await source.folders(never())
    const record = recordingSink()
    await source.read(folder!, [1, 2, 3, 4], record.sink, never())
    const facts = [...record.taken.values()].map((one) => one.facts)
    const fileTime = form === 'zip' ? '2026-03-21T10:20:00.000Z' : '2023-11-14T22:13:20.000Z'
    expect(facts.map(({ receivedAtMs }) => new Date(receivedAtMs!).toISOString())).toEqual([
      '2026-02-01T04:00:00.000Z',
      '2026-02-02T01:00:00.000Z',
      fileTime,
      fileTime,
    ])
    expect(facts.map(({ flags }) => flags)).toEqual([undefined, ['\\Seen'], undefined, undefined])
  })

  test('holds each event and card of a file that has several, as one item', async () => {
    const event = (uid: string) => `BEGIN:VEVENT\r\nUID:${uid}\r\nEND:VEVENT\r\n`
    const cards = Array.from({ length: 12 }, (_, n) => `BEGIN:VCARD\r\nFN:${n}\r\nEND:VCARD\r\n`)
    const path = make({
      'Work/all#1.ics': `BEGIN:VCALENDAR\r\n${event('a')}${event('b')}${event('a')}END:VCALENDAR\r\n`,
      'Work/one.ics': `BEGIN:VCALENDAR\r\n${event('c')}END:VCALENDAR\r\n`,
      'Work/broken.ics': `BEGIN:VCALENDAR\r\n${event('d')}${event('e')}`,
      'cards.vcf': cards.join(''),
    })
    const taken = async (kind: 'calendar' | 'contact') => {
      const source = await open(path, kind)
      const [folder] = await source.folders(never())
      const { items, expectedCount } = await source.list(folder!, never())
      const record = recordingSink()
      const refs = items.map(({ ref }) => ref)
      await source.read(folder!, refs, record.sink, never())
      expect(expectedCount).toBe(refs.length)
      expect([...record.taken].map(([ref, { sizeBytes }]) => [ref, sizeBytes])).toEqual(
        items.map(({ ref, sizeBytes }) => [ref, sizeBytes]),
      )
      return refs
    }
    expect(await taken('calendar')).toEqual([
      'Work/all%231.ics#000001',
      'Work/all%231.ics#000002',
      'Work/broken.ics',
      'Work/one.ics',
    ])
    expect(await taken('contact')).toEqual(cards.map((_, n) => `/cards.vcf#${String(n + 1).padStart(6, '0')}`))
  })

  test('with one file more is another, as its numbers are', async () => {
    const path = make({ 'a/1.eml': message(1), 'a/3.eml': message(3) })
    const source = await open(path)
    const [folder] = await source.folders(never())
    make({ 'a/1.eml': message(1), 'a/2.eml': message(2), 'a/3.eml': message(3) })
    const other = await open(path)
    await expect(other.list(folder!, never())).rejects.toMatchObject({ code: 'source_changed' })
    await expect(other.read(folder!, [1], recordingSink().sink, never())).rejects.toMatchObject({
      code: 'source_changed',
    })
  })
})

describe('a folder of mail files', () => {
  test('may be one file, and no other beside it', async () => {
    const root = ownFolder()
    const cards = [objects.contact.text(1), objects.contact.text(2)]
    writeFiles(root, { 'My cards.VCF': cards.join(''), 'other.vcf': cards[0]!, 'sub/c.vcf': cards[0]! })
    const path = join(root, 'My cards.VCF')
    for (const [kind, count] of [
      ['contact', 2],
      ['mail', 0],
    ] as const) {
      const source = await openEmlSource({ technology: 'eml', kind, path }, never())
      const folders = await source.folders(never())
      expect(folders.map((folder) => folder.path)).toEqual(count > 0 ? [['My cards']] : [])
      for (const folder of folders) {
        const { items } = await source.list(folder, never())
        const record = recordingSink()
        await source.read(
          folder,
          items.map(({ ref }) => ref),
          record.sink,
          never(),
        )
        expect([...record.taken.values()].map(({ sizeBytes }) => sizeBytes)).toEqual(cards.map(({ length }) => length))
      }
      await source.close()
    }
    rmSync(root, { recursive: true })
  })

  test('does not follow what leads out of it', async () => {
    const root = ownFolder()
    writeFiles(root, { 'in/a/1.eml': message(1), 'out/2.eml': message(2), 'in/a/._1.eml': 'x' })
    symlinkSync(join(root, 'out', '2.eml'), join(root, 'in', 'a', '2.eml'))
    symlinkSync(join(root, 'in', 'a', '1.eml'), join(root, 'in', 'a', '3.eml'))
    symlinkSync(join(root, 'out'), join(root, 'in', 'linked'))
    symlinkSync(join(root, 'in'), join(root, 'in', 'loop'))
    const source = await openEmlSource({ technology: 'eml', kind: 'mail', path: join(root, 'in') }, never())
    const [a, linked, ...more] = await source.folders(never())
    expect(more).toEqual([])
    expect(await source.list(a!, never())).toMatchObject({
      expectedCount: 3,
      items: [{ ref: 1 }, { ref: 3 }],
      issues: [{ ref: 2, code: 'not_listed', isLost: true, text: expect.stringContaining('leads out of the folder') }],
    })
    expect((await source.list(linked!, never())).issues).toMatchObject([{ ref: null, code: 'folder_unreadable' }])
    await source.close()
    rmSync(root, { recursive: true })
  })
})

describe('a ZIP file of mail files', () => {
  let root: string
  beforeEach(() => {
    root = ownFolder()
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))
  const open = (bytes: Uint8Array) => {
    writeFileSync(join(root, 'a.zip'), bytes)
    return openEmlSource({ technology: 'eml', kind: 'mail', path: join(root, 'a.zip') }, never())
  }

  test('names each file that cannot be read, and gives the others', async () => {
    const bytes = Buffer.from(message(5))
    const source = await open(
      zipOf({ 'a/1.eml': message(1) }, [
        { name: 'a/2.eml', bytes, flags: 1 },
        { name: 'a/3.eml', bytes, method: 14 },
        { name: 'a/4.eml', bytes, crc32: 7 },
        { name: 'a/5.eml', bytes: Buffer.alloc(6_000_000, 'x'), crc32: 7 },
        { name: 'a/6.eml', bytes: Buffer.alloc(6_000_000, 'y') },
        { name: 'a/6.eml', bytes },
        { name: '../../a/7.eml', bytes },
        { name: 'a\\8.eml', bytes },
      ]),
    )
    const folders = await source.folders(never())
    expect(folders.map(({ path }) => path)).toEqual([['..'], ['..', '..'], ['..', '..', 'a'], ['a']])
    const a = folders.at(-1)!
    const { items, issues, expectedCount } = await source.list(a, never())
    expect({ expectedCount, listed: items.map(({ ref }) => ref) }).toEqual({
      expectedCount: 8,
      listed: [1, 4, 5, 6, 7, 8],
    })
    expect(issues.map(({ ref, text }) => [ref, text])).toEqual([
      [2, 'The file is encrypted.'],
      [3, 'The file is compressed in a way that is not known here.'],
    ])
    const record = recordingSink()
    await source.read(a, [1, 4, 5, 6, 7, 8], record.sink, never())
    expect(record.faults).toEqual([])
    expect(record.skipped.map(({ ref, code }) => [ref, code])).toEqual([
      [4, 'fetch_refused'],
      [5, 'fetch_refused'],
    ])
    expect([...record.taken].map(([ref, { sizeBytes }]) => [ref, sizeBytes])).toEqual([
      [1, message(1).length],
      [6, bytes.length],
      [7, 6_000_000],
      [8, bytes.length],
    ])
    await source.close()
  })

  test('that is made to flood is refused', async () => {
    const bytes = Buffer.alloc(100_000, 'x')
    const overlapping = await open(
      foreignZip([
        { name: '1.eml', bytes, method: 0 },
        { name: '2.eml', bytes, method: 0, headerOffset: 0 },
        { name: '3.eml', bytes: Buffer.alloc(10), sizeBytes: 10, headerOffset: 0 },
      ]),
    )
    await overlapping.close()
    const shared = Array.from({ length: 60 }, (_, n) => ({ name: `${n}.eml`, bytes, method: 0 }))
    const one = foreignZip(shared.slice(0, 1))
    const records = foreignZip(shared.map((file) => ({ ...file, headerOffset: 0 })))
    const directoryOffset = records.readUInt32LE(records.length - 6)
    const bomb = Buffer.concat([one.subarray(0, one.readUInt32LE(one.length - 6)), records.subarray(directoryOffset)])
    bomb.writeUInt32LE(one.readUInt32LE(one.length - 6), bomb.length - 6)
    await expect((await open(bomb)).folders(never())).rejects.toMatchObject({
      code: 'archive_invalid',
      details: { reason: 'its entries overlap' },
    })
    const large = foreignZip([{ name: '1.eml', bytes: Buffer.from('x'), sizeBytes: 0xffff_fff0 }])
    await expect((await open(large)).folders(never())).rejects.toMatchObject({
      details: { reason: 'it would unpack to more than 100 times its size' },
    })
  })

  test('that is an archive of ours, or no ZIP file, is refused', async () => {
    await expect((await open(zipOf({ 'stillbox.json': '{}' }))).folders(never())).rejects.toMatchObject({
      details: { reason: expect.stringContaining('an archive of Stillbox itself') },
    })
    await expect(open(Buffer.from(message(1)))).rejects.toMatchObject({ code: 'archive_invalid' })
  })
})
