import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFromUnquoter, type MboxQuoting } from './from-unquoter.ts'
import { createFromQuoter, fromLine } from './mboxrd.ts'
import { firstSeparator, scanMbox } from './scan-mbox.ts'

const never = new AbortController().signal
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const fileOf = (bytes: Buffer) => ({
  sizeBytes: bytes.length,
  read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
})

/** The messages of an mbox, and whether the number of quoted lines tells the truth of each. */
const messagesIn = async (
  mbox: Buffer | string,
  quoting: MboxQuoting = 'mboxrd',
  windowBytes?: number,
): Promise<string[]> => {
  const bytes = typeof mbox === 'string' ? latin1(mbox) : mbox
  const file = fileOf(bytes)
  const first = await firstSeparator(file)
  if (first === null) throw new Error('no mbox')
  const messages: string[] = []
  for await (const { startOffset, endOffset, quotedLines } of scanMbox(file, first, quoting, never, windowBytes)) {
    const unquoter = createFromUnquoter(quoting)
    const raw = bytes.subarray(startOffset, endOffset)
    const message = Buffer.concat([...unquoter.add(raw), ...unquoter.finish()])
    expect(message.length).toBe(raw.length - quotedLines)
    messages.push(message.toString('latin1'))
  }
  return messages
}

const at = new Date('2026-02-03T04:05:06Z')
/** As the export writes it: quoted, and an empty line behind it. */
const written = (messages: readonly string[]): Buffer =>
  Buffer.concat(
    messages.flatMap((message) => {
      const quoter = createFromQuoter()
      const end = message.endsWith('\n') ? '\n' : '\n\n'
      return [fromLine(null, at), ...quoter.add(latin1(message)), ...quoter.finish(), latin1(end)]
    }),
  )
const separator = 'From a@b.example Tue Feb  3 03:05:06 2026\n'

