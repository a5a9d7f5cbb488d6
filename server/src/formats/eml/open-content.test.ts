import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeTransfer } from './decode-transfer.ts'
import { openContent } from './open-content.ts'

const never = new AbortController().signal

/** Hands out at most `pieceBytes` at once, as a source may. */
const inPieces = (bytes: Buffer, pieceBytes: number) => ({
  sizeBytes: bytes.length,
  read: async (offset: number, length: number) => bytes.subarray(offset, offset + Math.min(length, pieceBytes)),
})
const decoded = async (raw: Buffer | string, encoding: string, pieceBytes = 1_000_000): Promise<Buffer> => {
  const bytes = Buffer.from(raw as string, 'latin1')
  const chunks: Buffer[] = []
  const range = { start: 0, end: bytes.length }
  for await (const chunk of openContent(inPieces(bytes, pieceBytes), range, encoding, never))
    chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
const folded = (bytes: Buffer, width: number, lineEnd: string) =>
  bytes.toString('base64').replace(new RegExp(`.{${width}}`, 'g'), `$&${lineEnd}`)

describe('base64', () => {
  it('comes back whatever the lines and the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom('\r\n', '\n', ' \r\n'),
        fc.integer({ min: 1, max: 100 }),
        async (bytes, width, lineEnd, pieceBytes) => {
          const content = Buffer.from(bytes)
          expect(await decoded(folded(content, width, lineEnd), 'base64', pieceBytes)).toEqual(content)
        },
      ),
    )
  })

  it('ends whatever it is, and is what a decoder of one character after the other makes of it', async () => {
    const values = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    const slowly = (raw: string): Buffer => {
      const out: number[] = []
      let bits = 0
      let count = 0
      const end = () => {
        for (let at = 1; at < count; at++) out.push((bits >> (6 * count - 8 * at)) & 255)
        count = 0
        bits = 0
      }
      for (const character of raw) {
        if (character === '=') end()
        const value = values.indexOf(character)
        if (value < 0) continue
        bits = (bits << 6) | value
        if (++count === 4) end()
      }
      end()
      return Buffer.from(out)
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('A', 'b', '9', '+', '=', '.', '!', ' ', '\r\n', '\n', '\r', 'QUJD', 'ZGVm\r\n'), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 70 }),
        async (words, pieceBytes) => {
          const raw = words.join('')
          expect((await decoded(raw, 'base64', pieceBytes)).toString('hex')).toBe(slowly(raw).toString('hex'))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['pieces that were encoded one by one', 'YQ==\r\nYmM=\r\nZGVm', 'abcdef'],
    ['rubbish between the letters', 'YW!!Jj.ZA==', 'abcd'],
    ['the URL-safe alphabet', '-_-_', Buffer.from('+/+/', 'base64').toString('latin1')],
    ['an end without padding', 'YWJjZA', 'abcd'],
    ['one letter too many', 'YWJjZ', 'abc'],
    ['nothing', '', ''],
    ['nothing but rubbish', '.....', ''],
    ['lines of rubbish', '!!!!!\r\n!!!!!\r\n!!', ''],
    ['one letter behind rubbish', '.......Y', ''],
    ['lines of one letter', 'Y\r\nW\r\nJ\r\nj\r\n', 'abc'],
  ])('reads %s', async (_, raw, text) => {
    for (const pieceBytes of [1, 2, 3, 5, 1000])
      expect((await decoded(raw, 'base64', pieceBytes)).toString('latin1')).toBe(text)
  })
})

describe('quoted-printable', () => {
  it('is the same in pieces as at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('=', '=3D', '=C3=BC', '=\r\n', '= \t\r\n', '\r\n', '\n', 'a', ' ', '4', 'F', '=='), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 30 }),
        async (words, pieceBytes) => {
          const raw = Buffer.from(words.join(''))
          expect(await decoded(raw, 'quoted-printable', pieceBytes)).toEqual(decodeTransfer(raw, 'quoted-printable'))
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('uuencode', () => {
  it.each([
    ['a file', 'begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n', 'Cat'],
    ['with text around it', 'hello\nbegin 644 cat.txt\n#0V%T\n`\nend\nbye\n', 'Cat'],
    ['blanks cut off at the end of a line', 'begin 644 x\n$86(\n`\nend', 'ab\0\0'],
  ])('reads %s', async (_, raw, text) => {
    for (const pieceBytes of [1, 7, 1000])
      expect((await decoded(raw, 'x-uuencode', pieceBytes)).toString('latin1')).toBe(text)
  })

  it('leaves alone what has no beginning', async () => {
    expect((await decoded('no such thing', 'x-uuencode')).toString()).toBe('no such thing')
  })
})

it('leaves the bytes of every other encoding as they are', async () => {
  expect((await decoded('a=3D\0\xff', 'binary', 2)).toString('latin1')).toBe('a=3D\0\xff')
})

it('stops when it is told to', async () => {
  const stop = new AbortController()
  const source = inPieces(Buffer.alloc(10), 1)
  const read = async () => {
    for await (const _ of openContent(source, { start: 0, end: 10 }, '', stop.signal)) stop.abort(new Error('enough'))
  }
  await expect(read()).rejects.toThrow('enough')
})
