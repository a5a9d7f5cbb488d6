import { execFile } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memorySpool } from '../../formats/zip/memory-zip.ts'
import { memoryFile } from '../../formats/zip/random-access-file.ts'
import { openZip } from '../../formats/zip/read-zip.ts'
import { createZipWriter } from '../../formats/zip/zip-writer.ts'
import type { DraftFile } from '../../ports/draft-file.ts'
import type { Packed, PackedEntry } from '../../ports/readers.ts'
import type { ItemIssue, ItemRef, SourceFolder } from '../../ports/source.ts'
import { createLayout } from '../archive/archive-layout.ts'
import { batchBytes, createItemPacker, modifiedAt, wholeItemBytes } from './item-packer.ts'

const run = promisify(execFile)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const folders: readonly SourceFolder[] = [
  { kind: 'mail' as const, path: ['INBOX'], serverName: 'INBOX', generation: '7' },
  { kind: 'calendar' as const, path: ['Work'], serverName: '/dav/work/', generation: null },
  { kind: 'contact' as const, path: ['Friends'], serverName: '/dav/friends/', generation: null },
].map((folder) => ({ ...folder, isSelectable: true, properties: {} }))

const header = Buffer.from('Subject: Grüße\r\nMessage-ID: <a@example.org>\r\n\r\n', 'utf8')
const noise = (length: number): Buffer => randomFillSync(Buffer.alloc(length))
const text = (length: number): Buffer => Buffer.alloc(length, 'A line that repeats itself, as many messages do.\r\n')
const message = (length: number, body: (length: number) => Buffer = text): Buffer =>
  Buffer.concat([header, body(length)]).subarray(0, length)

type Item = { readonly ref: ItemRef; readonly bytes: Uint8Array }

/** A packer with everything around it in memory, and a consumer that writes a ZIP and spoils what it gives back. */
const openBench = (folderIndex = 0) => {
  const issues: ItemIssue[] = []
  const spools = new Map<string, Buffer>()
  const entries: PackedEntry[] = []
  const parts: Buffer[] = []
  let counted = 0
  let bufferCount = 0
  const free: Uint8Array[] = []
  const zip = createZipWriter({
    write: (bytes) => void parts.push(Buffer.from(bytes)),
    spool: memorySpool(),
  })
  let writing: Promise<unknown> = Promise.resolve()
  const emit = async (packed: Packed, hash: string) => {
    if (packed.form === 'spool') {
      entries.push(packed.entry)
      const { record, ...rest } = packed.entry
      const entry = {
        ...rest,
        name: record.entry,
        sizeBytes: record.sizeBytes,
        modifiedAt: modifiedAt(record.internalDate),
      }
      const bytes = spools.get(packed.path)!
      expect(bytes.length).toBe(packed.entry.compressedBytes)
      await zip.appendStream(
        entry,
        (async function* () {
          yield bytes
        })(),
      )
      return
    }
    const { bytes } = packed
    entries.push(...packed.entries)
    await zip.append(
      bytes,
      packed.entries.map((entry) => ({
        ...entry,
        name: entry.record.entry,
        sizeBytes: entry.record.sizeBytes,
        modifiedAt: modifiedAt(entry.record.internalDate),
      })),
    )
    // Handed over for good: were the packer to look at it or write into it again, the hashes would tell.
    expect(sha256(bytes)).toBe(hash)
    bytes.fill(0xee)
    if (bytes.buffer.byteLength === batchBytes) free.push(new Uint8Array(bytes.buffer))
  }
  const packer = createItemPacker(folderIndex, {
    folders,
    layout: createLayout(folders),
    takeBuffer: () => {
      const buffer = free.pop()
      if (buffer) return buffer
      bufferCount += 1
      // The second one comes late, as if all were with the writer.
      return bufferCount === 2 ? Promise.resolve(new Uint8Array(batchBytes)) : new Uint8Array(batchBytes)
    },
    emit: (packed) => {
      const hash = packed.form === 'batch' ? sha256(packed.bytes) : ''
      const written = writing.then(() => emit(packed, hash))
      writing = written
      written.catch(() => {})
      return packed.form === 'spool' ? written : undefined
    },
    createSpool: async () => {
      const path = `spool-${spools.size}`
      spools.set(path, Buffer.alloc(0))
      const file: DraftFile = {
        path,
        append: async (bytes) => void spools.set(path, Buffer.concat([spools.get(path)!, bytes])),
        read: async (offset, length) => spools.get(path)!.subarray(offset, offset + length),
        get sizeBytes() {
          return spools.get(path)!.length
        },
        finish: async () => {},
        close: async () => {},
      }
      return file
    },
    onIssue: (issue) => issues.push(issue),
    onBytes: (bytes) => {
      counted += bytes
    },
  })
  const begin = (ref: ItemRef) =>
    packer.begin(
      typeof ref === 'number'
        ? { ref, receivedAtMs: 0, internalDate: '17-Jul-1996 02:44:25 -0700', flags: ['\\Seen'] }
        : { ref, receivedAtMs: null, etag: '"1"' },
      null,
    )
  return {
    packer,
    issues,
    spools,
    entries,
    begin,
    counted: () => counted,
    /** As a reader does it: one buffer of its own, refilled after each call. */
    put: async ({ ref, bytes }: Item, chunkBytes = 16_384) => {
      begin(ref)
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes))
        await packer.write(chunk)
        chunk.fill(0xdd)
      }
      await packer.end()
    },
    finish: async (): Promise<Buffer> => {
      packer.flush()
      await writing
      await zip.finish()
      return Buffer.concat(parts)
    },
  }
}
type Bench = ReturnType<typeof openBench>

