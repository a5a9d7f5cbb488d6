import { address, base64Lines, headerText, mailDate, parameter, quotedPrintable } from './mime.ts'
import { type Attachment, csv, pdf, png } from './sample-attachments.ts'
import type { Person } from './sample-people.ts'
import { type Phrases, places } from './sample-text.ts'
import type { SeededRandom } from './seeded-random.ts'

export type Correspondent = Pick<Person, 'name' | 'address'>
export type SampleMessage = {
  readonly id: string
  readonly subject: string
  readonly references: readonly string[]
  readonly bytes: Buffer
}
export type MessageWish = {
  readonly from: Correspondent
  readonly to: readonly Correspondent[]
  readonly at: Date
  readonly phrases: Phrases
  /** What this message answers, where it does. */
  readonly answers?: SampleMessage
  /** Numbers the message within the sample: unlike ids in one mailbox. */
  readonly serial: string
}

type Part = { readonly headers: readonly string[]; readonly body: string }

const crlf = '\r\n'
const render = ({ headers, body }: Part): string => [...headers, '', body].join(crlf)

const textPart = (subtype: 'plain' | 'html', text: string): Part => ({
  headers: [`Content-Type: text/${subtype}; charset=utf-8`, 'Content-Transfer-Encoding: quoted-printable'],
  body: quotedPrintable(text),
})

