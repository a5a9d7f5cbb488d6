import { Buffer } from 'node:buffer'
import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { centralRecord, endRecords } from './central-record.ts'
import { fromDosTime, toDosTime } from './dos-time.ts'
import { entryBytes, localHeader, type ZipEntry } from './local-header.ts'
import { createMemoryZip, memorySpool } from './memory-zip.ts'
import { memoryFile, type RandomAccessFile } from './random-access-file.ts'
import { openZip } from './read-zip.ts'
import { type BatchEntry, createZipWriter } from './zip-writer.ts'

const GiB = 2 ** 30

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

describe('what is written is read again', () => {
  test('for any entries, in batches of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            name: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map((name) => name.toWellFormed()),
            content: fc.uint8Array({ maxLength: 3000 }),
            method: fc.constantFrom(0 as const, 8 as const),
            modifiedAt: fc.option(fc.date({ noInvalidDate: true })),
          }),
          { maxLength: 12 },
        ),
        fc.integer({ min: 1, max: 5 }),
        async (items, perBatch) => {
          const zip = createMemoryZip()
          const offsets: number[] = []
          for (let at = 0; at < items.length; at += perBatch) {
            const entries: BatchEntry[] = []
            const parts: Uint8Array[] = []
            let offsetInBatch = 0
            for (const { name, content, method, modifiedAt } of items.slice(at, at + perBatch)) {
              const data = method === 0 ? content : deflateRawSync(content)
              const entry: ZipEntry = {
                name,
                method,
                modifiedAt,
                crc32: crc32(content),
                sizeBytes: content.length,
                compressedBytes: data.length,
              }
              entries.push({ ...entry, offsetInBatch })
              parts.push(localHeader(entry), data)
              offsetInBatch += entryBytes(entry)
            }
            offsets.push(...(await zip.append(Buffer.concat(parts), entries)))
          }
          const { sizeBytes } = await zip.finish()
          expect(zip.bytes().length).toBe(sizeBytes)
          const reader = await openZip(memoryFile(zip.bytes()))
          let index = 0
          for await (const entry of reader.entries()) {
            const item = items[index]!
            expect(entry).toMatchObject({ name: item.name, isPlain: true, headerOffset: offsets[index] })
            expect(await collect(reader.openEntry(entry))).toEqual(Buffer.from(item.content))
            const { name: _, modifiedAt: __, ...place } = entry
            expect(await collect(reader.openEntry(place))).toEqual(Buffer.from(item.content))
            index++
          }
          expect(index).toBe(items.length)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('when large entries stream through, stored and deflated', async () => {
    const content = Buffer.alloc(5_000_000, 'all work and no play makes jack a dull boy ')
    const deflated = deflateRawSync(content, { level: 0 })
    const zip = createMemoryZip()
    const facts = { crc32: crc32(content), sizeBytes: content.length, modifiedAt: null }
    const inSteps = async function* (bytes: Buffer) {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
    }
    await zip.appendStream(
      { ...facts, name: 'deflated', method: 8, compressedBytes: deflated.length },
      inSteps(deflated),
    )
    await zip.appendStream({ ...facts, name: 'stored', method: 0, compressedBytes: content.length }, inSteps(content))
    await zip.finish()
    const reader = await openZip(memoryFile(zip.bytes()))
    for (const name of ['deflated', 'stored']) {
      const entry = await reader.find(name)
      expect((await collect(reader.openEntry(entry!))).equals(content)).toBe(true)
    }
    expect(await reader.find('neither')).toBeNull()
  })
})

