import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { someAdministrator } from '../../../test/doubles/callers.ts'
import { basic, startTestService, type TestService, testSnapshot } from '../../../test/doubles/http-service.ts'
import type { StoredArchive } from '../../ports/archive-store.ts'
import { contextOf } from '../request-context.ts'
import { decideRange } from './byte-range.ts'
import { attachmentNamed } from './content-disposition.ts'
import { createDownload } from './download-archive.ts'
import { createFileSender } from './send-file.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})

const chunkBytes = 1024 * 1024
const pattern = Buffer.from(Uint8Array.from({ length: 251 }, (_, index) => index))
const modifiedAtMs = Date.parse('2026-11-17T14:00:03.456Z')

/** An archive whose bytes follow from their position, and that counts who has it open and how much was read. */
const createArchive = (sizeBytes: number) => {
  const seen = { open: 0, readBytes: 0, aborted: 0 }
  const bytes = (start: number, end: number) => {
    const skipped = start % pattern.length
    return Buffer.alloc(skipped + end - start + 1, pattern).subarray(skipped)
  }
  const archive: StoredArchive = {
    sizeBytes,
    modifiedAtMs,
    async *stream({ start, end }, signal) {
      seen.open++
      try {
        for (let at = start; at <= end; at += chunkBytes) {
          signal.throwIfAborted()
          const chunk = bytes(at, Math.min(end, at + chunkBytes - 1))
          seen.readBytes += chunk.length
          yield chunk
        }
      } finally {
        if (signal.aborted) seen.aborted++
        seen.open--
      }
    },
    close: async () => {},
  }
  return { archive, seen, bytes }
}

const small = createArchive(1_000)
const etag = `"${testSnapshot.snapshotId}-rs-abababababababab"`
const lastModified = 'Tue, 17 Nov 2026 14:00:03 GMT'

const start = async (options: Parameters<typeof startTestService>[0] = { archive: small.archive }): Promise<string> => {
  service = await startTestService(options)
  return `${service.url}/download/${testSnapshot.snapshotId}`
}
const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(url, { method, headers: { ...basic(), ...headers } })
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer())

