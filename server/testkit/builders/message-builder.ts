import { charsetSamples, encodedWord, utf8Words } from './encoded-words.ts'
import { file, latin1, multipart, type Part, render, text, utf8 } from './mime-part.ts'
import { type Random, seededRandom } from './random.ts'

/** Every shape of message that a mailbox is known to hold. */
export const messageKinds = [
  'plain',
  'alternative',
  'mixed',
  'inline-images',
  'encoded-words',
  'charset-body',
  'eight-bit',
  'raw-eight-bit-header',
  'format-flowed',
  'forwarded',
  'digest',
  'smime-signed',
  'smime-encrypted',
  'pgp-encrypted',
  'pgp-inline',
  'invitation',
  'newsletter',
  'delivery-report',
  'no-message-id',
  'no-subject',
  'no-date',
  'twice-the-headers',
  'broken-mime',
  'unclosed-multipart',
  'deep-nesting',
  'long-lines',
  'long-header',
  'lf-only',
  'dots-and-from',
  'empty-body',
  'header-only',
  'hostile-names',
] as const
export type MessageKind = (typeof messageKinds)[number]

export type BuiltMessage = {
  readonly kind: MessageKind
  readonly bytes: Buffer
  /** With angle brackets, as in the header; null where there is none. */
  readonly messageId: string | null
  /** As a person reads it; null where the header is missing or is in no charset. */
  readonly subject: string | null
  /** Date header in milliseconds; null where it is missing. */
  readonly dateMs: number | null
  readonly hasAttachment: boolean
  /** False for bare LF: a server that appends it may hand it back with CRLF. */
  readonly hasCrlfOnly: boolean
}

export type MessageWish = {
  readonly kind?: MessageKind
  /** Size of each attachment before its base64, for the kinds that have one. */
  readonly attachmentBytes?: readonly number[]
  readonly from?: string
  readonly to?: string
}

const crlf = '\r\n'
const sentences = [
  'The gate on the north side stays closed until further notice.',
  'Für die Übergabe fehlt noch der zweite Schlüssel.',
  'Les mesures du troisième étage ne sont pas les bonnes.',
  'Zamówienie zostało wysłane wczoraj wieczorem.',
  '明日の会議は十時からです。',
  'Встреча переносится на четверг.',
  'الموعد يوم الأحد صباحا.',
  'See you on Monday 🚲.',
] as const
const subjects = ['Minutes of the meeting', 'Your order', 'Holiday rota', 'Key handover', 'Quarterly figures'] as const

const paragraphs = (random: Random, count: number): string =>
  Array.from({ length: count }, () =>
    Array.from({ length: random.int(1, 4) }, () => random.pick(sentences)).join(' '),
  ).join(crlf + crlf) + crlf

const asciiParagraphs = (random: Random, lines: number): string =>
  Array.from({ length: lines }, () =>
    Array.from({ length: random.int(4, 9) }, () => random.word(random.int(2, 9))).join(' '),
  ).join(crlf) + crlf

const mailDate = (ms: number): string => new Date(ms).toUTCString().replace('GMT', '+0000')

type Draft = {
  readonly content: Part
  /** Header lines in place of the usual ones; null leaves the line out. */
  readonly lines?: Readonly<Record<string, readonly string[] | null>>
  readonly subject?: string | null
  readonly hasAttachment?: boolean
}

const attachment = (random: Random, name: string, size: number): Part =>
  file(name, random.pick(['application/pdf', 'application/zip', 'image/jpeg']), random.bytes(size))