describe('the writer', () => {
  test('refuses data that is not what the entry announced, and is unusable afterwards', async () => {
    const entry: ZipEntry = {
      name: 'a',
      method: 0,
      crc32: crc32('abc'),
      sizeBytes: 3,
      compressedBytes: 3,
      modifiedAt: null,
    }
    const of = async function* (text: string) {
      yield Buffer.from(text)
    }
    for (const [text, reason] of [
      ['abcd', 'longer'],
      ['ab', 'shorter'],
      ['abd', 'CRC-32'],
    ] as const) {
      const zip = createMemoryZip()
      await expect(zip.appendStream(entry, of(text))).rejects.toThrow(reason)
      await expect(zip.appendStream(entry, of('abc'))).rejects.toThrow(reason)
      await expect(zip.finish()).rejects.toThrow(reason)
    }
  })

  test('refuses batches whose entries leave a gap, overlap or are no entries', async () => {
    const zip = () => createMemoryZip()
    const entry: ZipEntry = { name: 'a', method: 0, crc32: 0, sizeBytes: 0, compressedBytes: 0, modifiedAt: null }
    const header = localHeader(entry)
    const at = (offsetInBatch: number): BatchEntry => ({ ...entry, offsetInBatch })
    await expect(zip().append(header, [at(1)])).rejects.toThrow('batch')
    await expect(zip().append(Buffer.concat([header, Buffer.of(0)]), [at(0)])).rejects.toThrow('add up')
    await expect(zip().append(header, [at(0), at(0)])).rejects.toThrow('batch')
    await expect(zip().append(Buffer.alloc(header.length), [at(0)])).rejects.toThrow('batch')
  })

  test('carries out calls that overlap one after the other', async () => {
    const parts: Uint8Array[] = []
    const writer = createZipWriter({
      write: async (bytes) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
        parts.push(Uint8Array.from(bytes))
      },
      spool: memorySpool(),
    })
    const entry = (name: string): ZipEntry => ({
      name,
      method: 0,
      crc32: crc32(name),
      sizeBytes: name.length,
      compressedBytes: name.length,
      modifiedAt: null,
    })
    const data = async function* (name: string) {
      yield Buffer.from(name)
    }
    const names = ['one', 'two', 'three', 'four']
    await Promise.all(names.map((name) => writer.appendStream(entry(name), data(name))))
    await writer.finish()
    const reader = await openZip(memoryFile(Buffer.concat(parts)))
    const read: string[] = []
    for await (const entry of reader.entries()) read.push(String(await collect(reader.openEntry(entry))))
    expect(read).toEqual(names)
  })

  test('gives the same bytes for the same entries', async () => {
    const make = async () => {
      const zip = createMemoryZip()
      await zip.add('mail/a.eml', 'a', { modifiedAt: new Date('2026-01-02T03:04:06Z') })
      await zip.add('mail/b.eml', 'b')
      await zip.finish()
      return zip.bytes()
    }
    expect(await make()).toEqual(await make())
  })
})

