import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractText, type TextLimits } from './extract-text.ts'

/** CPU time of this thread: what a busy machine does meanwhile does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

async function* inPieces(bytes: Uint8Array, size: number) {
  // One buffer for all chunks, overwritten each time, as a reader may do it.
  const reused = Buffer.alloc(size)
  for (let at = 0; at < bytes.length; at += size) {
    const length = reused.set(bytes.subarray(at, at + size)) ?? Math.min(size, bytes.length - at)
    yield reused.subarray(0, length)
    reused.fill(0x2a)
  }
}
const extract = (text: string | Buffer, size = 1 << 16, limits: Partial<TextLimits> = {}) =>
  extractText(inPieces(typeof text === 'string' ? Buffer.from(text) : text, size), limits)
const words = async (text: string | Buffer, size?: number) =>
  (await extract(text, size)).text.replace(/\s+/g, ' ').trim()
const mail = (...lines: string[]) => lines.join('\r\n')
const b64 = (text: string) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')

const mixed = mail(
  'From: a@x.example',
  'Subject: outer subject',
  'Content-Type: multipart/mixed; boundary="out"',
  '',
  'preamble',
  '--out',
  'Content-Type: multipart/alternative; boundary=in',
  '',
  '--in',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=C3=BC=C3=9Fe aus K=',
  '=C3=B6ln',
  '--in',
  'Content-Type: text/html; charset=iso-8859-1',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('<p>Sch\xf6ne <b>W</b>orte</p>', 'latin1').toString('base64'),
  '--in--',
  'epilogue',
  '--out',
  'Content-Type: application/pdf; name="Rechnung 4711.pdf"',
  'Content-Disposition: attachment',
  'Content-Transfer-Encoding: base64',
  '',
  b64('secret '.repeat(100)),
  '--out',
  'Content-Type: message/rfc822',
  '',
  'Subject: =?utf-8?Q?=C3=BCber_alles?=',
  'From: Bruno <b@x.example>',
  '',
  'inner body',
  '--out',
  "Content-Disposition: attachment; filename*0*=utf-8''%C3%84; filename*1*=rger%20x; filename*2=.txt",
  'Content-Type: text/plain',
  '',
  'attached text',
  '--out--',
  'the end',
)
const mixedWords = 'Grüße aus Köln Schöne Worte Rechnung 4711.pdf über alles Bruno <b@x.example> inner body Ärger x.txt'

describe('a message of many parts', () => {
  it('gives the words of its texts', async () => {
    expect(await extract(mixed)).toMatchObject({ isTruncated: false })
    expect(await words(mixed)).toBe(mixedWords)
  })
  it.each([1, 2, 3, 7, 64, 1000])('is the same in pieces of %i bytes', async (size) => {
    expect(await words(mixed, size)).toBe(mixedWords)
    expect(await words(mixed.replaceAll('\r\n', '\n'), size)).toBe(mixedWords)
  })
})

describe('single parts', () => {
  const table: [name: string, text: string | Buffer, found: string][] = [
    ['no type', mail('Subject: s', '', 'hello'), 'hello'],
    ['no header', mail('', 'hello'), 'hello'],
    ['header only', 'Subject: s', ''],
    ['empty', '', ''],
    ['HTML', mail('Content-Type: text/html', '', '<style>x</style>a<br>b&uuml;c &amp; d'), 'a büc & d'],
    ['raw windows-1252', Buffer.from('Subject: s\r\n\r\nK\xf6ln', 'latin1'), 'Köln'],
    [
      'declared charset',
      Buffer.from('Content-Type: text/plain; charset="koi8-r"\r\n\r\n\xf0\xd2\xc9', 'latin1'),
      'При',
    ],
    [
      'charset in HTML',
      Buffer.from('Content-Type: text/html\r\n\r\n<meta charset=koi8-r>\xf0\xd2\xc9', 'latin1'),
      'При',
    ],
    [
      'UTF-16 in base64',
      mail(
        'Content-Type: text/plain; charset=utf-16le',
        'Content-Transfer-Encoding: BASE64',
        '',
        Buffer.from('Köln', 'utf16le').toString('base64'),
      ),
      'Köln',
    ],
    ['an image', mail('Content-Type: image/png; name=a.png', '', 'bytes'), 'a.png'],
    ['uuencode', mail('Content-Transfer-Encoding: x-uuencode', '', 'begin 644 x', 'M123'), ''],
    ['an unknown encoding', mail('Content-Transfer-Encoding: x-odd', '', 'hello'), 'hello'],
    ['a broken type', mail('Content-Type: text', '', 'hello'), 'hello'],
    ['multipart without boundary', mail('Content-Type: multipart/mixed', '', 'hello'), 'hello'],
    ['encoded file name', mail('Content-Type: image/png; name="=?utf-8?Q?=C3=A4.png?="', '', ''), 'ä.png'],
    ['raw file name', mail('Content-Type: image/png; name=ä.png', '', ''), 'ä.png'],
    [
      'a file name in quotes with escapes',
      mail('Content-Disposition: attachment; filename="a\\"b;c.txt"', '', 'x'),
      'a"b;c.txt',
    ],
    [
      'a message in base64 is a file',
      mail(
        'Content-Type: message/rfc822; name=m.eml',
        'Content-Transfer-Encoding: base64',
        '',
        b64('Subject: s\r\n\r\nx'),
      ),
      'm.eml',
    ],
    [
      'bad quoted-printable',
      mail('Content-Transfer-Encoding: quoted-printable', '', 'a=ZZ b= \r\nc 1=2 ='),
      'a=ZZ bc 1=2',
    ],
  ]
  it.each(table)('%s', async (_, text, found) => {
    expect(await words(text)).toBe(found)
    expect(await words(text, 1)).toBe(found)
  })
})

describe('multiparts gone wrong', () => {
  const multi = (...lines: string[]) => mail('Content-Type: multipart/mixed; boundary=b', '', ...lines)
  const table: [name: string, text: string, found: string][] = [
    ['never closed', multi('--b', '', 'one', '--b', '', 'two'), 'one two'],
    ['no parts', multi('text'), ''],
    ['a part without header', multi('--b', '', 'one', '--b--'), 'one'],
    ['a part of nothing', multi('--b', '--b', '', 'one', '--b--'), 'one'],
    ['no empty line', multi('--b', 'Content-Type: text/plain', '--b', '', 'one', '--b--'), 'one'],
    ['blanks after the boundary', multi('--b  ', '', 'one', '--b--  ', 'epilogue'), 'one'],
    [
      'a boundary that is a beginning',
      multi('--b', '', 'one', '--bb', 'two', '--', '-- ', '--b--'),
      'one --bb two -- --',
    ],
    ['dashes', multi('--b', '', `${'-'.repeat(500)}`, 'one', '--b--'), `${'-'.repeat(500)} one`],
    [
      'an inner one never closed',
      multi('--b', 'Content-Type: multipart/mixed; boundary=c', '', '--c', '', 'one', '--b', '', 'two', '--b--'),
      'one two',
    ],
    ['parts after the end', multi('--b', '', 'one', '--b--', '--b', '', 'no'), 'one'],
    [
      'a digest',
      mail('Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: s', '', 'one', '--b--'),
      's one',
    ],
    [
      'a message in a message in a message',
      mail(
        'Content-Type: message/rfc822',
        '',
        'Content-Type: message/rfc822',
        'Subject: s1',
        '',
        'Subject: s2',
        '',
        'one',
      ),
      's1 s2 one',
    ],
  ]
  it.each(table)('%s', async (_, text, found) => {
    for (const size of [1, 5, 1 << 16]) expect(await words(text, size)).toBe(found)
  })
})

describe('limits', () => {
  it('cuts text, and says so', async () => {
    const { text, isTruncated } = await extract(mail('', 'x'.repeat(1000)), 100, { maxTextLength: 50 })
    expect(text).toBe('x'.repeat(50))
    expect(isTruncated).toBe(true)
  })
  it('stops reading once it has enough', async () => {
    let pulled = 0
    async function* endless() {
      yield Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n')
      for (;;) {
        pulled++
        yield Buffer.from(`--b\r\n\r\n${'word '.repeat(100)}\r\n`)
      }
    }
    expect(await extractText(endless(), { maxTextLength: 10_000 })).toMatchObject({ isTruncated: true })
    expect(pulled).toBeLessThan(40)
  })
  it('counts parts', async () => {
    const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(2_000)}`
    const found = await extract(text)
    expect(found.isTruncated).toBe(true)
    expect(found.text.match(/x/g)?.length).toBeLessThanOrEqual(1_000)
  })
  it('does not go too deep', async () => {
    let text = 'Content-Type: text/plain\r\n\r\ndeepest'
    for (let n = 0; n < 500; n++)
      text =
        n % 2
          ? `Content-Type: message/rfc822\r\n\r\n${text}`
          : `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n${text}`
    expect(await extract(text)).toMatchObject({ text: '', isTruncated: true })
  })
  it('looks at the beginning of a large text part only', async () => {
    const found = await extract(mail('', 'word '.repeat(1_000)), 100, { maxPartBytes: 500 })
    expect(found).toMatchObject({ isTruncated: true })
    expect(found.text).toBe('word '.repeat(100).trim())
  })

  it('keeps its memory whatever the attachment', async () => {
    const chunk = Buffer.from(`${'A'.repeat(76)}\r\n`.repeat(840))
    const rounds = 3_200 // 200 MB
    async function* large() {
      yield Buffer.from(
        'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nbefore\r\n--b\r\nContent-Type: application/zip\r\n\r\n',
      )
      for (let n = 0; n < rounds; n++) yield chunk
      yield Buffer.from('\r\n--b\r\n\r\nafter\r\n--b--\r\n')
    }
    const before = process.memoryUsage()
    const found = await extractText(large())
    const after = process.memoryUsage()
    expect(found).toEqual({ text: 'before\nafter', isTruncated: false })
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(20_000_000)
    expect(after.heapUsed - before.heapUsed).toBeLessThan(40_000_000)
  })
})

describe('whatever the bytes', () => {
  it('never throws, and does not depend on where the chunks are cut', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '--b',
        '--b--',
        '--',
        '-',
        '\r\n',
        '\n',
        '\r',
        '\r\n\r\n',
        'Content-Type: ',
        'multipart/mixed; boundary=b',
        'message/rfc822',
      ),
      fc.constantFrom(
        'text/html\r\n\r\n',
        'text/plain; charset=x\n\n',
        'Content-Transfer-Encoding: base64\n',
        '<b',
        '>',
        '&#',
        '=',
        '"',
        'filename*0=',
        '\0',
      ),
      fc.string(),
    )
    const start = 'Content-Type: multipart/mixed; boundary=b\r\n\r\n'
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 40 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (pieces, isMulti, size) => {
          const bytes = Buffer.from((isMulti ? start : '') + pieces.join(''), 'latin1')
          expect(await extract(bytes, size)).toEqual(await extract(bytes))
        },
      ),
      { numRuns: 1_000 },
    )
  })
  it('takes linear time for dashes and for headers that never end', async () => {
    const startedAt = cpuMs()
    await extract(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'\n--'.repeat(500_000)}`)
    await extract(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${'\n --'.repeat(500_000)}`)
    await extract('X: y\n'.repeat(10_000), 10)
    await extract(`Content-Type: text/html\r\n\r\n${'<a href="'.repeat(400_000)}`)
    await extract(`Content-Type: text/plain; ${'a*0=b;'.repeat(9_000)}\r\n\r\nx`)
    expect(cpuMs() - startedAt).toBeLessThan(5_000)
  })
})
