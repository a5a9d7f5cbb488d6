import { Buffer } from 'node:buffer'
import { execFile } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import yauzl from 'yauzl'
import { needs } from '../../../testkit/servers/needs.ts'
import { entryBytes, localHeader, type ZipEntry, zip64From } from './local-header.ts'
import { memorySpool } from './memory-zip.ts'
import { memoryFile } from './random-access-file.ts'
import { openZip } from './read-zip.ts'
import { createZipWriter, type ZipWriter } from './zip-writer.ts'

const run = promisify(execFile)
const moment = new Date('2026-11-21T10:20:30Z')

const contents: Readonly<Record<string, string>> = {
  'mail/INBOX/000001 Grüße 日本 👋.eml': 'Subject: hello\r\n\r\nbody\r\n'.repeat(500),
  'mail/INBOX/000002.eml': '',
  'calendar/Work.ics': 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n',
}

const add = async (writer: ZipWriter, entries: readonly (readonly [string, string])[]): Promise<void> => {
  let offset = 0
  const parts: Uint8Array[] = []
  const batch = entries.map(([name, content]) => {
    const data = deflateRawSync(content)
    const entry: ZipEntry = {
      name,
      method: 8,
      crc32: crc32(content),
      sizeBytes: Buffer.byteLength(content),
      compressedBytes: data.length,
      modifiedAt: moment,
    }
    parts.push(localHeader(entry), data)
    const offsetInBatch = offset
    offset += entryBytes(entry)
    return { ...entry, offsetInBatch }
  })
  await writer.append(Buffer.concat(parts), batch)
}

let folder: string
let small: string
let many: string
let large: string
const manyCount = 66_000
const largeBytes = zip64From + 12_345

const write = async (name: string, fill: (writer: ZipWriter) => Promise<void>): Promise<string> => {
  const path = join(folder, name)
  const parts: Uint8Array[] = []
  const writer = createZipWriter({
    write: (bytes) => {
      parts.push(Uint8Array.from(bytes))
    },
    spool: memorySpool(),
  })
  await fill(writer)
  await writer.finish()
  await writeFile(path, Buffer.concat(parts))
  return path
}

/** A stored entry of zeros beyond 4 GiB, in a sparse file that takes a few KB of disk. */
const writeLarge = async (): Promise<string> => {
  const path = join(folder, 'large.zip')
  const file = await open(path, 'w')
  const zeros = Buffer.alloc(1 << 20)
  let position = 0
  let crc = 0
  for (let done = 0; done < largeBytes; done += zeros.length)
    crc = crc32(zeros.subarray(0, Math.min(zeros.length, largeBytes - done)), crc)
  const writer = createZipWriter({
    write: async (bytes) => {
      if (bytes.buffer !== zeros.buffer) await file.write(bytes, 0, bytes.length, position)
      position += bytes.length
    },
    spool: memorySpool(),
  })
  const size = { sizeBytes: largeBytes, compressedBytes: largeBytes }
  await writer.appendStream(
    { name: 'large', method: 0, crc32: crc, modifiedAt: null, ...size },
    (async function* () {
      for (let done = 0; done < largeBytes; done += zeros.length)
        yield zeros.subarray(0, Math.min(zeros.length, largeBytes - done))
    })(),
  )
  await add(writer, Object.entries(contents))
  await writer.finish()
  await file.close()
  return path
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stillbox-zip-'))
  small = await write('small.zip', (writer) => add(writer, Object.entries(contents)))
  many = await write('many.zip', async (writer) => {
    for (let start = 0; start < manyCount; start += 1000)
      await add(
        writer,
        Array.from(
          { length: 1000 },
          (_, index) => [`mail/INBOX/${start + index}.eml`, `message ${start + index}`] as const,
        ),
      )
  })
  large = await writeLarge()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.skipIf(!needs('unzip'))('unzip', () => {
  test('finds small and many entries whole', async () => {
    for (const path of [small, many]) expect((await run('unzip', ['-tqq', path])).stderr).toBe('')
  })
  // It takes half a minute for the CRC-32 of 4 GiB; 7z below checks that.
  test('finds what lies beyond 4 GiB', async () => {
    const { stdout } = await run('unzip', ['-p', large, 'calendar/Work.ics'])
    expect(stdout).toBe(contents['calendar/Work.ics'])
    expect((await run('unzip', ['-Z', large])).stdout).toContain(`${largeBytes}`)
  })
  test('unpacks names, bytes and modes', async () => {
    const target = join(folder, 'unzipped')
    await run('unzip', ['-qq', small, '-d', target], { env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' } })
    for (const [name, content] of Object.entries(contents))
      expect(await readFile(join(target, name), 'utf8')).toBe(content)
    const { stdout } = await run('unzip', ['-Z', small])
    expect(stdout.match(/^-rw-r--r-- .*26-Nov-21 10:20/gm)).toHaveLength(3)
  })
})

describe.skipIf(!needs('sevenZip'))('7z', () => {
  test('finds small, many and large archives whole', async () => {
    for (const path of [small, many, large]) {
      const { stdout } = await run('7z', ['t', '-bd', path])
      expect(stdout).toContain('Everything is Ok')
      expect(stdout).not.toMatch(/warning/i)
    }
  })
})

describe.skipIf(!needs('python3'))('python zipfile', () => {
  test('reads names, sizes and bytes', async () => {
    const script = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    if len(archive.namelist()) < 10:
        print(json.dumps({ n: archive.read(n).decode() for n in archive.namelist() if archive.getinfo(n).file_size < 10**6 }))
    else:
        print(json.dumps([len(archive.namelist()), archive.testzip()]))
`
    const readBy = async (path: string): Promise<unknown> =>
      JSON.parse((await run('python3', ['-c', script, path], { env: { ...process.env, PYTHONUTF8: '1' } })).stdout)
    expect(await readBy(small)).toEqual(contents)
    expect(await readBy(many)).toEqual([manyCount, null])
    expect(await readBy(large)).toEqual(contents)
  })
})

describe('yauzl', () => {
  test('reads all entries', async () => {
    for (const [path, count] of [
      [small, 3],
      [many, manyCount],
      [large, 4],
    ] as const) {
      const zip = await yauzl.openPromise(path, { strictFileNames: true })
      expect(zip.entryCount).toBe(count)
      const names = new Set<string>()
      for await (const entry of zip.eachEntry()) names.add(entry.fileName)
      expect(names.size).toBe(count)
      if (path !== many) expect([...names]).toEqual(expect.arrayContaining(Object.keys(contents)))
    }
  })
})

test.skipIf(!needs('python3'))('we read what another writer writes', async () => {
  const path = join(folder, 'theirs.zip')
  const script = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('a.txt', 'hello ' * 1000)
    archive.writestr('grüße.txt', 'stored', zipfile.ZIP_STORED)
`
  await run('python3', ['-c', script, path], { env: { ...process.env, PYTHONUTF8: '1' } })
  const reader = await openZip(memoryFile(await readFile(path)))
  const read: Record<string, string> = {}
  for await (const entry of reader.entries()) {
    const { modifiedAt: _, ...facts } = entry
    read[entry.name] = ''
    for await (const chunk of reader.openEntry(facts)) read[entry.name] += Buffer.from(chunk).toString()
  }
  expect(read).toEqual({ 'a.txt': 'hello '.repeat(1000), 'grüße.txt': 'stored' })
})