/** Reads the archive back and compares each item with its record and with what was put in. */
const expectWhole = async (bench: Bench, zip: Buffer, items: readonly Item[]) => {
  const reader = await openZip(memoryFile(zip))
  const found = new Map<string, Buffer>()
  for await (const entry of reader.entries()) {
    const parts: Uint8Array[] = []
    for await (const part of reader.openEntry(entry)) parts.push(part)
    found.set(entry.name, Buffer.concat(parts))
  }
  expect(found.size).toBe(items.length)
  expect(bench.entries.map(({ record }) => record.uid ?? record.href).sort()).toEqual(
    items.map(({ ref }) => ref).sort(),
  )
  const byRef = new Map(items.map(({ ref, bytes }) => [ref, bytes]))
  for (const { record, method, compressedBytes } of bench.entries) {
    const bytes = byRef.get((record.uid ?? record.href)!)!
    const back = found.get(record.entry)!
    expect(back.equals(bytes)).toBe(true)
    expect(record).toMatchObject({ sizeBytes: bytes.length, sha256: sha256(bytes) })
    if (method === 0) expect(compressedBytes).toBe(bytes.length)
  }
  expect(bench.counted()).toBe(items.reduce((sum, { bytes }) => sum + bytes.length, 0))
}

describe('an item becomes an entry', () => {
  it.each([
    ['no bytes at all', Buffer.alloc(0), 0],
    ['one byte', Buffer.from('x'), 0],
    ['a short message', message(900), 8],
    ['just below what is held whole', message(wholeItemBytes - 1), 8],
    ['exactly what is held whole', message(wholeItemBytes), 8],
    ['just above it', message(wholeItemBytes + 1), 8],
    ['whole and incompressible', noise(wholeItemBytes), 0],
    ['streamed and incompressible', noise(wholeItemBytes + 70_000), 8],
    ['so large that it is spooled', message(5 << 20, noise), 8],
    ['large, yet small once deflated', message(5 << 20), 8],
  ] as const)('of %s', async (_, bytes, method) => {
    const bench = openBench()
    await bench.put({ ref: 1, bytes })
    await expectWhole(bench, await bench.finish(), [{ ref: 1, bytes }])
    expect(bench.entries[0]!.method).toBe(method)
  })

  it('in one chunk as in many: its fields are found however it comes', async () => {
    for (const chunkBytes of [7, 65_536, wholeItemBytes, 1 << 20]) {
      const bench = openBench()
      const bytes = message(wholeItemBytes + 1000)
      await bench.put({ ref: 1, bytes }, chunkBytes)
      await expectWhole(bench, await bench.finish(), [{ ref: 1, bytes }])
      expect(bench.issues).toEqual([])
      expect(bench.entries[0]!.record).toMatchObject({ messageId: 'a@example.org', flags: ['\\Seen'] })
      expect(bench.entries[0]!.record.entry).toContain('Grüße')
      expect(bench.entries[0]!.record.internalDate).toBe('1996-07-17T02:44:25-07:00')
    }
  })

  it('spooled only where it is too much to hold', async () => {
    const small = openBench()
    await small.put({ ref: 1, bytes: message(1 << 20, noise) })
    await small.finish()
    expect(small.spools.size).toBe(0)
    const large = openBench()
    await large.put({ ref: 1, bytes: message(4 << 20, noise) })
    await large.finish()
    expect(large.spools.size).toBe(1)
  })

  it('with a remark when it is not what it should be, and taken as it is', async () => {
    for (const folderIndex of [0, 1, 2]) {
      const bench = openBench(folderIndex)
      const ref = folderIndex === 0 ? 1 : `${folders[folderIndex]!.serverName}a`
      const bytes = Buffer.from('\u0000\u0001 no such thing')
      await bench.put({ ref, bytes })
      await expectWhole(bench, await bench.finish(), [{ ref, bytes }])
      expect(bench.issues).toMatchObject([{ ref, code: 'malformed', isLost: false }])
      expect(bench.issues[0]!.text).not.toContain('no such thing')
    }
  })

  it('that is a card with a photo before its UID is searched as a whole', async () => {
    const bench = openBench(2)
    const photo = noise(300_000).toString('base64').replace(/.{74}/g, '$&\r\n ')
    const bytes = Buffer.from(
      `BEGIN:VCARD\r\nVERSION:3.0\r\nPHOTO;ENCODING=b:${photo}\r\nFN:Bruno\r\nUID:late\r\nEND:VCARD\r\n`,
    )
    await bench.put({ ref: '/dav/friends/b.vcf', bytes }, 1 << 20)
    await expectWhole(bench, await bench.finish(), [{ ref: '/dav/friends/b.vcf', bytes }])
    expect(bench.issues).toEqual([])
    expect(bench.entries[0]!.record.objectUid).toBe('late')
    expect(bench.entries[0]!.fields.title).toBe('Bruno')
  })

  it('that is an object larger than what is looked at is not called malformed for it', async () => {
    const bench = openBench(1)
    const bytes = Buffer.from(
      `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:u\r\nSUMMARY:Plan\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:${'QUJD'.repeat(
        1_200_000,
      )}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`,
    )
    await bench.put({ ref: '/dav/work/p.ics', bytes })
    await expectWhole(bench, await bench.finish(), [{ ref: '/dav/work/p.ics', bytes }])
    expect(bench.issues).toEqual([])
  })
})