const drafts: Readonly<Record<MessageKind, (random: Random, sizes: readonly number[] | undefined) => Draft>> = {
  plain: (random) => ({ content: text('plain', asciiParagraphs(random, random.int(3, 60)), { encoding: '7bit' }) }),
  alternative: (random) => {
    const plain = utf8(paragraphs(random, 3))
    const html = `<html><body>${crlf}<p>${plain.replaceAll(crlf + crlf, `</p>${crlf}<p>`)}</p>${crlf}</body></html>${crlf}`
    return { content: multipart('alternative', `alt-${random.word(16)}`, [text('plain', plain), text('html', html)]) }
  },
  mixed: (random, sizes = [random.int(500, 60_000)]) => ({
    hasAttachment: true,
    content: multipart('mixed', `mixed-${random.word(16)}`, [
      text('plain', utf8(paragraphs(random, 2))),
      ...sizes.map((size, index) =>
        attachment(random, random.pick([`report-${index}.pdf`, `Übersicht ${index} (neu).zip`]), size),
      ),
    ]),
  }),
  'inline-images': (random, sizes = [random.int(500, 8_000)]) => {
    const ids = sizes.map(() => `${random.word(12)}@images.example`)
    const html = `<html><body>${ids.map((id) => `<img src="cid:${id}">`).join(crlf)}</body></html>${crlf}`
    return {
      content: multipart('related', `rel-${random.word(16)}`, [
        text('html', html),
        ...sizes.map((size, index) =>
          file(`image${index}.png`, 'image/png', random.bytes(size), { contentId: ids[index]! }),
        ),
      ]),
    }
  },
  'encoded-words': (random) => {
    const [first, second] = random.shuffle(charsetSamples) as [
      (typeof charsetSamples)[number],
      (typeof charsetSamples)[number],
    ]
    return {
      // White space between two encoded words is not part of the text (RFC 2047 §6.2).
      subject: first.text + second.text,
      lines: { Subject: [`Subject: ${encodedWord(first, 'B')}${crlf} ${encodedWord(second, 'Q')}`] },
      content: text('plain', asciiParagraphs(random, 2), { encoding: '7bit' }),
    }
  },
  'charset-body': (random) => {
    const { charset, hex, text: written } = random.pick(charsetSamples)
    const encoding = random.pick(['base64', 'quoted-printable'] as const)
    const content = text('plain', `${latin1(Buffer.from(hex, 'hex'))}${crlf}`, { charset, encoding })
    return { subject: written, lines: { Subject: [`Subject: ${utf8Words(written)}`] }, content }
  },
  'eight-bit': (random) => ({ content: text('plain', utf8(paragraphs(random, 3)), { encoding: '8bit' }) }),
  'raw-eight-bit-header': (random) => ({
    subject: null,
    lines: {
      Subject: [latin1(Buffer.concat([Buffer.from('Subject: Gr'), Buffer.from([0xfc, 0xdf]), Buffer.from('e ü')]))],
    },
    content: text('plain', asciiParagraphs(random, 2), { encoding: '7bit' }),
  }),
  'format-flowed': (random) => ({
    content: text(
      'plain',
      `> quoted and flowed ${crlf}> on${crlf} From space-stuffed${crlf}-- ${crlf}${random.word(8)}${crlf}`,
      {
        encoding: '7bit',
        parameters: '; format=flowed; delsp=yes',
      },
    ),
  }),
  forwarded: (random, sizes = [2_000]) => {
    const inner = buildWith(random, { kind: 'mixed', attachmentBytes: sizes })
    return {
      hasAttachment: true,
      content: multipart('mixed', `fwd-${random.word(16)}`, [
        text('plain', asciiParagraphs(random, 2), { encoding: '7bit' }),
        {
          headers: ['Content-Type: message/rfc822', 'Content-Disposition: attachment; filename="inner.eml"'],
          body: latin1(inner.bytes),
        },
      ]),
    }
  },
  digest: (random) => ({
    content: multipart(
      'digest',
      `digest-${random.word(16)}`,
      // In a digest a part without a header is a message (RFC 2046 §5.1.5).
      Array.from({ length: 3 }, () => ({ headers: [], body: latin1(buildWith(random, { kind: 'plain' }).bytes) })),
    ),
  }),
  'smime-signed': (random) => ({
    hasAttachment: true,
    content: multipart(
      'signed',
      `sig-${random.word(16)}`,
      [
        text('plain', asciiParagraphs(random, 4), { encoding: '7bit' }),
        file('smime.p7s', 'application/pkcs7-signature', random.bytes(2_600)),
      ],
      {
        parameters: '; protocol="application/pkcs7-signature"; micalg=sha-256',
        preamble: 'This is an S/MIME signed message',
      },
    ),
  }),
  'smime-encrypted': (random) => ({
    hasAttachment: true,
    content: file('smime.p7m', 'application/pkcs7-mime; smime-type=enveloped-data', random.bytes(4_000), { width: 64 }),
  }),
  'pgp-encrypted': (random) => ({
    hasAttachment: true,
    content: multipart(
      'encrypted',
      `pgp-${random.word(16)}`,
      [
        { headers: ['Content-Type: application/pgp-encrypted'], body: `Version: 1${crlf}` },
        {
          headers: ['Content-Type: application/octet-stream; name="encrypted.asc"'],
          body: armored(random, 'MESSAGE', 3_000),
        },
      ],
      { parameters: '; protocol="application/pgp-encrypted"' },
    ),
  }),
  'pgp-inline': (random) => ({ content: text('plain', armored(random, 'MESSAGE', 900), { encoding: '7bit' }) }),
  invitation: (random) => {
    const lines = [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Test//EN',
      'METHOD:REQUEST',
      'BEGIN:VEVENT',
      `UID:${random.word(20)}@calendar.example`,
      'DTSTAMP:20260101T000000Z',
      'DTSTART:20260305T090000Z',
      'SUMMARY:Übergabe',
      'ORGANIZER:mailto:a@mail.example',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]
    return {
      content: multipart('alternative', `inv-${random.word(16)}`, [
        text('plain', utf8(paragraphs(random, 1))),
        text('calendar', utf8(lines.join(crlf)), { encoding: 'base64', parameters: '; method=REQUEST' }),
      ]),
    }
  },
  newsletter: (random) => ({
    lines: {
      List: ['List-Id: <news.shop.example>', 'List-Unsubscribe: <mailto:out@shop.example>', 'Precedence: bulk'],
    },
    content: text(
      'html',
      `<table>${`<tr><td>${random.word(40)}</td></tr>${crlf}`.repeat(random.int(20, 200))}</table>${crlf}`,
      { encoding: 'base64' },
    ),
  }),
  'delivery-report': (random) => ({
    lines: { 'Return-Path': ['Return-Path: <>'] },
    content: multipart(
      'report',
      `dsn-${random.word(16)}`,
      [
        text('plain', asciiParagraphs(random, 2), { encoding: '7bit' }),
        {
          headers: ['Content-Type: message/delivery-status'],
          body: `Reporting-MTA: dns; mx.example${crlf}${crlf}Action: failed${crlf}Status: 5.1.1${crlf}`,
        },
        { headers: ['Content-Type: text/rfc822-headers'], body: `Subject: lost${crlf}` },
      ],
      { parameters: '; report-type=delivery-status' },
    ),
  }),
  'no-message-id': (random) => ({
    lines: { 'Message-ID': null },
    content: text('plain', asciiParagraphs(random, 3), { encoding: '7bit' }),
  }),
  'no-subject': (random) => ({
    subject: null,
    lines: { Subject: null },
    content: text('plain', asciiParagraphs(random, 3), { encoding: '7bit' }),
  }),
  'no-date': (random) => ({
    lines: { Date: null, Received: null },
    content: text('plain', asciiParagraphs(random, 3), { encoding: '7bit' }),
  }),
  'twice-the-headers': (random) => ({
    subject: 'the first',
    lines: {
      Subject: ['Subject: the first', 'Subject: the second'],
      To: ['To: a@mail.example', 'To: b@mail.example', 'Cc:', 'X-Empty: '],
    },
    content: text('plain', asciiParagraphs(random, 2), { encoding: '7bit' }),
  }),
  'broken-mime': (random) => ({
    content: {
      headers: ['Content-Type: multipart/mixed; boundary=', 'Content-Transfer-Encoding: base65', 'this is no header'],
      body: `--nothing${crlf}Content-Type: text${crlf}${crlf}=?utf-8?Q?=ZZ?= ${random.word(30)}${crlf}--${crlf}`,
    },
  }),
  'unclosed-multipart': (random) => ({
    content: multipart(
      'mixed',
      `open-${random.word(16)}`,
      [text('plain', asciiParagraphs(random, 3), { encoding: '7bit' })],
      { isClosed: false },
    ),
  }),
  'deep-nesting': (random) => {
    let part = text('plain', asciiParagraphs(random, 1), { encoding: '7bit' })
    for (let depth = 0; depth < 60; depth++) part = multipart('mixed', `deep-${depth}-${random.word(8)}`, [part])
    return { content: part }
  },
  'long-lines': (random) => ({
    content: text('plain', `${random.word(120)}${'x'.repeat(40_000)}${crlf}end${crlf}`, { encoding: '8bit' }),
  }),
  'long-header': (random) => ({
    lines: {
      To: [`To: ${Array.from({ length: 600 }, () => `${random.word(8)}@many.example`).join(`,${crlf} `)}`],
      'X-Long': [`X-Long: ${'y'.repeat(9_000)}`],
    },
    content: text('plain', asciiParagraphs(random, 1), { encoding: '7bit' }),
  }),
  'lf-only': (random) => ({ content: text('plain', asciiParagraphs(random, 10), { encoding: '7bit' }) }),
  'dots-and-from': (random) => ({
    content: text(
      'plain',
      `.${crlf}..${crlf}From here on${crlf}>From there${crlf}${random.word(5)}${crlf})${crlf}* 1 FETCH (BODY[] {5}${crlf}A1 OK done${crlf}`,
      { encoding: '7bit' },
    ),
  }),
  'empty-body': () => ({ content: { headers: ['Content-Type: text/plain'], body: '' } }),
  'header-only': () => ({ content: { headers: [], body: '' } }),
  'hostile-names': (random) => ({
    hasAttachment: true,
    subject: '../../etc/passwd\u202Etxt.exe CON. ',
    lines: { Subject: [`Subject: ${utf8Words('../../etc/passwd\u202Etxt.exe CON. ')}`] },
    content: multipart('mixed', `evil-${random.word(16)}`, [
      file('../../../etc/cron.d/evil', 'application/octet-stream', random.bytes(50)),
      file('C:\\Windows\\system32\\x.dll', 'application/octet-stream', random.bytes(50)),
      file(`${'n'.repeat(400)}.txt`, 'text/plain', random.bytes(50)),
    ]),
  }),
}

