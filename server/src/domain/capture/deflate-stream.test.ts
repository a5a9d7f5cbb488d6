import { createHash, randomBytes } from 'node:crypto'
import { crc32, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { DraftFile } from '../../ports/draft-file.ts'
import { createDeflateStream } from './deflate-stream.ts'

const memoryFile = (): DraftFile & { readonly bytes: () => Buffer } => {
  const parts: Buffer[] = []
  return {
    path: 'memory',
    get sizeBytes() {
      return parts.reduce((sum, part) => sum + part.length, 0)
    },
    append: async (bytes) => void parts.push(Buffer.from(bytes)),
    read: async (offset, lengthBytes) => Buffer.concat(parts).subarray(offset, offset + lengthBytes),
    finish: async () => {},
    close: async () => {},
    bytes: () => Buffer.concat(parts),
  }
}

const deflated = async (content: Buffer, chunkBytes: number) => {
  const spool = memoryFile()
  let spooled = false
  const stream = createDeflateStream(async () => {
    spooled = true
    return spool
  })
  const scratch = Buffer.alloc(chunkBytes)
  for (let at = 0; at < content.length; at += chunkBytes) {
    const length = content.copy(scratch, 0, at, at + chunkBytes)
    await stream.write(scratch.subarray(0, length))
    // The caller uses its chunk again at once: nothing may have kept it.
    scratch.fill(0xee)
  }
  const done = await stream.end()
  return { done, spooled, body: 'path' in done.body ? spool.bytes() : Buffer.concat(done.body) }
}

const base64 = (bytes: number) =>
  Buffer.from(
    randomBytes(bytes)
      .toString('base64')
      .replace(/(.{76})/g, '$1\r\n'),
  )
const text = (bytes: number) =>
  Buffer.from('The quick brown fox jumps over the lazy dog, again and again.\r\n'.repeat(bytes / 60))

describe('a deflate stream', () => {
  test.each([
    ['text', text(900_000), 60_000],
    ['base64 that does not compress', base64(900_000), 65_536],
    ['both in turn', Buffer.concat([text(400_000), base64(600_000), text(300_000)]), 7_777],
    ['more than it holds', base64(6_000_000), 200_000],
    ['nothing', Buffer.alloc(0), 10],
    ['exactly one window', base64(200_000).subarray(0, 131_072), 131_072],
  ])('gives back what went in: %s', async (_, content, chunkBytes) => {
    const { done, body, spooled } = await deflated(content, chunkBytes)
    expect(inflateRawSync(body).equals(content)).toBe(true)
    expect(done).toMatchObject({ sizeBytes: content.length, compressedBytes: body.length, crc32: crc32(content) })
    expect(done.sha256).toBe(createHash('sha256').update(content).digest('hex'))
    expect(spooled).toBe(body.length > 2 * 1024 * 1024)
  })

  test('does not spend more than the alphabet costs on what does not repeat', async () => {
    const { done } = await deflated(base64(3_000_000), 65_536)
    expect(done.compressedBytes / done.sizeBytes).toBeLessThan(0.78)
  })

  test('reports a spool that cannot be written, and can be discarded', async () => {
    const stream = createDeflateStream(() => Promise.reject(new Error('no room')))
    const content = base64(6_000_000)
    const writing = async () => {
      for (let at = 0; at < content.length; at += 65_536) await stream.write(content.subarray(at, at + 65_536))
      await stream.end()
    }
    await expect(writing()).rejects.toThrow('no room')
    await stream.discard()
  })
})
