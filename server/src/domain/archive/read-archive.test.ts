import { Buffer } from 'node:buffer'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { memoryFile, type RandomAccessFile } from '../../formats/zip/random-access-file.ts'
import { createEntryTable } from './entry-table.ts'
import { openArchive, type PlacedItem } from './read-archive.ts'
import { readLines } from './read-lines.ts'
import { makeSmallArchive, smallItems } from './small-archive.ts'

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const textOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

describe('an archive', () => {
  test('gives its items in canonical order, each with its place and its bytes', async () => {
    const archive = await openArchive(memoryFile(await makeSmallArchive(pem)))
    const items: PlacedItem[] = []
    for await (const item of archive.items()) items.push(item)
    expect(items.map(({ record }) => record.uid ?? record.href)).toEqual([
      3,
      9,
      10,
      '/dav/anna/work/B.ics',
      '/dav/anna/work/a.ics',
      '/dav/anna/friends/c.vcf',
    ])
    for (const item of items) {
      const { content } = smallItems.find(({ ref }) => ref === (item.record.uid ?? item.record.href))!
      expect(await textOf(archive.openItem(item))).toBe(content)
    }
  })

  test('reads one item without touching the rest', async () => {
    const bytes = await makeSmallArchive(pem)
    const reads: [number, number][] = []
    const file: RandomAccessFile = {
      sizeBytes: bytes.length,
      read: async (offset, length) => {
        reads.push([offset, length])
        return bytes.subarray(offset, offset + length)
      },
    }
    const archive = await openArchive(file)
    const items: PlacedItem[] = []
    for await (const item of archive.items()) items.push(item)
    reads.length = 0
    await textOf(archive.openItem(items[2]!))
    expect(reads).toHaveLength(1)
    expect(reads[0]![0]).toBe(items[2]!.place!.headerOffset)
  })

  test('gives its issues and its files', async () => {
    const archive = await openArchive(memoryFile(await makeSmallArchive(pem)))
    const issues = []
    for await (const issue of archive.issues()) issues.push(issue)
    expect(issues).toMatchObject([{ folder: 'INBOX', ref: '11', code: 'vanished' }])
    expect(await textOf(archive.openFile('calendar/Work.ics'))).toBe('all of calendar/Work.ics')
    await expect(textOf(archive.openFile('nothing'))).rejects.toMatchObject({ details: { fault: 'entry_missing' } })
  })

  test('without a manifest is none', async () => {
    const bytes = await makeSmallArchive(pem, { entries: (all) => all.slice(0, -1) })
    await expect(openArchive(memoryFile(bytes))).rejects.toMatchObject({
      code: 'archive_invalid',
      details: { fault: 'manifest_missing' },
    })
  })
})

test('a table of names numbers each once and finds it again', () => {
  const table = createEntryTable(5000)
  const names = Array.from({ length: 5000 }, (_, index) => `mail/INBOX/${index}.eml`)
  expect(names.map((name) => table.add(name))).toEqual(names.map((_, index) => index))
  names.forEach((name, index) => {
    expect(table.find(name)).toBe(index)
    expect(table.add(name)).toBe(-1)
    expect(table.find(`${name}x`)).toBe(-1)
  })
  expect(() => table.add('one more')).toThrow(RangeError)
  expect(createEntryTable(0).find('')).toBe(-1)
})

describe('lines', () => {
  const linesOf = async (...chunks: string[]) => {
    const lines: string[] = []
    const stream = (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk)
    })()
    for await (const some of readLines(stream)) lines.push(...some.map(String))
    return lines
  }
  test('are the same however the stream is cut', async () => {
    expect(await linesOf('one\ntwo\n\nthree\n')).toEqual(['one', 'two', '', 'three'])
    expect(await linesOf(...'one\ntwo\n\nthree\n')).toEqual(['one', 'two', '', 'three'])
    expect(await linesOf()).toEqual([])
  })
  test('have an end', async () => {
    await expect(linesOf('one\ntwo')).rejects.toThrow('last line')
  })
  test('are not endless', async () => {
    await expect(linesOf(...Array<string>(5).fill('x'.repeat(1 << 20)))).rejects.toThrow('too long')
  })
})