const armored = (random: Random, what: string, size: number): string =>
  [
    `-----BEGIN PGP ${what}-----`,
    '',
    ...(random
      .bytes(size)
      .toString('base64')
      .match(/.{1,64}/g) ?? []),
    `=${random.word(4)}`,
    `-----END PGP ${what}-----`,
    '',
  ].join(crlf)

const buildWith = (random: Random, wish: MessageWish): BuiltMessage => {
  const kind = wish.kind ?? random.pick(messageKinds)
  const from = wish.from ?? `${random.word(7)}@mail.example`
  const to = wish.to ?? `${random.word(7)}@mail.example`
  const dateMs = Date.UTC(2024, 0, 1) + random.int(0, 700 * 86_400) * 1000
  const messageId = `<${random.word(24)}@mail.example>`
  const subject = `${random.pick(subjects)} ${random.int(1, 99_999)}`
  const draft = drafts[kind](random, wish.attachmentBytes)
  const usual: Record<string, readonly string[]> = {
    Received: [`Received: from relay.example (198.51.100.7)${crlf}\tby mx.example; ${mailDate(dateMs + 2_000)}`],
    From: [`From: ${random.chance(0.3) ? `${utf8Words('Zoë Müller')} ` : ''}<${from}>`],
    To: [`To: ${to}`],
    Subject: [`Subject: ${subject}`],
    Date: [`Date: ${mailDate(dateMs)}`],
    'Message-ID': [`Message-ID: ${messageId}`],
    'MIME-Version': ['MIME-Version: 1.0'],
  }
  const lines = Object.entries({ ...usual, ...draft.lines }).flatMap(([, own]) => own ?? [])
  const whole =
    kind === 'header-only'
      ? `${lines.join(crlf)}${crlf}`
      : render({ headers: [...lines, ...draft.content.headers], body: draft.content.body })
  return {
    kind,
    bytes: Buffer.from(kind === 'lf-only' ? whole.replaceAll(crlf, '\n') : whole, 'latin1'),
    messageId: draft.lines?.['Message-ID'] === null ? null : messageId,
    subject: draft.subject === undefined ? subject : draft.subject,
    dateMs: draft.lines?.Date === null ? null : dateMs,
    hasAttachment: draft.hasAttachment ?? false,
    hasCrlfOnly: kind !== 'lf-only',
  }
}

