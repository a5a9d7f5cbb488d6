import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trueIndex } from '../../../test/doubles/true-index.ts'
import { openArchiveIndex } from '../../adapters/sqlite/archive-index.ts'
import { createWorkFiles } from '../../adapters/work/work-files.ts'
import { memoryFile } from '../../formats/zip/random-access-file.ts'
import { makeSmallArchive, type SmallArchiveChanges } from './small-archive.ts'
import { verifyArchive } from './verify-archive.ts'

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stillbox-verify-index-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const verify = async (changes: SmallArchiveChanges) =>
  verifyArchive(memoryFile(await makeSmallArchive(pem, changes)), {
    index: { files: createWorkFiles(folder), copyName: 'index.sqlite', open: openArchiveIndex },
  })

const forged = (forge: (database: DatabaseSync) => void) => verify({ index: trueIndex(folder, forge) })
const sql = (text: string) => (database: DatabaseSync) => database.exec(text)

test('an index that fits the archive is none of its faults, and its copy is gone', async () => {
  expect(await verify({ index: trueIndex(folder) })).toMatchObject({ ok: true, itemCount: 6, faults: [] })
  expect(await readdir(folder)).toEqual([])
})

/** All hashes agree, and so does the signature: whoever made it, or a mistake of the writer, has signed this index. */
describe('an index that disagrees with what it was made from is found out', () => {
  test.each<[string, string, readonly RegExp[]]>([
    [
      'an item left out',
      'delete from items where no = 3',
      [/row 4 stands where row 3/, /row 5 stands/, /row 6 stands/, /ends after/],
    ],
    ['the last item left out', 'delete from items where no = 6', [/it ends after row 5/]],
    [
      'an item of its own',
      'insert into items select 7, * from (select folder_no, uid, href, entry, entry_crc, size_bytes, sha256, uid_validity, internal_date, flags, mod_seq, email_id, thread_id, etag, message_id, object_uid, header_offset, compressed_bytes, method, crc32, title, sender, recipients, date, end_date, place, phone, company, categories, has_attachment, unique_id, component, is_well_formed, same_ids from items where no = 6)',
      [/more rows than the 6 lines/],
    ],
    [
      'other flags',
      `update items set flags = '["\\\\Flagged"]' where no = 2`,
      [/row 2 is not line 2 of items\.jsonl, “mail\/INBOX\/000009/],
    ],
    ['flags that are none', `update items set flags = '[' where no = 2`, [/flags that are none/]],
    ['another Message-ID', `update items set unique_id = 'x@y' where no = 2`, [/row 2 is not line 2/]],
    ['another hash', `update items set sha256 = zeroblob(32) where no = 5`, [/row 5 is not line 5/]],
    ['an item in another folder', 'update items set folder_no = 0 where no = 2', [/row 2 is not line 2/]],
    ['an item in no folder', 'update items set folder_no = 77 where no = 6', [/ends after row 5/]],
    ['another place', 'update items set header_offset = 0 where no = 2', [/row 2 does not say where/]],
    ['a name that is not found', 'update items set entry_crc = 1 where no = 4', [/row 4 is not found by its entry/]],
    [
      'a folder of another name',
      `update folders set label = 'Other' where folder_no = 3`,
      [/its folder 3 /, /row 6 is not line 6/],
    ],
    [
      'a folder left out',
      'delete from folders where folder_no = 3',
      [/3 folders; the manifest has 4/, /ends after row 5/],
    ],
    ['a folder that begins elsewhere', 'update folders set first_no = 3 where folder_no = 1', [/its folder 1 /]],
    ['a folder with fewer items', 'update folders set item_count = 1 where folder_no = 1', [/its folder 1 /]],
    ['another version', 'pragma user_version = 2', [/another kind or version/]],
  ])('%s', async (_, text, said) => {
    const { ok, faults } = await forged(sql(text))
    expect(ok).toBe(false)
    expect(faults.map(({ entry, code }) => `${code} ${entry}`)).toEqual(said.map(() => 'index_differs index.sqlite'))
    for (const [position, pattern] of said.entries()) expect(faults[position]?.text).toMatch(pattern)
    expect(await readdir(folder)).toEqual([])
  })

  test('a file that is no database', async () => {
    expect(await verify({})).toMatchObject({ faults: [{ entry: 'index.sqlite', code: 'index_differs' }] })
  })

  test('a file cut short, a hash that fits', async () => {
    const whole = trueIndex(folder)
    const index = async (...given: Parameters<typeof whole>) => (await whole(...given)).subarray(0, 9_000)
    const { faults } = await verify({ index })
    expect(faults).toMatchObject([{ entry: 'index.sqlite', code: 'index_differs' }])
  })

  test('without comparing what a wrong hash has told already', async () => {
    const { faults } = await verify({
      index: trueIndex(folder),
      entries: (all) => all.map((entry) => (entry.name === 'index.sqlite' ? { ...entry, content: 'x' } : entry)),
    })
    expect(faults).toMatchObject([{ entry: 'index.sqlite', code: 'size_differs' }])
  })

  test('every row, and the first twenty are told', async () => {
    const { faults } = await forged(sql('update items set size_bytes = size_bytes + 1'))
    expect(faults).toHaveLength(6)
  })
})

describe('an index that would have whoever reads it work for ever is not read', () => {
  const endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select'
  test.each([
    [
      'a view in place of the items',
      `alter table items rename to hidden; create view items as ${endless} * from n, hidden`,
    ],
    [
      'a view in place of the folders',
      `alter table folders rename to hidden; create view folders as ${endless} * from n, hidden`,
    ],
    ['a view beside them', `create view more as ${endless} i from n`],
    ['a trigger', 'create trigger t after insert on items begin select 1; end'],
    ['a computed column', 'alter table words_config add column more text as (hex(zeroblob(9)))'],
    [
      'a table computed for the words',
      `drop table words; create virtual table words using fts5(text, content='items')`,
    ],
    ['no words', 'drop table words'],
  ])('%s', async (_, text) => {
    const { faults } = await forged(sql(text))
    expect(faults).toMatchObject([{ code: 'index_differs', text: 'its index has other tables than an index has' }])
  })

  test('a value larger than any', async () => {
    const { faults } = await forged(sql(`update items set title = hex(zeroblob(9000000)) where no = 1`))
    expect(faults).toMatchObject([{ code: 'index_differs', text: 'its index cannot be read' }])
  })
})
