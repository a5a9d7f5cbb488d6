import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { IndexRow, ItemRecord } from '../../ports/archive-index.ts'
import { createArchiveIndexBuilder, openArchiveIndex } from './archive-index.ts'

let folder: string
let path: string
let serial = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-index-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  path = join(folder, `it's ${++serial} %41?.sqlite`)
})

const noFields: ItemFields = {
  title: '',
  from: '',
  to: '',
  date: null,
  endDate: null,
  place: '',
  phone: '',
  company: '',
  categories: '',
  hasAttachment: false,
  uniqueId: null,
  component: null,
  isWellFormed: true,
}

const folders: { folderNo: number; kind: ItemKind; label: string }[] = [
  { folderNo: 1, kind: 'mail', label: 'INBOX' },
  { folderNo: 2, kind: 'mail', label: 'INBOX/Ablage' },
  { folderNo: 3, kind: 'mail', label: 'Leer' },
  { folderNo: 4, kind: 'calendar', label: 'Termine' },
  { folderNo: 5, kind: 'contact', label: 'Kontakte' },
]

const row = (
  folderNo: number,
  ref: number | string,
  fields: Partial<ItemFields> = {},
  extra: Partial<ItemRecord> = {},
): IndexRow => {
  const { kind, label } = folders.find((known) => known.folderNo === folderNo)!
  return {
    folderNo,
    fields: { ...noFields, ...fields },
    place: { headerOffset: 5_000_000_000, compressedBytes: 12, method: 8, crc32: 0xfffffffe },
    record: {
      entry: `${kind}/${label}/${ref}`,
      kind,
      folder: label,
      sizeBytes: 100,
      sha256: 'ab'.repeat(32),
      ...(typeof ref === 'number' ? { uid: ref } : { href: ref }),
      ...extra,
    },
  }
}

const build = (rows: readonly IndexRow[]) => {
  const builder = createArchiveIndexBuilder(path)
  builder.addFolders(folders)
  builder.add(rows)
  const records = [...builder.records()]
  builder.finish()
  return records
}

const full: IndexRow = {
  folderNo: 2,
  place: { headerOffset: 1, compressedBytes: 2, method: 0, crc32: 3 },
  record: {
    entry: 'mail/INBOX/Ablage/000001 Grüße.eml',
    kind: 'mail',
    folder: 'INBOX/Ablage',
    sizeBytes: 2 ** 40,
    sha256: '0123456789abcdef'.repeat(4),
    uid: 4_294_967_295,
    uidValidity: '4294967295',
    internalDate: '2025-07-01T10:52:37+02:00',
    flags: ['$Forwarded', '\\Seen', 'a "quoted" one'],
    messageId: 'a@x',
    modSeq: '18446744073709551615',
    emailId: 'M1',
    threadId: 'T1',
    href: '/dav/1.ics',
    etag: '"e"',
    objectUid: 'another',
  },
  fields: {
    title: 'Grüße',
    from: 'Jürgen <j@x.example>',
    to: 'Anna <a@x.example>',
    date: '2025-07-01T08:52:37.000Z',
    endDate: '2025-07-02',
    place: 'Köln',
    phone: '+49 221 123',
    company: 'Maß GmbH',
    categories: 'Reise',
    hasAttachment: true,
    uniqueId: 'a@x',
    component: 'VEVENT',
    isWellFormed: false,
  },
}