describe('an archive', () => {
  test('comes whole, with all that is needed to go on later', async () => {
    const response = await get(await start())
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-length': '1000',
      'content-disposition': `attachment; filename="anna@sample.example.zip"; filename*=UTF-8''anna%40sample.example.zip`,
      'accept-ranges': 'bytes',
      etag,
      'last-modified': lastModified,
      'cache-control': 'private, no-cache, no-transform',
      'x-content-type-options': 'nosniff',
    })
    expect((await bytesOf(response)).equals(small.bytes(0, 999))).toBe(true)
  })

  test('HEAD tells the same without a byte', async () => {
    const response = await get(await start(), { range: 'bytes=0-1' }, 'HEAD')
    expect([response.status, response.headers.get('content-length'), response.headers.get('etag')]).toEqual([
      200,
      '1000',
      etag,
    ])
  })

  test.each([
    ['bytes=0-0', 206, 0, 0],
    ['bytes=0-499', 206, 0, 499],
    ['bytes=500-', 206, 500, 999],
    ['bytes=-1', 206, 999, 999],
    ['bytes=-5000', 206, 0, 999],
    ['bytes=990-5000', 206, 990, 999],
    ['BYTES= 1-2', 206, 1, 2],
    ['bytes=1000-', 416, 0, 0],
    ['bytes=99999999999999999999-', 200, 0, 999],
    ['bytes=-0', 416, 0, 0],
    ['bytes=1000-,2000-', 416, 0, 0],
    ['bytes=0-1,5-6', 200, 0, 999],
    ['bytes=0-1,2000-', 200, 0, 999],
    ['bytes=5-1', 200, 0, 999],
    ['bytes=a-b', 200, 0, 999],
    ['bytes=-', 200, 0, 999],
    ['bytes=', 200, 0, 999],
    ['items=0-1', 200, 0, 999],
    ['bytes=0--1', 200, 0, 999],
  ])('Range %s gives %i', async (range, status, from, to) => {
    const response = await get(await start(), { range })
    expect(response.status).toBe(status)
    if (status === 416) {
      expect(response.headers.get('content-range')).toBe('bytes */1000')
      expect(await response.text()).toBe('')
      return
    }
    expect(response.headers.get('content-range')).toBe(status === 206 ? `bytes ${from}-${to}/1000` : null)
    expect(response.headers.get('content-length')).toBe(String(to - from + 1))
    expect((await bytesOf(response)).equals(small.bytes(from, to))).toBe(true)
  })

  test.each([
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `"other", W/${etag}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"other"' }, 206],
    [{ 'if-modified-since': lastModified }, 304],
    [{ 'if-modified-since': 'Tue, 17 Nov 2026 14:00:02 GMT' }, 206],
    [{ 'if-modified-since': 'rubbish' }, 206],
    [{ 'if-none-match': '"other"', 'if-modified-since': lastModified }, 206],
    [{ 'if-match': etag }, 206],
    [{ 'if-match': `W/${etag}` }, 412],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-unmodified-since': 'Tue, 17 Nov 2026 14:00:02 GMT' }, 412],
    [{ 'if-unmodified-since': lastModified }, 206],
    [{ 'if-range': etag }, 206],
    [{ 'if-range': '"other"' }, 200],
    [{ 'if-range': `W/${etag}` }, 200],
    [{ 'if-range': lastModified }, 206],
    [{ 'if-range': 'Tue, 17 Nov 2026 14:00:04 GMT' }, 200],
  ])('a range under the condition %j gives %i', async (headers, status) => {
    const response = await get(await start(), { range: 'bytes=0-9', ...headers })
    expect(response.status).toBe(status)
    expect((await response.text()).length > 0).toBe(status < 300)
    expect(response.headers.get('etag')).toBe(etag)
  })

  test.each([
    ['not available', { snapshot: { state: 'dumping' as const } }, 409, /while the snapshot is dumping/],
    ['not in the store', { archive: null }, 410, /not in the store any more/],
  ])('one that is %s is refused in plain words', async (_, options, status, words) => {
    const response = await get(await start(options))
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8'])
    expect(response.headers.get('content-disposition')).toBeNull()
    expect(await response.text()).toMatch(words)
  })

  test('one that does not exist, or cannot, is not found', async () => {
    const url = await start()
    for (const other of [url.replace('3f0d', '4f0d'), `${url}x`, url.replace(/[^/]+$/, '..%2f..%2fetc')])
      expect((await get(other)).status).toBe(404)
  })
})

describe('a large archive', () => {
  const sizeBytes = 64 * chunkBytes + 17

  test('is read no faster than it is taken, and closed when the client goes', async () => {
    const large = createArchive(sizeBytes)
    const url = await start({ archive: large.archive })
    const sent = httpRequest(url, { headers: basic() })
    await new Promise<void>((resolve, reject) => {
      sent.on('response', (response) => {
        response.once('readable', () => {
          response.read(1)
          resolve()
        })
      })
      sent.on('error', reject)
      sent.end()
    })
    // Whatever the sockets of both sides hold is read at once; then it must stand still.
    let before = -1
    await vi.waitFor(
      () => {
        const isStill = large.seen.readBytes === before
        before = large.seen.readBytes
        expect(isStill).toBe(true)
      },
      { interval: 150, timeout: 30_000 },
    )
    expect(large.seen.readBytes).toBeLessThan(sizeBytes / 2)
    expect(large.seen.open).toBe(1)
    sent.on('error', () => {})
    sent.destroy()
    await vi.waitFor(() => expect(large.seen).toMatchObject({ open: 0, aborted: 1 }), { timeout: 30_000 })
  })

  test('that breaks off half-way does not look whole', async () => {
    const broken = createArchive(sizeBytes)
    const url = await start({
      archive: {
        ...broken.archive,
        async *stream(range, signal) {
          for await (const chunk of broken.archive.stream(range, signal)) {
            yield chunk
            if (broken.seen.readBytes > 4 * chunkBytes) throw new Error('the disk is gone')
          }
        },
      },
    })
    const response = await get(url)
    expect(response.status).toBe(200)
    await expect(response.arrayBuffer()).rejects.toThrow()
    expect(broken.seen.open).toBe(0)
    expect(service?.logLines.some((line) => line.msg === 'unexpected error')).toBe(true)
  })

  test('goes on where curl stopped', async () => {
    const large = createArchive(sizeBytes)
    const url = await start({ archive: large.archive })
    const folder = mkdtempSync(join(tmpdir(), 'stillbox-curl-'))
    try {
      const file = join(folder, 'archive.zip')
      const taken = 10_000_001
      writeFileSync(file, large.bytes(0, taken - 1))
      const curl = promisify(execFile)
      const args = ['-sS', '--fail', '-u', 'johndoe:correct horse battery', '-C', '-', '-o', file, url]
      await curl('curl', args)
      const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
      expect(digest(readFileSync(file))).toBe(digest(large.bytes(0, sizeBytes - 1)))
      expect(large.seen.readBytes).toBe(sizeBytes - taken)
      // Nothing is left to fetch, and a second try leaves the file as it is.
      await curl(
        'curl',
        args.filter((arg) => arg !== '--fail'),
      )
      expect(readFileSync(file).length).toBe(sizeBytes)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }, 30_000)
})

test('more downloads than there may be at once are asked to wait', async () => {
  const opened = Promise.withResolvers<void>()
  const download = createDownload({
    snapshots: { get: async () => testSnapshot },
    archives: {
      open: () => {
        opened.resolve()
        return new Promise(() => {})
      },
    },
    audit: { began: async () => {}, failed: async () => {} },
    sendFile: createFileSender({ atOnce: 1, stalledMs: 1_000 }),
  })
  const request = { params: { snapshotId: testSnapshot.snapshotId } } as unknown as Parameters<typeof download>[0]
  contextOf(request).caller = someAdministrator
  const response = {} as Parameters<typeof download>[1]
  void download(request, response)
  await opened.promise
  await expect(download(request, response)).rejects.toMatchObject({ code: 'too_busy' })
})

describe('the name of a download', () => {
  test.each([
    ['plain.zip', `filename="plain.zip"; filename*=UTF-8''plain.zip`],
    ['Jörg Müller.zip', `filename="Jorg Muller.zip"; filename*=UTF-8''J%C3%B6rg%20M%C3%BCller.zip`],
    ['a"b\\c%41.zip', `filename="a_b_c_41.zip"; filename*=UTF-8''a_b_c%2541.zip`],
    ['a\r\nX-Evil: 1.zip', `filename="a_X-Evil_ 1.zip"; filename*=UTF-8''a_X-Evil_%201.zip`],
    ['../../etc/passwd', `filename="_.._etc_passwd"; filename*=UTF-8''_.._etc_passwd`],
    ['\u202egpj.zip', `filename="_gpj.zip"; filename*=UTF-8''_gpj.zip`],
    ['日本.zip', `filename="__.zip"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.zip`],
    ["it's (1)*.zip", `filename="it's (1)_.zip"; filename*=UTF-8''it%27s%20%281%29_.zip`],
    ['\ud800.zip', `filename="_.zip"; filename*=UTF-8''%EF%BF%BD.zip`],
    ['', `filename="download"; filename*=UTF-8''download`],
  ])('%j', (name, rest) => {
    expect(attachmentNamed(name)).toBe(`attachment; ${rest}`)
  })

  test('a hostile name does not make a header', async () => {
    const response = await get(
      await start({ archive: small.archive, snapshot: { archiveName: 'a"\r\nSet-Cookie: x=1\r\n\r\n<b>.zip' } }),
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(response.headers.get('content-disposition')).not.toMatch(/[\r\n<>]/)
  })

  test('is never longer than file systems take', () => {
    expect(attachmentNamed(`${'ü'.repeat(500)}.zip`)).toMatch(/^attachment; filename="u{120}\.zip"/)
  })
})

test('an empty archive has no byte to ask for', () => {
  expect(decideRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' })
  expect(decideRange('bytes=-1', 0)).toEqual({ kind: 'unsatisfiable' })
  expect(decideRange(undefined, 0)).toEqual({ kind: 'whole' })
})
