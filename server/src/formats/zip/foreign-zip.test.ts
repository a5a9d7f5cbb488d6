import { describe, expect, test } from 'vitest'
import { type ForeignZipFile, foreignZip } from '../../../testkit/builders/foreign-zip.ts'
import { type ForeignEntry, openForeignZip } from './foreign-zip.ts'
import { createMemoryZip } from './memory-zip.ts'
import { memoryFile } from './random-access-file.ts'

const { signal } = new AbortController()
const file = (name: string, text = `Subject: ${name}\n\nx\n`, more: Partial<ForeignZipFile> = {}): ForeignZipFile => ({
  name,
  bytes: Buffer.from(text),
  ...more,
})
const open = (bytes: Uint8Array) => openForeignZip(memoryFile(bytes))
const entriesOf = async (bytes: Uint8Array): Promise<ForeignEntry[]> => {
  const found: ForeignEntry[] = []
  for await (const entry of (await open(bytes)).entries(signal)) found.push(entry)
  return found
}
const contentOf = async (bytes: Uint8Array, at = 0): Promise<string> => {
  const zip = await open(bytes)
  const entry = await zip.entryAt((await entriesOf(bytes))[at]!.recordOffset)
  const parts: Uint8Array[] = []
  for await (const part of zip.content(entry, signal)) parts.push(part)
  return Buffer.concat(parts).toString()
}

describe('a ZIP file of another writer', () => {
  test('is read with data descriptors, comments, stored entries and names in old code pages', async () => {
    const bytes = foreignZip(
      [
        file('a.eml', 'one', { flags: 8 }),
        file('folder/', ''),
        file('folder/b.eml', 'two', { method: 0 }),
        { name: Buffer.from([0x47, 0x72, 0x81, 0xe1, 0x65]), bytes: Buffer.from('three') },
        file('Größe', 'four'),
        file('large.eml', 'x'.repeat(3_000_000), { flags: 8 }),
      ],
      `a comment with PK\x05\x06 in it, ${'and more '.repeat(100)}`,
    )
    const entries = await entriesOf(bytes)
    expect(entries.map(({ name, refusal }) => [name, refusal])).toEqual(
      ['a.eml', 'folder/b.eml', 'Grüße', 'Größe', 'large.eml'].map((name) => [name, null]),
    )
    const contents = await Promise.all(entries.map((_, at) => contentOf(bytes, at)))
    expect(contents.slice(0, 4)).toEqual(['one', 'two', 'three', 'four'])
    expect(contents[4]).toBe('x'.repeat(3_000_000))
  })

  test('of our own is read as well', async () => {
    const zip = createMemoryZip()
    const modifiedAt = new Date('2026-01-02T03:04:06Z')
    await zip.add('mail/INBOX/000001 x.eml', 'A: 1\n\nx', { modifiedAt })
    await zip.finish()
    const [entry] = await entriesOf(zip.bytes())
    expect(entry).toMatchObject({ name: 'mail/INBOX/000001 x.eml', modifiedAt, sizeBytes: 7 })
    expect(await contentOf(zip.bytes())).toBe('A: 1\n\nx')
  })

  test('tells the time of a file, in UTC where an extra field has it', async () => {
    const stamp = Buffer.alloc(9)
    stamp.writeUInt16LE(0x5455, 0)
    stamp.writeUInt16LE(5, 2)
    stamp.writeUInt8(1, 4)
    stamp.writeInt32LE(1_700_000_000, 5)
    const [plain, stamped, none] = await entriesOf(
      foreignZip([file('a'), file('b', 'x', { centralExtra: stamp }), file('c', 'x', { dosTime: 0 })]),
    )
    expect(plain!.modifiedAt).toEqual(new Date('2026-03-21T10:20:00Z'))
    expect(stamped!.modifiedAt).toEqual(new Date(1_700_000_000_000))
    expect(none!.modifiedAt).toBeNull()
  })

  test('names what it will not read', async () => {
    const entries = await entriesOf(
      foreignZip([
        file('encrypted', 'x', { flags: 1 }),
        file('lzma', 'x', { method: 14 }),
        file('link', '/etc/passwd', { unixMode: 0o120777 }),
      ]),
    )
    expect(entries.map(({ refusal }) => refusal)).toEqual(['encrypted', 'method', 'link'])
  })

  test.each([
    ['crc_differs', { crc32: 1 }],
    ['size_differs', { sizeBytes: 3 }],
    ['size_differs', { sizeBytes: 300 }],
    ['header_differs', { headerOffset: 5 }],
    ['header_differs', { headerOffset: 0x7fff_ffff }],
  ])('finds %s', async (fault, wrong) => {
    const bytes = foreignZip([file('a', 'some text to read', wrong)])
    await expect(contentOf(bytes)).rejects.toMatchObject({ code: 'archive_invalid', details: { fault } })
    const large = foreignZip([file('a', 'some text'.repeat(300_000), wrong)])
    await expect(contentOf(large)).rejects.toMatchObject({ code: 'archive_invalid', details: { fault } })
  })

  test('refuses what is none, or damaged, wherever that is', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('PK'), Buffer.alloc(100_000, 'x')])
      await expect(open(bytes)).rejects.toMatchObject({ code: 'archive_invalid' })
    const good = foreignZip([file('a.eml'), file('b.eml', 'y'.repeat(2_000_000))])
    for (let at = 0; at < good.length; at += Math.max(1, Math.floor(good.length / 400))) {
      const damaged = Buffer.from(good)
      damaged[at]! ^= 0xff
      try {
        for (const [index] of (await entriesOf(damaged)).entries()) await contentOf(damaged, index)
      } catch (error) {
        expect(error).toMatchObject({ code: 'archive_invalid' })
      }
    }
  })

  test('of more entries than its end record can count is read to the end', async () => {
    const entries = await entriesOf(
      foreignZip(Array.from({ length: 70_000 }, (_, n) => file(`${n}`, '', { method: 0 }))),
    )
    expect(entries).toHaveLength(70_000)
  })
})