describe('an mbox', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'From ',
      '>From ',
      '>>From x',
      'From a@b Tue Feb  3 03:05:06 2026',
      'From',
      '',
      '\0',
      '\xe4\xff',
      '.',
    ),
    fc.stringMatching(/^Subject: [a-z]{0,8}$/),
    fc.constantFrom('Content-Length: 12', 'Content-Length: 0', '\r', '>'.repeat(30)),
  )
  const message = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '')), { maxLength: 12 })
    .map((lines) => lines.map(([text, end]) => text + end).join(''))

  test('as the export writes it gives each message byte for byte; one without a line end has got one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(7, 13, 64, 1 << 20),
        async (all, windowBytes) => {
          const expected = all.map((text) => (text.endsWith('\n') ? text : `${text}\n`))
          const found = await messagesIn(written(all), 'mboxrd', windowBytes)
          // One without a line end that tells its right length is known to have had none.
          expect(found.map((text, index) => (text === all[index] ? expected[index] : text))).toEqual(expected)
        },
      ),
      { numRuns: 400 },
    )
  })

  test.each([
    ['LF', 'A: 1\n\nx\n'],
    ['CRLF', 'A: 1\r\n\r\nx\r\n'],
    ['empty lines at its end', 'A: 1\n\nx\n\n\n'],
    ['no body', 'A: 1\n'],
  ])('gives a message with %s', async (_, text) => {
    expect(await messagesIn(written([text, text, text]))).toEqual([text, text, text])
  })

  test('with CRLF throughout has no line end too many', async () => {
    const crlf = `${separator}A: 1\n\nx\n\n${separator}B: 2\n\ny\n\n`.replaceAll('\n', '\r\n')
    expect(await messagesIn(crlf)).toEqual(['A: 1\r\n\r\nx\r\n', 'B: 2\r\n\r\ny\r\n'])
  })

  test('ends anywhere', async () => {
    for (const end of ['', '\n', '\n\n', '\n\n\n'])
      expect(await messagesIn(`${separator}A: 1\n\nx${end}`)).toEqual([
        `A: 1\n\nx${end.length > 1 ? end.slice(1) : end}`,
      ])
    expect(await messagesIn(separator)).toEqual([''])
    expect(await messagesIn(separator.trimEnd())).toEqual([''])
    expect(await messagesIn(separator + separator)).toEqual(['', ''])
  })

  test('begins behind empty lines or a byte order mark, and is none with anything else', async () => {
    expect(await messagesIn(`\r\n\n${separator}A: 1\n`)).toEqual(['A: 1\n'])
    expect(await messagesIn(`\xef\xbb\xbf${separator}A: 1\n`)).toEqual(['A: 1\n'])
    for (const other of ['', 'Subject: x\n\n', 'from me\n', '\0\0\0', '// <!-- <mdb:mork:z v="1.4"/> -->', 'From'])
      expect(await firstSeparator(fileOf(latin1(other)))).toBeNull()
  })

  test('is not divided by a sentence that begins with From', async () => {
    const text =
      'A: 1\n\nHello.\n\nFrom now on\nit is quiet.\n\nFrom Anna: yes\n\nFrom x Tue Feb  3 03:05:06 2026\nand no field\n'
    // The last of these is a separator by its form alone.
    expect(await messagesIn(`${separator}${text}`)).toEqual([
      'A: 1\n\nHello.\n\nFrom now on\nit is quiet.\n\nFrom Anna: yes\n',
      'and no field\n',
    ])
  })

  test('is divided where no empty line stands before a separator', async () => {
    expect(await messagesIn(`${separator}A: 1\n\nx\n${separator}B: 2\n\ny\n`)).toEqual(['A: 1\n\nx\n', 'B: 2\n\ny\n'])
    expect(await messagesIn(`${separator}A: 1\n\nx\n${separator}no field\n`)).toHaveLength(1)
  })

  test('of Mozilla may have no date in its separators', async () => {
    for (const bare of ['From \n', 'From - \n', 'From -\n', 'From anna@sample.example\r\n'])
      expect(await messagesIn(`${bare}A: 1\n\nx\n\n${bare}B: 2\n\ny\n\n`)).toEqual(['A: 1\n\nx\n', 'B: 2\n\ny\n'])
  })

  const withLength = (body: string) => `A: 1\nContent-Length: ${body.length}\n\n${body}`
  test('that keeps Content-Length is divided by it', async () => {
    const forwarded = withLength(`See:\n\n${separator}B: 2\n\nforwarded\n`)
    const messages = [forwarded, withLength('x\n'), forwarded, withLength('')]
    expect(await messagesIn(messages.map((text) => `${separator}${text}\n`).join(''), 'none')).toEqual(messages)
  })

  test('does not believe a Content-Length that leads nowhere, nor any after it', async () => {
    const wrong = 'A: 1\nContent-Length: 3\n\nlonger\n'
    expect(await messagesIn(`${separator}${wrong}\n${separator}${withLength('x\n')}\n`)).toEqual([
      wrong,
      withLength('x\n'),
    ])
  })

  test('lets nobody swallow the messages behind his own', async () => {
    const rest = `B: 2\n\nsecond\n\n${separator}C: 3\n\nthird\n\n`
    for (const before of ['', `${separator}Z: 0\n\nzero\n\n`]) {
      const own = 'x\n\n'
      const greedy = `A: 1\nContent-Length: ${own.length + separator.length + 'B: 2\n\nsecond\n'.length}\n\n${own}`
      const found = await messagesIn(`${before}${separator}${greedy}${separator}${rest}`)
      expect(found.slice(-2)).toEqual(['B: 2\n\nsecond\n', 'C: 3\n\nthird\n'])
    }
  })

  test('is read over the bounds of the window', async () => {
    const window = 1 << 20
    for (const shift of [-7, -5, -4, -3, -2, -1, 0, 1, 2, 5, 6]) {
      const filler = `${'x'.repeat(99)}\n`.repeat(Math.floor(window / 100))
      const length = window + shift - separator.length - 'A: 1\n\n'.length - 1
      const first = `A: 1\n\n${filler.slice(0, length - 1)}\n`
      const second = `B: 2\n\n>From me\n${'>'.repeat(40)}From you\n`
      expect(await messagesIn(written([first, second, first, second]))).toEqual([first, second, first, second])
    }
    const run = `A: 1\n\n${'>'.repeat(window + 20)}From me\n`
    expect(await messagesIn(written([run, 'B: 2\n']))).toEqual([run, 'B: 2\n'])
  })

  test('is left off at the signal', async () => {
    const gone = AbortSignal.abort(new Error('enough'))
    const scan = scanMbox(fileOf(written(['A: 1\n'])), 0, 'mboxrd', gone)
    await expect(scan.next()).rejects.toThrow('enough')
  })
})
