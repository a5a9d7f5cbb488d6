import { Buffer } from 'node:buffer'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localHeader, type ZipEntry } from './local-header.ts'
import { createMemoryZip } from './memory-zip.ts'
import { memoryFile, type RandomAccessFile, readAhead } from './random-access-file.ts'
import { type CentralEntry, openZip } from './read-zip.ts'

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** A ZIP whose single entry says of itself what `claim` says, whatever its data is. */
const lyingZip = async (data: Uint8Array, claim: Partial<ZipEntry>) => {
  const zip = createMemoryZip()
  const entry: ZipEntry = {
    name: 'a',
    method: 8,
    crc32: 0,
    sizeBytes: 0,
    compressedBytes: data.length,
    modifiedAt: null,
    ...claim,
  }
  await zip.append(Buffer.concat([localHeader(entry), data]), [{ ...entry, offsetInBatch: 0 }])
  await zip.finish()
  return zip.bytes()
}

const readAll = async (bytes: Uint8Array): Promise<number> => {
  const reader = await openZip(memoryFile(bytes))
  let size = 0
  for await (const entry of reader.entries()) for await (const chunk of reader.openEntry(entry)) size += chunk.length
  return size
}

const rejection = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error) => error.details?.fault ?? error,
  )

describe('a hostile archive', () => {
  const zeros = Buffer.alloc(30_000_000)
  const bomb = deflateRawSync(zeros)

  test.each([100, 2_000_000])(
    'that inflates to more than the %d bytes it announces gives no more than these',
    async (sizeBytes) => {
      const reader = await openZip(memoryFile(await lyingZip(bomb, { sizeBytes })))
      const entry = await reader.find('a')
      let out = 0
      const read = async () => {
        for await (const chunk of reader.openEntry(entry!)) out += chunk.length
      }
      expect(await rejection(read())).toBe('size_differs')
      expect(out).toBeLessThanOrEqual(sizeBytes)
    },
  )

  test('that inflates to less, or has bytes after its data, is refused, small and large', async () => {
    for (const plain of [Buffer.from('hello'), Buffer.alloc(3_000_000, 'x')]) {
      const facts = { crc32: crc32(plain), sizeBytes: plain.length }
      const data = deflateRawSync(plain, { level: 0 })
      expect(await readAll(await lyingZip(data, facts))).toBe(plain.length)
      expect(await rejection(readAll(await lyingZip(data, { ...facts, sizeBytes: plain.length + 1 })))).toBe(
        'size_differs',
      )
      expect(await rejection(readAll(await lyingZip(data, { ...facts, crc32: 1 })))).toBe('crc_differs')
      expect(await rejection(readAll(await lyingZip(Buffer.concat([data, data]), facts)))).toBe('data_unreadable')
      expect(await rejection(readAll(await lyingZip(data.subarray(0, -1), facts)))).toBe('data_unreadable')
    }
  })

  test('with sizes or offsets beyond itself is refused without a large buffer', async () => {
    const good = await lyingZip(deflateRawSync('hello'), { crc32: crc32('hello'), sizeBytes: 5 })
    const reader = await openZip(memoryFile(good))
    const entry = (await reader.find('a'))!
    for (const wrong of [
      { compressedBytes: 2 ** 50 },
      { headerOffset: 2 ** 50 },
      { headerOffset: -1 },
      { headerOffset: good.length - 10 },
      { compressedBytes: good.length },
    ])
      expect(await rejection(collect(reader.openEntry({ ...entry, ...wrong })))).toBe('structure')
    expect(await rejection(collect(reader.openEntry({ ...entry, headerOffset: 1, compressedBytes: 2 })))).toBe(
      'header_differs',
    )
  })

  test('whose local header has another name is refused', async () => {
    const reader = await openZip(memoryFile(await lyingZip(deflateRawSync(''), {})))
    const { modifiedAt: _, ...entry } = (await reader.find('a'))!
    expect(await rejection(collect(reader.openEntry({ ...entry, name: 'b' })))).toBe('header_differs')
    expect(await collect(reader.openEntry(entry))).toHaveLength(0)
  })

  test('with any bytes at all never does more than throw archive_invalid', async () => {
    const zip = createMemoryZip()
    await zip.add('one', 'content of one')
    await zip.add('two', 'content of two', { method: 0 })
    await zip.finish()
    const good = Buffer.from(zip.bytes())
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(good.length - 1), value: fc.nat(255) }), { minLength: 1, maxLength: 8 }),
        fc.nat(good.length),
        fc.boolean(),
        async (changes, cut, isCut) => {
          const bytes = Buffer.from(isCut ? good.subarray(cut) : good)
          for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value
          const outcome = await rejection(readAll(bytes))
          expect(outcome === 'no error' || typeof outcome === 'string').toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('reading', () => {
  test('stops when told, in the middle of an entry', async () => {
    const bytes = await lyingZip(Buffer.alloc(5_000_000), {
      method: 0,
      sizeBytes: 5_000_000,
      crc32: crc32(Buffer.alloc(5_000_000)),
    })
    const reader = await openZip(memoryFile(bytes))
    const stop = new AbortController()
    const read = async () => {
      for await (const _ of reader.openEntry((await reader.find('a'))!, stop.signal)) stop.abort(new Error('enough'))
    }
    await expect(read()).rejects.toThrow('enough')
  })

  test('a large directory goes in large steps and finds the last entry at once', async () => {
    const zip = createMemoryZip()
    const entry = (index: number): ZipEntry => ({
      name: `mail/INBOX/${String(index).padStart(6, '0')} a subject of some length.eml`,
      method: 0,
      crc32: 0,
      sizeBytes: 0,
      compressedBytes: 0,
      modifiedAt: null,
    })
    const count = 70_000
    for (let start = 0; start < count; start += 1000) {
      const entries = Array.from({ length: 1000 }, (_, index) => entry(start + index))
      const headers = entries.map(localHeader)
      const bytes = headers[0]!.length
      await zip.append(
        Buffer.concat(headers),
        entries.map((each, index) => ({ ...each, offsetInBatch: index * bytes })),
      )
    }
    await zip.finish()
    const bytes = zip.bytes()
    let reads = 0
    const file: RandomAccessFile = {
      sizeBytes: bytes.length,
      read: async (offset, length) => {
        reads++
        return bytes.subarray(offset, offset + length)
      },
    }
    const reader = await openZip(file)
    expect(reader.entryCount).toBe(count)
    reads = 0
    expect(await reader.find(entry(count - 1).name)).toMatchObject({ isPlain: true })
    expect(reads).toBe(1)
    let seen = 0
    for await (const each of reader.entries()) if (each.name === entry(seen).name) seen++
    expect(seen).toBe(count)
    expect(reads).toBeLessThan(12)
  })

  test('ahead gives the same bytes in fewer reads', async () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251))
    let reads = 0
    const file = readAhead(
      {
        sizeBytes: bytes.length,
        read: async (offset, length) => {
          reads++
          return bytes.subarray(offset, offset + length)
        },
      },
      1000,
    )
    for (let at = 0; at < bytes.length; at += 10)
      expect(Buffer.compare(await file.read(at, 10), bytes.subarray(at, at + 10))).toBe(0)
    expect(reads).toBe(5)
    expect(await file.read(4995, 100)).toHaveLength(5)
    expect(await file.read(0, 2000)).toHaveLength(2000)
  })
})

test('entries of one name are both listed, and the last is found', async () => {
  const zip = createMemoryZip()
  await zip.add('a', 'first')
  await zip.add('a', 'second')
  await zip.finish()
  const reader = await openZip(memoryFile(zip.bytes()))
  const entries: CentralEntry[] = []
  for await (const entry of reader.entries()) entries.push(entry)
  expect(entries).toHaveLength(2)
  expect(String(await collect(reader.openEntry((await reader.find('a'))!)))).toBe('second')
})