describe('what goes in comes out', () => {
  it('with every field there is', () => {
    const records = build([full])
    expect(records).toEqual([{ record: full.record, place: full.place }])
    const index = openArchiveIndex(path)
    expect(index.find(full.record.entry)).toEqual(full)
    expect(index.page({}, { limit: 10 })).toEqual([{ ...full, no: 1 }])
    index.close()
  })

  it('with absent keys absent', () => {
    const bare = row(4, '/a.ics')
    expect(build([bare])).toStrictEqual([{ record: bare.record, place: bare.place }])
  })

  it('whatever the fields', () => {
    const text = fc.string({ unit: 'grapheme' })
    const maybe = fc.option(text, { nil: undefined })
    const id = fc.constantFrom('a', 'b', '', undefined)
    const rows = fc.uniqueArray(
      fc.record({
        uid: fc.nat(),
        flags: fc.option(fc.array(text), { nil: undefined }),
        etag: maybe,
        messageId: id,
        objectUid: id,
        uniqueId: fc.constantFrom('a', 'b', '', null),
        title: text,
      }),
      { selector: ({ uid }) => uid, maxLength: 5 },
    )
    fc.assert(
      fc.property(rows, (drawn) => {
        const given = drawn.map(({ uid, uniqueId, title, ...extra }) =>
          row(
            1,
            uid,
            { uniqueId, title },
            Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== undefined)),
          ),
        )
        const sorted = given.toSorted((a, b) => a.record.uid! - b.record.uid!)
        expect(build(given).map(({ record }) => record)).toStrictEqual(sorted.map(({ record }) => record))
        const index = openArchiveIndex(path)
        expect(index.page({}, { limit: 10 }).map(({ no: _, ...found }) => found)).toStrictEqual(sorted)
        index.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('order and pages', () => {
  const rows = [
    row(5, '/b.vcf'),
    row(1, 10),
    row(4, '/z.ics'),
    row(1, 9),
    row(2, 1),
    row(4, '/a.ics'),
    row(4, '/Z.ics'),
    row(4, '/\uff5e.ics'),
    row(4, '/\u{1f600}.ics'),
    row(1, 100),
  ]
  const ordered = [
    'mail/INBOX/9',
    'mail/INBOX/10',
    'mail/INBOX/100',
    'mail/INBOX/Ablage/1',
    'calendar/Termine//Z.ics',
    'calendar/Termine//a.ics',
    'calendar/Termine//z.ics',
    'calendar/Termine//\uff5e.ics',
    'calendar/Termine//\u{1f600}.ics',
    'contact/Kontakte//b.vcf',
  ]

  it('records come in canonical order, however they went in', () => {
    expect(build(rows).map(({ record }) => record.entry)).toEqual(ordered)
    expect(build(rows.toReversed()).map(({ record }) => record.entry)).toEqual(ordered)
  })

  // Readers refuse other tables, so another word here would make every archive there is unreadable.
  it('the tables are those of version 1, to the letter', () => {
    build([])
    const database = new DatabaseSync(path, { readOnly: true })
    const sql = database.prepare(`select sql from sqlite_schema where name not like 'words\\_%' escape '\\'`).all()
    database.close()
    expect(sql.map((row) => String(row.sql).replace(/\s+/g, ' '))).toEqual([
      'CREATE TABLE folders(folder_no integer primary key, kind text not null, label text not null, first_no integer, item_count integer not null default 0, total_bytes integer not null default 0) strict',
      'CREATE TABLE items(no integer primary key, folder_no integer not null, uid integer, href text, entry text not null, entry_crc integer not null, size_bytes integer not null, sha256 blob not null, uid_validity text, internal_date text, flags text, mod_seq text, email_id text, thread_id text, etag text, message_id text, object_uid text, header_offset integer not null, compressed_bytes integer not null, method integer not null, crc32 integer not null, title text not null, sender text not null, recipients text not null, date text, end_date text, place text not null, phone text not null, company text not null, categories text not null, has_attachment integer not null, unique_id text, component text, is_well_formed integer not null, same_ids integer not null) strict',
      'CREATE INDEX items_by_entry on items(entry_crc)',
      `CREATE VIRTUAL TABLE words using fts5(text, content = '', columnsize = 0, detail = none, tokenize = 'unicode61 remove_diacritics 2')`,
    ])
  })

  it('records can be read half, again, and before the last rows', () => {
    const builder = createArchiveIndexBuilder(path)
    builder.addFolders(folders)
    builder.add([row(1, 2), row(1, 3)])
    for (const { record } of builder.records()) {
      expect(record.uid).toBe(2)
      break
    }
    builder.add([row(1, 1)])
    expect([...builder.records()].map(({ record }) => record.uid)).toEqual([1, 2, 3])
    builder.finish()
    const index = openArchiveIndex(path)
    expect(index.page({}, { limit: 9 }).map(({ record }) => record.uid)).toEqual([1, 2, 3])
    index.close()
  })

  it('pages walk through in the same order', () => {
    build(rows)
    const index = openArchiveIndex(path)
    const walk = (filter: Parameters<typeof index.page>[0], limit: number) => {
      const seen: string[] = []
      for (let after = 0; ; ) {
        const page = index.page(filter, { limit, after })
        if (page.length === 0) return seen
        seen.push(...page.map(({ record }) => record.entry))
        after = page.at(-1)!.no
      }
    }
    expect(walk({}, 3)).toEqual(ordered)
    expect(walk({ folderNo: 1 }, 2)).toEqual(ordered.slice(0, 3))
    expect(walk({ folderNo: 3 }, 2)).toEqual([])
    expect(walk({ folderNo: 99 }, 2)).toEqual([])
    expect(walk({ kind: 'calendar' }, 2)).toEqual(ordered.slice(4, 9))
    expect(walk({ kind: 'mail', folderNo: 4 }, 2)).toEqual([])
    expect(index.count()).toBe(10)
    expect(index.folders()).toEqual([
      { ...folders[0], firstNo: 1, itemCount: 3, sizeBytes: 300 },
      { ...folders[1], firstNo: 4, itemCount: 1, sizeBytes: 100 },
      { ...folders[2], firstNo: null, itemCount: 0, sizeBytes: 0 },
      { ...folders[3], firstNo: 5, itemCount: 5, sizeBytes: 500 },
      { ...folders[4], firstNo: 10, itemCount: 1, sizeBytes: 100 },
    ])
    expect([...index.records()].map(({ no, record }) => [no, record.entry])).toEqual(
      ordered.map((entry, place) => [place + 1, entry]),
    )
    expect(index.find('mail/INBOX/10')?.record.uid).toBe(10)
    expect(index.find('mail/INBOX/11')).toBeNull()
    index.close()
  })

  it('keeps kinds apart even where their folders are not side by side', () => {
    const builder = createArchiveIndexBuilder(path)
    builder.addFolders([
      { folderNo: 1, kind: 'mail', label: 'INBOX' },
      { folderNo: 2, kind: 'calendar', label: 'INBOX/Ablage' },
      { folderNo: 3, kind: 'mail', label: 'Leer' },
    ])
    builder.add([row(1, 1), row(2, 1), row(3, 1)])
    builder.finish()
    const index = openArchiveIndex(path)
    expect(index.page({ kind: 'mail' }, { limit: 9 }).map(({ folderNo }) => folderNo)).toEqual([1, 3])
    index.close()
  })
})

describe('words', () => {
  const rows = [
    row(1, 1, { title: 'Grüße aus Köln', from: 'Jürgen Müller <juergen@example.org>' }),
    row(1, 2, { title: 'Rechnung 4711', to: 'Anna <anna@sample.example>' }),
    row(2, 1, { title: 'Köln again', categories: 'Reise' }),
    row(4, '/a', { title: 'Kölner Treffen', place: 'Rathaus', component: 'VEVENT' }),
    row(5, '/b', { title: 'Anna', phone: '+49 221 4711', company: 'Maß GmbH' }),
    row(5, '/c', { title: '日本語の件名', from: 'हिन्दी <h@x.example>' }),
  ]
  const find = (words: string, filter: { folderNo?: number; kind?: ItemKind } = {}) => {
    build(rows)
    const index = openArchiveIndex(path)
    const found = index.page({ ...filter, words }, { limit: 10 }).map(({ record }) => record.entry)
    index.close()
    return found
  }
  it.each([
    ['koln', ['mail/INBOX/1', 'mail/INBOX/Ablage/1', 'calendar/Termine//a']],
    ['KÖLN', ['mail/INBOX/1', 'mail/INBOX/Ablage/1', 'calendar/Termine//a']],
    ['ko\u0308ln', ['mail/INBOX/1', 'mail/INBOX/Ablage/1', 'calendar/Termine//a']],
    ['köln grü', ['mail/INBOX/1']],
    ['grü köln', ['mail/INBOX/1']],
    ['köln rechnung', []],
    ['juergen@example.org', ['mail/INBOX/1']],
    ['rathaus', ['calendar/Termine//a']],
    ['4711', ['mail/INBOX/2', 'contact/Kontakte//b']],
    ['+49 221', ['contact/Kontakte//b']],
    ['gmbh', ['contact/Kontakte//b']],
    ['reise', ['mail/INBOX/Ablage/1']],
    ['日本', ['contact/Kontakte//c']],
    ['हिन्दी', ['contact/Kontakte//c']],
    ['öln', []],
    ['title', []],
  ])('%s', (words, entries) => {
    expect(find(words)).toEqual(entries)
  })
  it.each([
    'köln OR anna',
    'NOT köln',
    'köln AND grüße NEAR',
    'köln "',
    '"köln',
    'title:köln',
    'köln*',
    '^köln',
    '{title}:köln',
    '(köln',
    "köln'; drop table items",
  ])('takes %s for words, not for syntax', (words) => {
    expect(() => find(words)).not.toThrow()
  })
  it('treats operators as words', () => {
    expect(find('köln OR anna')).toEqual([])
  })
  it('takes no word for no condition', () => {
    expect(find(' -- " ').length).toBe(6)
  })
  it('combines with folder and kind', () => {
    expect(find('köln', { folderNo: 2 })).toEqual(['mail/INBOX/Ablage/1'])
    expect(find('köln', { kind: 'calendar' })).toEqual(['calendar/Termine//a'])
  })
  it('never throws, whatever is typed', () => {
    build(rows)
    const index = openArchiveIndex(path)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (words) => {
        expect(Array.isArray(index.page({ words }, { limit: 5 }))).toBe(true)
      }),
      { numRuns: 500 },
    )
    index.close()
  })
})

describe('the file', () => {
  it('is one file of its kind, whole and without leftovers', () => {
    build(Array.from({ length: 500 }, (_, n) => row(1, n + 1, { title: `number ${n}` })))
    expect(readdirSync(folder).filter((name) => name.startsWith(`it's ${serial} `))).toHaveLength(1)
    const database = new DatabaseSync(path, { readOnly: true })
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(database.prepare('pragma application_id').get()).toEqual({ application_id: 0x53424958 })
    expect(database.prepare('pragma freelist_count').get()).toEqual({ freelist_count: 0 })
    database.close()
  })

  it('holds the same rows under the same numbers in whatever order they went in', () => {
    const rows = Array.from({ length: 300 }, (_, n) => row((n % 2) + 1, n + 1, { title: `number ${n}` }))
    build(rows)
    const first = new DatabaseSync(path, { readOnly: true }).prepare('select * from items').all()
    build(rows.toReversed())
    expect(new DatabaseSync(path, { readOnly: true }).prepare('select * from items').all()).toEqual(first)
  })

  it('holds an empty archive', () => {
    expect(build([])).toEqual([])
    const index = openArchiveIndex(path)
    expect(index.count()).toBe(0)
    expect(index.page({ words: 'x' }, { limit: 1 })).toEqual([])
    index.close()
    index.close()
  })

  it('leaves no draft behind when abandoned', () => {
    const builder = createArchiveIndexBuilder(path)
    builder.addFolders(folders)
    builder.add([row(1, 1)])
    builder.abandon()
    builder.abandon()
    expect(existsSync(`${path}.draft`)).toBe(false)
    expect(() => openArchiveIndex(path)).toThrow(expect.objectContaining({ code: 'archive_invalid' }))
  })

  it('cannot be made where there is no folder', () => {
    expect(() => createArchiveIndexBuilder(join(folder, 'missing', 'index.sqlite'))).toThrow(
      expect.objectContaining({ code: 'store_failed' }),
    )
  })

  it.each([
    ['rubbish', () => writeFileSync(path, 'not a database at all, '.repeat(100))],
    ['an empty file', () => writeFileSync(path, '')],
    ['another database', () => new DatabaseSync(path).exec('create table items(no)')],
    [
      'a cut one',
      () => {
        build(Array.from({ length: 500 }, (_, n) => row(1, n + 1, { title: `number ${n}` })))
        truncateSync(path, statSync(path).size / 2 - 100)
      },
    ],
  ])('is refused as invalid: %s', (_, make) => {
    make()
    const use = () => {
      const index = openArchiveIndex(path)
      try {
        index.page({}, { limit: 1_000 })
        index.page({ words: 'number' }, { limit: 1_000 })
      } finally {
        index.close()
      }
    }
    expect(use).toThrow(expect.objectContaining({ code: 'archive_invalid' }))
  })
})