describe('ZIP64', () => {
  const entry = (sizeBytes: number, compressedBytes: number): ZipEntry => ({
    name: 'big',
    method: 8,
    crc32: 1,
    sizeBytes,
    compressedBytes,
    modifiedAt: null,
  })

  test('appears in a local header exactly from 4 GiB - 1 on, then with both sizes', () => {
    expect(localHeader(entry(4 * GiB - 2, 10))).toHaveLength(33)
    const header = Buffer.from(localHeader(entry(4 * GiB - 1, 10)))
    expect(header).toHaveLength(53)
    expect(header.readUInt32LE(18)).toBe(0xffffffff)
    expect(header.readUInt32LE(22)).toBe(0xffffffff)
    expect(header.readBigUInt64LE(37)).toBe(BigInt(4 * GiB - 1))
    expect(header.readBigUInt64LE(45)).toBe(10n)
  })

  test('holds in a central record only what needs it, in the order size, compressed size, offset', () => {
    const extra = (record: Uint8Array) => Buffer.from(record).subarray(49)
    expect(extra(centralRecord(entry(9, 9), 4 * GiB - 2))).toHaveLength(0)
    expect(extra(centralRecord(entry(9, 9), 5 * GiB)).readBigUInt64LE(4)).toBe(BigInt(5 * GiB))
    const all = extra(centralRecord(entry(7 * GiB, 6 * GiB), 5 * GiB))
    expect([4, 12, 20].map((at) => Number(all.readBigUInt64LE(at)) / GiB)).toEqual([7, 6, 5])
  })

  test('appears at the end from 65,535 entries on', () => {
    expect(endRecords({ entryCount: 65_534, offset: 9, sizeBytes: 9 })).toHaveLength(22)
    expect(endRecords({ entryCount: 65_535, offset: 9, sizeBytes: 9 })).toHaveLength(98)
    expect(endRecords({ entryCount: 1, offset: 4 * GiB, sizeBytes: 9 })).toHaveLength(98)
  })

  test('carries an archive beyond 4 GiB: written to a sink that keeps only what is not data, then read back', async () => {
    const kept: { start: number; bytes: Uint8Array }[] = []
    let size = 0
    const zeros = Buffer.alloc(64 << 20)
    const writer = createZipWriter({
      write: (bytes) => {
        if (bytes !== zeros) kept.push({ start: size, bytes: Uint8Array.from(bytes) })
        size += bytes.length
      },
      spool: memorySpool(),
    })
    const steps = 65 // 4 GiB + 64 MiB
    let crc = 0
    for (let step = 0; step < steps; step++) crc = crc32(zeros, crc)
    const bytes = steps * zeros.length
    const big: ZipEntry = {
      name: 'big',
      method: 0,
      crc32: crc,
      sizeBytes: bytes,
      compressedBytes: bytes,
      modifiedAt: null,
    }
    await writer.appendStream(
      big,
      (async function* () {
        for (let step = 0; step < steps; step++) yield zeros
      })(),
    )
    const after: ZipEntry = {
      name: 'after',
      method: 0,
      crc32: crc32('hello'),
      sizeBytes: 5,
      compressedBytes: 5,
      modifiedAt: null,
    }
    await writer.append(Buffer.concat([localHeader(after), Buffer.from('hello')]), [{ ...after, offsetInBatch: 0 }])
    await writer.finish()

    const file: RandomAccessFile = {
      sizeBytes: size,
      read: async (offset, length) => {
        const answer = Buffer.alloc(Math.min(length, size - offset))
        for (const { start, bytes } of kept) {
          const from = Math.max(start, offset)
          const to = Math.min(start + bytes.length, offset + answer.length)
          if (from < to) answer.set(bytes.subarray(from - start, to - start), from - offset)
        }
        return answer
      },
    }
    const reader = await openZip(file)
    const found = []
    for await (const entry of reader.entries()) found.push(entry)
    expect(found).toMatchObject([
      { name: 'big', sizeBytes: bytes, headerOffset: 0, isPlain: true },
      { name: 'after', headerOffset: bytes + 53, isPlain: true },
    ])
    expect(String(await collect(reader.openEntry((await reader.find('after'))!)))).toBe('hello')
  }, 60_000)
})

test('a DOS time comes back as the moment it was, to two seconds, or as the nearest there is', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1980-01-01T00:00:00Z'), max: new Date('2107-12-31T23:59:58Z'), noInvalidDate: true }),
      (date) => {
        const back = fromDosTime(toDosTime(date))
        expect(back!.getTime()).toBe(Math.floor(date.getTime() / 2000) * 2000)
      },
    ),
  )
  expect(fromDosTime(toDosTime(new Date(0)))?.toISOString()).toBe('1980-01-01T00:00:00.000Z')
  expect(fromDosTime(toDosTime(new Date('2200-05-05')))?.toISOString()).toBe('2107-12-31T23:59:58.000Z')
  expect(fromDosTime(toDosTime(null))?.toISOString()).toBe('1980-01-01T00:00:00.000Z')
  expect(fromDosTime(0)).toBeNull()
})