/** One message: same seed and wish, same bytes. */
export const buildMessage = (seed: number, wish: MessageWish = {}): BuiltMessage => buildWith(seededRandom(seed), wish)

/** As many as wanted, one after the other, every kind in turn: nothing is held that the caller does not hold. */
export function* buildMessages(seed: number, count: number, wish: MessageWish = {}): Generator<BuiltMessage> {
  const random = seededRandom(seed)
  for (let n = 0; n < count; n++) yield buildWith(random, { kind: messageKinds[n % messageKinds.length]!, ...wish })
}

/**
 * A message of exactly `sizeBytes` with one attachment that does not compress, in pieces of about 1 MB: for sizes that
 * should not be in memory. The smallest is 1,000 bytes.
 */
export function* largeMessage(seed: number, sizeBytes: number): Generator<Buffer> {
  const random = seededRandom(seed)
  const head = Buffer.from(
    [
      'From: sender@mail.example',
      'To: receiver@mail.example',
      `Subject: Large ${sizeBytes}`,
      `Date: ${mailDate(Date.UTC(2025, 5, 1))}`,
      `Message-ID: <large.${seed}.${sizeBytes}@mail.example>`,
      'MIME-Version: 1.0',
      'Content-Type: application/octet-stream; name="large.bin"',
      'Content-Disposition: attachment; filename="large.bin"',
      'Content-Transfer-Encoding: base64',
      '',
      '',
    ].join(crlf),
  )
  if (sizeBytes < 1_000) throw new Error('a large message has at least 1,000 bytes')
  yield head
  const block = Buffer.from(`${file('', '', random.bytes(57 * 13_440)).body}${crlf}`)
  let left = sizeBytes - head.length
  for (; left >= block.length; left -= block.length) yield block
  // What is left ends in a whole line, so that the size is exact and the last line is ended.
  const rest = Buffer.from(block.subarray(0, left))
  if (left >= 2) rest.write(crlf, left - 2, 'latin1')
  if (left > 0) yield rest
}