describe('batches', () => {
  it('are handed on before one more item might not fit, and never touched again', async () => {
    const bench = openBench()
    const items = Array.from({ length: 300 }, (_, at) => ({ ref: at + 1, bytes: message(1 + at * 331, noise) }))
    for (const item of items) await bench.put(item)
    await expectWhole(bench, await bench.finish(), items)
  })

  it('hold nothing of an item that was broken off', async () => {
    const bench = openBench()
    const whole = { ref: 1, bytes: message(2000) }
    await bench.put(whole)
    for (const length of [0, 10, wholeItemBytes, wholeItemBytes * 3, 5 << 20]) {
      bench.begin(2)
      const broken = noise(length)
      for (let at = 0; at < length; at += 65_536) await bench.packer.write(broken.subarray(at, at + 65_536))
      await bench.packer.discard()
    }
    await bench.packer.discard()
    const again = { ref: 2, bytes: message(700_000) }
    await bench.put(again)
    const counted = bench.counted()
    const zip = await bench.finish()
    expect(counted).toBeGreaterThan(whole.bytes.length + again.bytes.length)
    const reader = await openZip(memoryFile(zip))
    const sizes: number[] = []
    for await (const entry of reader.entries()) sizes.push(entry.sizeBytes)
    expect(sizes.sort()).toEqual([2000, 700_000])
    expect(bench.entries.find(({ record }) => record.uid === 2)!.record.sha256).toBe(sha256(again.bytes))
  })

  it('cannot end what was never begun', () => {
    expect(() => openBench().packer.end()).toThrow('never begun')
  })

  it('any sequence of items comes out byte for byte', async () => {
    const size = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
      { weight: 2, arbitrary: fc.integer({ min: wholeItemBytes - 3, max: wholeItemBytes + 3 }) },
      { weight: 1, arbitrary: fc.integer({ min: 300_000, max: 3_500_000 }) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ size, isNoise: fc.boolean() }), { maxLength: 12 }),
        fc.integer({ min: 1000, max: 300_000 }),
        async (wanted, chunkBytes) => {
          const bench = openBench()
          const items = wanted.map(({ size, isNoise }, at) => ({
            ref: at + 1,
            bytes: message(size, isNoise ? noise : text),
          }))
          for (const item of items) await bench.put(item, chunkBytes)
          await expectWhole(bench, await bench.finish(), items)
        },
      ),
      { numRuns: 25 },
    )
  }, 30_000)
})

describe('an archive of packed items', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stillbox-packer-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is read by python and by unzip', async () => {
    const bench = openBench()
    const items = [0, 1, 1000, wholeItemBytes, wholeItemBytes + 1, 3 << 20].map((length, at) => ({
      ref: at + 1,
      bytes: message(length, at % 2 === 0 ? noise : text),
    }))
    for (const item of items) await bench.put(item)
    const path = join(folder, 'packed.zip')
    await writeFile(path, await bench.finish())
    const script =
      'import sys,zipfile,hashlib\nz=zipfile.ZipFile(sys.argv[1])\nfor i in z.infolist(): print(i.file_size, hashlib.sha256(z.read(i)).hexdigest(), i.date_time[0])'
    const { stdout } = await run('python3', ['-c', script, path])
    expect(stdout.trim().split('\n').sort()).toEqual(
      items.map(({ bytes }) => `${bytes.length} ${sha256(bytes)} 1996`).sort(),
    )
    await run('unzip', ['-q', path, '-d', join(folder, 'out')], { env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    for (const { record } of bench.entries)
      expect(sha256(await readFile(join(folder, 'out', record.entry)))).toBe(record.sha256)
  })
})
