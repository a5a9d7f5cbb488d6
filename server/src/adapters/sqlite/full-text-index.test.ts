import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFullTextBuilder, openFullText } from './full-text-index.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-fulltext-'))
  path = join(folder, 'x.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const build = (texts: readonly string[]) => {
  const builder = createFullTextBuilder(path)
  for (const [n, text] of texts.entries()) builder.add(n + 1, text)
  builder.finish()
}

describe('full-text index', () => {
  it('finds rows in which every word occurs', () => {
    build(['Grüße aus Köln', 'Köln am Rhein', '', 'der Rhein'])
    const index = openFullText(path)
    expect(index.search('koln', { limit: 9 })).toEqual([1, 2])
    expect(index.search('rhein KÖ', { limit: 9 })).toEqual([2])
    expect(index.search('öln', { limit: 9 })).toEqual([])
    expect(index.search('"" *', { limit: 9 })).toEqual([])
    expect(index.search('köln NOT rhein', { limit: 9 })).toEqual([])
    index.close()
    index.close()
  })

  it('pages by row number', () => {
    build(Array.from({ length: 12_000 }, (_, n) => (n % 2 ? 'odd one' : 'even one')))
    const index = openFullText(path)
    expect(index.search('one', { limit: 3 })).toEqual([1, 2, 3])
    expect(index.search('odd', { limit: 2, after: 4 })).toEqual([6, 8])
    expect(index.search('odd', { limit: 5, after: 11_998 })).toEqual([12_000])
    index.close()
  })

  it('takes rows in any order', () => {
    const builder = createFullTextBuilder(path)
    for (const no of [30, 10, 20]) builder.add(no, 'word')
    builder.finish()
    const index = openFullText(path)
    expect(index.search('word', { limit: 9 })).toEqual([10, 20, 30])
    index.close()
  })

  it('is one file, and replaces what was there', () => {
    writeFileSync(path, 'rubbish')
    build(['one'])
    build(['two'])
    expect(readdirSync(folder)).toEqual(['x.sqlite'])
    const index = openFullText(path)
    expect(index.search('one', { limit: 9 })).toEqual([])
    index.close()
  })

  it('refuses one with other tables, which may be anything but words', () => {
    build(['one'])
    const database = new DatabaseSync(path)
    database.exec(
      'drop table words; create view words as with recursive n(i) as (select 1 union all select i + 1 from n) select i as words from n',
    )
    database.close()
    expect(() => openFullText(path)).toThrow(expect.objectContaining({ code: 'archive_invalid' }))
  })

  it('refuses what is no full-text index', () => {
    writeFileSync(path, 'rubbish')
    expect(() => openFullText(path)).toThrow(expect.objectContaining({ code: 'archive_invalid' }))
    const builder = createFullTextBuilder(path)
    builder.abandon()
    builder.abandon()
    expect(() => openFullText(join(folder, 'missing'))).toThrow(expect.objectContaining({ code: 'store_failed' }))
  })
})