const filePart = ({ name, type, bytes }: Attachment, contentId?: string): Part => ({
  headers: [
    `Content-Type: ${type};${crlf} ${parameter('name', name)}`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: ${contentId ? 'inline' : 'attachment'};${crlf} ${parameter('filename', name)}`,
    ...(contentId ? [`Content-ID: <${contentId}>`] : []),
  ],
  body: base64Lines(bytes),
})

const multipart = (subtype: string, boundary: string, parts: readonly Part[], parameters = ''): Part => ({
  headers: [`Content-Type: multipart/${subtype};${parameters}${crlf} boundary="${boundary}"`],
  body: [...parts.map((part) => `--${boundary}${crlf}${render(part)}`), `--${boundary}--`, ''].join(crlf),
})

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const htmlOf = (language: string, paragraphs: readonly string[], picture = ''): string =>
  [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"></head><body>`,
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    picture,
    '</body></html>',
  ].join(crlf)

const stamp = (at: Date): string => `${at.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`

const invitation = (wish: MessageWish, subject: string, place: string): Part => {
  const start = new Date(wish.at.getTime() + 7 * 86_400_000)
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Stillbox//Sample//EN',
    'METHOD:REQUEST',
    'BEGIN:VEVENT',
    `UID:invitation-${wish.serial}@sample.example`,
    `DTSTAMP:${stamp(wish.at)}`,
    `DTSTART:${stamp(start)}`,
    `DTEND:${stamp(new Date(start.getTime() + 3_600_000))}`,
    `SUMMARY:${subject.replace(/[,;\\]/g, '\\$&')}`,
    `LOCATION:${place.replace(/[,;\\]/g, '\\$&')}`,
    `ORGANIZER:mailto:${wish.from.address}`,
    ...wish.to.map((person) => `ATTENDEE;RSVP=TRUE:mailto:${person.address}`),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]
  return {
    headers: ['Content-Type: text/calendar; charset=utf-8; method=REQUEST', 'Content-Transfer-Encoding: base64'],
    body: base64Lines(Buffer.from(lines.join(crlf))),
  }
}

const attachmentOf = (random: SeededRandom, subject: string): Attachment => {
  const number = random.int(100, 999)
  switch (random.int(0, 3)) {
    case 0:
      return png(random, `Foto ${number}.png`, random.int(160, 320), random.int(120, 240))
    case 1:
      return csv(random, `Liste-${number}.csv`, random.int(40, 900))
    default:
      return pdf(random, `Übersicht ${number}.pdf`, subject, random.chance(0.04) ? 900_000 : random.int(8_000, 120_000))
  }
}

/** One believable message: plain, with HTML, with attachments, with pictures in the text, an invitation, a newsletter, forwarded. */
export const sampleMessage = (random: SeededRandom, wish: MessageWish): SampleMessage => {
  const { phrases, from, to, at, answers, serial } = wish
  const id = `${serial}.${at.getTime().toString(36)}@${from.address.split('@')[1]}`
  const written = random.pick(phrases.subjects).replace('{n}', String(random.int(1000, 9999)))
  const subject = answers ? `Re: ${answers.subject.replace(/^Re: /, '')}` : written
  const references = answers ? [...answers.references.slice(-8), answers.id] : []
  const greeting = random.pick(phrases.greetings).replace('{name}', to[0]!.name.split(' ')[0]!)
  const body = Array.from({ length: random.int(1, 4) }, () =>
    Array.from({ length: random.int(1, 3) }, () => random.pick(phrases.sentences)).join(' '),
  )
  const paragraphs = [greeting, ...body, `${random.pick(phrases.closings)}${crlf}${from.name}`]
  const plain = textPart('plain', `${paragraphs.join(crlf + crlf)}${crlf}`)
  const boundary = (level: number) => `=_${serial}_${level}`
  const alternative = () =>
    multipart('alternative', boundary(1), [plain, textPart('html', htmlOf(phrases.language, paragraphs))])

  const more: string[] = []
  const content = ((): Part => {
    const kind = random.fraction()
    if (kind < 0.42) return plain
    if (kind < 0.66) return alternative()
    if (kind < 0.8) {
      const files = Array.from({ length: random.int(1, 2) }, () => filePart(attachmentOf(random, subject)))
      return multipart('mixed', boundary(0), [random.chance(0.5) ? plain : alternative(), ...files])
    }
    if (kind < 0.86) {
      const contentId = `picture.${serial}@sample.example`
      const html = htmlOf(phrases.language, paragraphs, `<p><img alt="" src="cid:${contentId}"></p>`)
      const picture = filePart(png(random, 'logo.png', 120, 48, 6), contentId)
      const related = multipart('related', boundary(2), [textPart('html', html), picture], ' type="text/html";')
      return multipart('alternative', boundary(1), [plain, related])
    }
    if (kind < 0.91)
      return multipart('alternative', boundary(1), [plain, invitation(wish, subject, random.pick(places))])
    if (kind < 0.97) {
      more.push(
        `List-Id: <news.${from.address.split('@')[1]}>`,
        `List-Unsubscribe: <https://${from.address.split('@')[1]}/unsubscribe/${serial}>`,
        'Precedence: bulk',
      )
      return alternative()
    }
    const inner = render({
      headers: [
        `From: ${address(to[0]!)}`,
        `To: ${address(from)}`,
        `Date: ${mailDate(new Date(at.getTime() - 86_400_000))}`,
        `Subject: ${headerText(written)}`,
        `Message-ID: <inner.${id}>`,
        'MIME-Version: 1.0',
        ...plain.headers,
      ],
      body: plain.body,
    })
    const forwarded: Part = {
      headers: ['Content-Type: message/rfc822', 'Content-Disposition: attachment; filename="forwarded.eml"'],
      body: inner,
    }
    return multipart('mixed', boundary(0), [plain, forwarded])
  })()

  const headers = [
    `Received: from mail.${from.address.split('@')[1]} by mx.sample.example${crlf} with ESMTPS id ${serial}; ${mailDate(at)}`,
    `From: ${address(from)}`,
    `To: ${to.map(address).join(`,${crlf} `)}`,
    `Subject: ${headerText(subject)}`,
    `Date: ${mailDate(new Date(at.getTime() - random.int(1, 90) * 1000))}`,
    `Message-ID: <${id}>`,
    ...(answers
      ? [`In-Reply-To: <${answers.id}>`, `References: ${references.map((one) => `<${one}>`).join(`${crlf} `)}`]
      : []),
    ...more,
    'MIME-Version: 1.0',
    ...content.headers,
  ]
  return { id, subject, references, bytes: Buffer.from(render({ headers, body: content.body })) }
}
