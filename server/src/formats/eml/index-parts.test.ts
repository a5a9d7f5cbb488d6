import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexParts, type MimePart, type PartLimits, usualPartLimits } from './index-parts.ts'

const never = new AbortController().signal
const mail = (...lines: string[]) => lines.join('\r\n')

const sourceOf = (bytes: Buffer) => ({
  sizeBytes: bytes.length,
  read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
})
const index = (text: string | Buffer, limits: Partial<PartLimits> = {}) =>
  indexParts(sourceOf(Buffer.from(text as string, 'latin1')), never, { ...usualPartLimits, ...limits })

/** The tree as text: media types, with the bodies of leaves. */
const drawn = (part: MimePart, text: string): string =>
  part.kind === 'leaf'
    ? `${part.mediaType}:${JSON.stringify(text.slice(part.body.start, part.body.end))}`
    : `${part.mediaType}(${part.children.map((child) => drawn(child, text)).join(' ')})`
const tree = async (text: string) => drawn((await index(text)).root, text)

describe('the parts of a message', () => {
  const multi = (...lines: string[]) => mail('Content-Type: multipart/mixed; boundary=b', '', ...lines)
  const table: [name: string, text: string, found: string][] = [
    ['plain', mail('Subject: s', '', 'hi', ''), 'text/plain:"hi\\r\\n"'],
    ['header only', 'Subject: s\r\n', 'text/plain:""'],
    ['empty', '', 'text/plain:""'],
    ['no header', 'just text\r\n\r\nmore', 'text/plain:"just text\\r\\n\\r\\nmore"'],
    [
      'two parts',
      multi('--b', '', 'one', '--b', '', 'two', '--b--', ''),
      'multipart/mixed(text/plain:"one" text/plain:"two")',
    ],
    ['never closed', multi('--b', '', 'one', '--b', '', 'two'), 'multipart/mixed(text/plain:"one" text/plain:"two")'],
    ['empty parts', multi('--b', '--b', '', '', '--b--'), 'multipart/mixed(text/plain:"" text/plain:"")'],
    ['no parts', multi('text'), 'multipart/mixed:"text"'],
    [
      'a line like a boundary',
      multi('--b', '', '--bb', '--b-', '--b--'),
      'multipart/mixed(text/plain:"--bb\\r\\n--b-")',
    ],
    ['blanks behind a boundary', multi('--b \t', '', 'x', '--b-- '), 'multipart/mixed(text/plain:"x")'],
    [
      'a part without empty line',
      multi('--b', 'Content-Type: text/html', 'words', '--b--'),
      'multipart/mixed(text/html:"words")',
    ],
    [
      'an inner multipart that stays open',
      multi('--b', 'Content-Type: multipart/alternative; boundary=i', '', '--i', '', 'one', '--b', '', 'two', '--b--'),
      'multipart/mixed(multipart/alternative(text/plain:"one") text/plain:"two")',
    ],
    [
      'a message within',
      multi('--b', 'Content-Type: message/rfc822', '', 'Subject: in', '', 'inner', '--b--'),
      'multipart/mixed(message/rfc822(text/plain:"inner"))',
    ],
    [
      'a digest',
      mail('Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: in', '', 'inner', '--b--'),
      'multipart/digest(message/rfc822(text/plain:"inner"))',
    ],
    [
      'a message in base64 is a file',
      mail('Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', '', 'YQ=='),
      'message/rfc822:"YQ=="',
    ],
  ]
  it.each(table)('%s', async (_, text, found) => {
    expect(await tree(text)).toBe(found)
    const lf = text.replaceAll('\r\n', '\n')
    expect(await tree(lf)).toBe(found.replaceAll('\\r\\n', '\\n'))
  })

  it('finds boundaries wherever they fall into what is read at once', async () => {
    for (let fill = 262_144 - 120; fill < 262_144 + 10; fill++) {
      const text = multi('--b', '', 'x'.repeat(fill), '--b', '', 'two', '--b--')
      const { root } = await index(text)
      expect(root.children.map(({ body }) => body.end - body.start)).toEqual([fill, 3])
    }
  })

  it.each([
    ['text_after_last_part', multi('--b', '', 'x', '--b--', 'more')],
    ['text_before_first_part', multi('words', '--b', '', 'x', '--b--')],
    ['text_before_first_part', multi('MIME '.repeat(300), '--b', '', 'x', '--b--')],
    ['part_header_broken', multi('--b', 'Content-Type: text/plain', 'words without a colon', '', 'x', '--b--')],
    ['multipart_without_parts', multi('x')],
    ['too_many_parts', multi('--b', '', 'x', '--b', '', 'y', '--b', '', 'z', '--b--')],
    ['nested_too_deep', `Content-Type: message/rfc822\r\n\r\n`.repeat(20)],
    ['header_too_long', `Subject: ${'x'.repeat(3_000)}\r\n\r\nx`],
  ])('tells %s', async (flaw, text) => {
    const { flaws } = await index(text, {
      maxParts: flaw === 'too_many_parts' ? 3 : 100,
      maxDepth: 5,
      maxHeaderBytes: 2_000,
    })
    expect([...flaws]).toEqual([flaw])
  })

  it('tells nothing of a good message', async () => {
    expect([
      ...(await index(multi('This is a multi-part message in MIME format.', '--b', '', 'x', '--b--', ''))).flaws,
    ]).toEqual([])
  })
})

it('covers every byte once, whatever the bytes', async () => {
  const words = fc.constantFrom(
    '--b\r\n',
    '--b--\r\n',
    '--i\n',
    '--i--',
    '\r\n',
    '\n',
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Type: multipart/digest; boundary="i"\n',
    'Content-Type: message/rfc822\r\n',
    'Subject: s\r\n',
    'text',
    '\0',
    ':',
    '\xff',
    '\r',
    'Content-Transfer-Encoding: base64\r\n',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 60 }), async (pieces) => {
      const { root } = await index(pieces.join(''))
      const check = (part: MimePart, from: number, to: number) => {
        expect(part.header.start).toBeGreaterThanOrEqual(from)
        expect(part.header.end).toBe(part.body.start)
        expect(part.body.end).toBeGreaterThanOrEqual(part.body.start)
        expect(part.body.end).toBeLessThanOrEqual(to)
        let at = part.body.start
        for (const child of part.children) {
          check(child, at, part.body.end)
          at = child.body.end
        }
      }
      check(root, 0, pieces.join('').length)
      expect(root.body.end).toBe(pieces.join('').length)
    }),
    { numRuns: 1_000 },
  )
})

it('takes linear time for dashes, boundaries and headers without end', async () => {
  const open = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'
  for (const text of [
    `${open}${'\r\n--'.repeat(300_000)}`,
    `${open}${'--b\r\n'.repeat(200_000)}`,
    `${open}--b\r\n${'X: y\r\n'.repeat(200_000)}`,
    `${open}${'--c--'.repeat(300_000)}`,
  ]) {
    const { user, system } = process.threadCpuUsage()
    await index(text)
    const after = process.threadCpuUsage()
    expect((after.user + after.system - user - system) / 1000).toBeLessThan(3_000)
  }
})
