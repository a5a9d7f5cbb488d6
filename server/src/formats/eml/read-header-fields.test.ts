import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHeaderFields } from './read-header-fields.ts'

/** CPU time of this thread: what a busy machine does meanwhile does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const read = (text: string) => readHeaderFields(Buffer.from(text, 'utf8'))
const readLatin1 = (text: string) => readHeaderFields(Buffer.from(text, 'latin1'))
const b64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')

describe('a usual message', () => {
  it('gives all its fields', () => {
    expect(
      read(
        'Received: by x; Tue, 1 Jul 2025 10:52:38 +0200\r\nFrom: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <juergen@example.org>\r\n' +
          'To: "Sample, Anna" <anna@sample.example>,\r\n bruno@sample.example\r\nCc: c@example.org (Carla)\r\n' +
          `Subject: =?UTF-8?B?${b64('Grüße aus Köln')}?=\r\nDate: Tue, 1 Jul 2025 10:52:37 +0200 (CEST)\r\n` +
          'Message-ID: <abc.1@example.org>\r\nKeywords: travel, "cities"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\nTo: nobody\r\n',
      ),
    ).toEqual({
      title: 'Grüße aus Köln',
      from: 'Jürgen Müller <juergen@example.org>',
      to: 'Sample, Anna <anna@sample.example>, bruno@sample.example, Carla <c@example.org>',
      date: '2025-07-01T08:52:37.000Z',
      endDate: null,
      place: '',
      phone: '',
      company: '',
      categories: 'travel, cities',
      hasAttachment: true,
      uniqueId: 'abc.1@example.org',
      component: null,
      isWellFormed: true,
    })
  })
})

describe('subjects', () => {
  const table: [name: string, field: string, title: string][] = [
    ['plain', 'Subject: Hello', 'Hello'],
    ['folded', 'Subject: one\r\n two\r\n\tthree', 'one two three'],
    ['a blank line within a fold', 'Subject: one\r\n \r\n two', 'one two'],
    ['blank before the colon', 'Subject : Hello', 'Hello'],
    ['adjacent words', 'Subject: =?utf-8?Q?a?= =?utf-8?Q?b?=', 'ab'],
    ['adjacent words, folded', 'Subject: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=', 'ab'],
    ['a word beside text', 'Subject: x =?utf-8?Q?a?= y', 'x a y'],
    ['a character split in Q', 'Subject: =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=', 'ü'],
    ['a character split between B and Q', 'Subject: =?utf-8?B?ww==?= =?UTF-8?Q?=BC?=', 'ü'],
    ['charsets that differ', 'Subject: =?iso-8859-1?Q?=FC?= =?utf-8?Q?=C3=BC?=', 'üü'],
    ['underscore', 'Subject: =?utf-8?Q?a_b=5Fc?=', 'a b_c'],
    ['a question mark inside', 'Subject: =?utf-8?Q?Why?_Because?=', 'Why? Because'],
    ['a blank inside', 'Subject: =?utf-8?Q?not encoded?=', 'not encoded'],
    ['equals at its end', 'Subject: =?utf-8?Q?a=?=', 'a='],
    ['an unclosed word before another', 'Subject: =?utf-8?Q?lost =?utf-8?Q?found?=', '=?utf-8?Q?lost found'],
    ['never closed', 'Subject: =?utf-8?Q?lost', '=?utf-8?Q?lost'],
    ['an unknown encoding letter', 'Subject: =?utf-8?X?lost?=', '=?utf-8?X?lost?='],
    ['lower-case letters', 'subject: =?UTF-8?b?w7w=?=', 'ü'],
    ['a language (RFC 2231)', 'Subject: =?utf-8*de?Q?=C3=BC?=', 'ü'],
    ['KOI8-R', 'Subject: =?koi8-r?B?8NLJ18XU?=', 'Привет'],
    ['ISO-2022-JP', 'Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['Shift_JIS', 'Subject: =?Shift_JIS?B?k/qWew==?=', '日本'],
    ['GB2312', 'Subject: =?gb2312?B?1tDOxA==?=', '中文'],
    ['Windows code page', 'Subject: =?cp932?B?k/qWew==?=', '日本'],
    ['an unknown charset with UTF-8 in it', 'Subject: =?x-mystery?Q?=C3=BC?=', 'ü'],
    ['an unknown charset without', 'Subject: =?x-mystery?Q?=FC?=', 'ü'],
    ['a charset WHATWG refuses', 'Subject: =?iso-2022-kr?Q?abc?=', 'abc'],
    ['us-ascii with 8-bit', 'Subject: =?us-ascii?Q?=C3=BC?=', 'ü'],
    ['invalid UTF-8', 'Subject: =?utf-8?Q?=C3=28?=', '\ufffd('],
    ['raw UTF-8', 'Subject: Grüße 🎉', 'Grüße 🎉'],
    ['control characters', 'Subject: a\x00b\x07c\x1b[31m', 'a b c [31m'],
    ['encoded control characters', 'Subject: =?utf-8?Q?a=0D=0ABcc:_x?=', 'a Bcc: x'],
    ['nothing', 'Subject:', ''],
    ['the first that says something', 'Subject: \r\nSubject: second\r\nSubject: third', 'second'],
    ['a bare CR inside', 'Subject: a\rb\r\nX: y', 'a b'],
    ['CR CR LF', 'Subject: a\r\r\nX: y', 'a'],
  ]
  it.each(table)('%s', (_, field, title) => {
    expect(read(`X-First: 1\r\n${field}\r\n\r\nbody`).title).toBe(title)
  })
  it('takes raw 8-bit that is no UTF-8 for windows-1252', () => {
    expect(readLatin1('Subject: Gr\xfc\xdfe \x80\n\n').title).toBe('Grüße €')
  })
  it('reads raw ISO-2022-JP', () => {
    expect(readLatin1('Subject: \x1b$BF|K\\\x1b(B\n\n').title).toBe('日本')
  })
})

describe('addresses', () => {
  const table: [name: string, value: string, shown: string][] = [
    ['bare', 'a@x.example', 'a@x.example'],
    ['angle alone', '<a@x.example>', 'a@x.example'],
    ['name', 'Anna <a@x.example>', 'Anna <a@x.example>'],
    ['quoted with escapes', '"An\\"na\\\\" <a@x.example>', 'An"na\\ <a@x.example>'],
    ['encoded word with bare comma', '=?utf-8?Q?M=C3=BCller,_J?= <a@x.example>', 'Müller, J <a@x.example>'],
    ['encoded word in quotes', '"=?utf-8?Q?M=C3=BCller?=" <a@x.example>', 'Müller <a@x.example>'],
    ['encoded comma does not split', '=?utf-8?Q?a=2Cb?= <a@x.example>', 'a,b <a@x.example>'],
    ['comment as name', 'a@x.example (Anna (the (great)))', 'Anna (the (great)) <a@x.example>'],
    ['comment never closed', 'a@x.example (Anna', 'Anna <a@x.example>'],
    ['group', 'Friends: a@x.example, B <b@x.example>;', 'a@x.example, B <b@x.example>'],
    ['empty group', 'undisclosed-recipients:;', 'undisclosed-recipients'],
    ['empty group without end', 'Undisclosed recipients:', 'Undisclosed recipients'],
    ['group, then more', 'G:;, c@x.example', 'G, c@x.example'],
    ['route', '<@one.example,@two.example:a@x.example>', 'a@x.example'],
    ['empty list members', ', ,a@x.example,,', 'a@x.example'],
    ['name is the address', '"a@x.example" <a@x.example>', 'a@x.example'],
    ['missing comma', 'A <a@x.example> B <b@x.example>', 'A <a@x.example>, B <b@x.example>'],
    ['angle never closed', 'Anna <a@x.example', 'Anna <a@x.example>'],
    ['internationalized (RFC 6532)', 'Ünal <ünal@exämple.org>', 'Ünal <ünal@exämple.org>'],
    ['quoted local part', '"odd, one"@x.example', 'odd, one@x.example'],
    ['no address at all', 'MAILER-DAEMON', 'MAILER-DAEMON'],
    ['empty angle', 'Anna <>', 'Anna'],
    ['null', '<>', ''],
    ['quote never closed', '"Anna <a@x.example>', 'Anna <a@x.example>'],
  ]
  it.each(table)('%s', (_, value, shown) => {
    expect(read(`From: ${value}\r\n\r\n`).from).toBe(shown)
  })
  it('falls back to Sender', () => {
    expect(read('From: \r\nSender: s@x.example\r\n\r\n').from).toBe('s@x.example')
  })
  it('gathers several To and Cc', () => {
    expect(read('To: a@x\nCc: c@x\nTo: b@x\nCc: d@x\n\n').to).toBe('a@x, b@x, c@x, d@x')
  })
})

describe('dates', () => {
  const table: [value: string, instant: string | null][] = [
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37.000Z'],
    ['1 Jul 2003 10:52 +0200', '2003-07-01T08:52:00.000Z'],
    ['Tue, 1 Jul 03 10:52:37 GMT', '2003-07-01T10:52:37.000Z'],
    ['Thu, 13 Feb 69 23:32 -0330', '1969-02-14T03:02:00.000Z'],
    ['1 Jul 103 10:52:37 UT', '2003-07-01T10:52:37.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 EST', '2003-07-01T15:52:37.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 Z', '2003-07-01T10:52:37.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 +0200 (CEST (really))', '2003-07-01T08:52:37.000Z'],
    ['Tue , 1 (comment) Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37.000Z'],
    ['Tue, 1 Jul 2003 10:52:37', '2003-07-01T10:52:37.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 +02:00', '2003-07-01T08:52:37.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 GMT+0200', '2003-07-01T08:52:37.000Z'],
    ['Tue, 1-Jul-2003 10:52:37 +0000', '2003-07-01T10:52:37.000Z'],
    ['Tue, 1 July 2003 10:52:37 +0000', '2003-07-01T10:52:37.000Z'],
    ['Tue Jul  1 10:52:37 2003', '2003-07-01T10:52:37.000Z'],
    ['Tue Jul  1 10:52:37 2003 +0200', '2003-07-01T08:52:37.000Z'],
    ['Tue Jul  1 10:52:37 CEST 2003', '2003-07-01T08:52:37.000Z'],
    ['Jul 1, 2003 10:52 PM', '2003-07-01T22:52:00.000Z'],
    ['1 Jul 2003 12:05:00 AM +0000', '2003-07-01T00:05:00.000Z'],
    ['2003-07-01T10:52:37+02:00', '2003-07-01T08:52:37.000Z'],
    ['2003-07-01 10:52:37', '2003-07-01T10:52:37.000Z'],
    ['Sat, 31 Dec 2016 23:59:60 +0000', '2017-01-01T00:00:00.000Z'],
    ['Tue, 1 Jul 2003 10:52:37 +9999', '2003-07-01T10:52:37.000Z'],
    ['Tue, 1 Jul 2003', '2003-07-01T00:00:00.000Z'],
    ['31 Feb 2003 10:52:37 +0000', null],
    ['1 Foo 2003 10:52:37 +0000', null],
    ['1 Ulj 2003 10:52:37 +0000', null],
    ['1 Jul 12345 10:52:37 +0000', null],
    ['1 Jul 2003 25:00:00 +0000', null],
    ['yesterday', null],
    ['', null],
  ]
  it.each(table)('%s', (value, instant) => {
    expect(read(`Date: ${value}\r\n\r\n`).date).toBe(instant)
  })
})

describe('attachments, as far as the header tells', () => {
  const table: [field: string, has: boolean][] = [
    ['Content-Type: multipart/mixed; boundary=x', true],
    ['Content-Type: Multipart/MIXED;\r\n boundary=x', true],
    ['Content-Type: multipart/alternative; boundary=x', false],
    ['Content-Type: multipart/signed; boundary=x', false],
    ['Content-Type: text/html', false],
    ['Content-Type: application/pdf; name=x.pdf', true],
    ['Content-Type: text/csv\r\nContent-Disposition: ATTACHMENT; filename=x.csv', true],
    ['Content-Type: text/plain\r\nContent-Disposition: inline', false],
    ['Content-Type: text', false],
    ['Content-Type: ', false],
    ['X-Nothing: 1', false],
  ]
  it.each(table)('%s', (field, has) => {
    expect(read(`${field}\r\n\r\n`).hasAttachment).toBe(has)
  })
})

describe('Message-ID', () => {
  const table: [value: string, id: string | null][] = [
    ['<a@x>', 'a@x'],
    [' \r\n <a@x>', 'a@x'],
    ['a@x', 'a@x'],
    ['<a b@x>', 'ab@x'],
    ['<a@x', 'a@x'],
    ['<a@x> (remark)', 'a@x'],
    ['<>', null],
    ['', null],
  ]
  it.each(table)('%s', (value, id) => {
    expect(read(`Message-ID: ${value}\r\n\r\n`).uniqueId).toBe(id)
  })
})

describe('shapes of messages', () => {
  it.each([
    ['LF', 'Subject: a\nTo: b@x\n\nTo: c@x'],
    ['CR', 'Subject: a\rTo: b@x\r\rTo: c@x'],
    ['mbox', 'From a@x Tue Jul  1 10:52:37 2003\nSubject: a\nTo: b@x\n\nTo: c@x'],
    ['quoted mbox', '>From a@x Tue Jul  1 10:52:37 2003\nSubject: a\nTo: b@x\n\nTo: c@x'],
    ['rubbish line', 'X: 1\nnot a field at all\n with a continuation\nSubject: a\nTo: b@x\n\nTo: c@x'],
    ['byte order mark', '\ufeffSubject: a\nTo: b@x\n\nTo: c@x'],
    ['no body', 'Subject: a\nTo: b@x'],
  ])('%s', (_, text) => {
    expect(read(text)).toMatchObject({ title: 'a', to: 'b@x', isWellFormed: true })
  })

  it.each([
    ['empty', ''],
    ['blank line first', '\r\nSubject: a'],
    ['no colon', 'hello\nworld'],
    ['NULs', '\0'.repeat(1000)],
    ['a sentence', 'Dear all: hello\nthere'],
  ])('%s is not well formed', (_, text) => {
    expect(read(text)).toMatchObject({ title: '', isWellFormed: false })
  })

  it('uses what is there when the header is cut', () => {
    expect(read('Subject: a\r\nTo: b@')).toMatchObject({ title: 'a', to: 'b@' })
  })

  it('finds fields beyond the first windows', () => {
    for (const size of [4_090, 16_380, 60_000])
      expect(read(`X: ${'y'.repeat(size)}\r\nSubject: found\r\n\r\n`).title).toBe('found')
  })
})

describe('whatever the bytes', () => {
  it('never throws and gives clean text', () => {
    const piece = fc.oneof(
      fc.constantFrom('Subject: ', 'From: ', 'To: ', 'Date: ', 'Content-Type: ', 'Message-ID: ', 'Keywords: '),
      fc.constantFrom(
        '\r\n',
        '\n',
        '\r',
        '\r\n ',
        '\n\t',
        '"',
        '(',
        ')',
        '<',
        '>',
        ':',
        ';',
        ',',
        '\\',
        '=?',
        '?=',
        '\0',
      ),
      fc.constantFrom(
        '=?utf-8?Q?',
        '=?utf-8?B?',
        '=?koi8-r?q?',
        '=?nope?b?',
        '=C3',
        '=BC',
        'w7w=',
        '\x1b$B',
        'é',
        '\x80',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.boolean(), (pieces, asLatin1) => {
        const fields = readHeaderFields(Buffer.from(pieces.join(''), asLatin1 ? 'latin1' : 'utf8'))
        for (const text of [fields.title, fields.from, fields.to, fields.categories, fields.uniqueId ?? ''])
          expect(text).not.toMatch(/[\p{Cc}\p{Cs}]/u)
        if (fields.date !== null) expect(new Date(fields.date).toISOString()).toBe(fields.date)
      }),
      { numRuns: 1_000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(typeof readHeaderFields(bytes).title).toBe('string')
      }),
    )
  })

  it('gives back any words it is sent, however they are cut into encoded words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.nat({ max: 20 }), (text, cut) => {
        const title = text.replace(/[\s\p{C}\u2028\u2029]+/gu, ' ').trim()
        const bytes = Buffer.from(title)
        const at = Math.min(cut, bytes.length)
        const q = [...bytes.subarray(at)].map((byte) => `=${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
        const words = `=?UTF-8?B?${b64(bytes.subarray(0, at))}?=\r\n =?utf-8?Q?${q}?=`
        expect(read(`Subject: ${words}\r\n\r\n`).title).toBe(title)
      }),
    )
  })

  const long = 10_000_000
  it.each([
    ['one line', `Subject: ${'x'.repeat(long)}`],
    ['encoded words never closed', `Subject: ${'=?x?q?'.repeat(long / 6)}`],
    ['closed at the end', `Subject: ${'=?x?q?'.repeat(10_000)}?=`],
    ['openings', `From: ${'=?'.repeat(long / 2)}`],
    ['brackets', `From: ${'('.repeat(long)}`],
    ['angles', `From: ${'<'.repeat(long)}`],
    ['quotes', `From: ${'"'.repeat(long)}`],
    ['backslashes', `From: ${'\\'.repeat(long)}`],
    ['commas', `To: ${','.repeat(long)}`],
    ['recipients', `To: ${'a@x,'.repeat(long / 4)}`],
    ['date blanks', `Date: Tue, 1 ${' '.repeat(long)}`],
    ['no colons', 'x\n'.repeat(long / 2)],
    ['folds', `Subject: ${'\n '.repeat(long / 2)}`],
    ['many fields', 'To: a@x\n'.repeat(long / 8)],
    ['blanks', `From: ${' \t'.repeat(long / 2)}x`],
    ['charsets nobody knows', `Subject: ${Array.from({ length: 6_000 }, (_, n) => `=?n${n}?q?a?=`).join(' ')}`],
  ])('takes linear time: %s', (_, text) => {
    const bytes = Buffer.from(text, 'latin1')
    const startedAt = cpuMs()
    readHeaderFields(bytes)
    // Linear takes a few milliseconds for the 64 KB that are looked at; quadratic would take many seconds.
    expect(cpuMs() - startedAt).toBeLessThan(1_000)
  })
})
