import { Buffer } from 'node:buffer'
import type { Mail, MailFolder } from './mail-model.ts'

/** Bytes that are unlike each other and the same each time. */
export const patternBytes = (length: number, seed = 1): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  let state = (seed * 2_654_435_761) >>> 0 || 1
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

export const anna = { name: 'Anna Müller', address: 'anna@example.org' }
export const plainMail = (subject: string, more: Partial<Mail> = {}): Mail => ({
  subject,
  sender: anna,
  recipients: [{ type: 1, name: 'Bo Lindqvist', address: 'bo@example.net' }],
  submittedAtMs: Date.UTC(2024, 1, 29, 8, 30, 15),
  isRead: true,
  body: `Body of ${subject}`,
  attachments: [],
  ...more,
})

/** Something of everything. */
export const sampleMailbox = (): readonly MailFolder[] => [
  {
    path: ['Inbox'],
    containerClass: 'IPF.Note',
    mails: [
      plainMail('Plain and short'),
      plainMail('RE: Grüße – 日本語 🎉', {
        isRead: false,
        recipients: [
          { type: 1, name: 'Bo Lindqvist', address: 'bo@example.net' },
          { type: 2, name: 'Цветан', address: 'c@example.com' },
          { type: 3, name: 'Hidden', address: 'hidden@example.com' },
        ],
        html: `<p>${'Straße und Café. '.repeat(3000)}</p>`,
        body: 'Straße und Café. '.repeat(3000),
        headers: `Received: from a by b\r\nX-Long: ${'x'.repeat(5000)}\r\n`,
        categories: ['Wichtig', 'Blue category'],
      }),
      plainMail('With attachments', {
        attachments: [
          { name: 'empty.bin', bytes: Buffer.alloc(0) },
          { name: 'five.txt', bytes: Buffer.from('12345') },
          { name: 'Übersicht.pdf', bytes: patternBytes(100_000) },
          { name: 'picture.png', bytes: patternBytes(9000, 2), contentId: 'one@example', isHidden: true },
          { name: 'large.bin', bytes: patternBytes(9_000_000, 3) },
        ],
      }),
      plainMail('With a message in it', {
        attachments: [
          {
            name: 'Inner subject',
            mail: plainMail('Inner subject', {
              attachments: [{ name: 'deep.txt', bytes: Buffer.from('deep') }],
              isRead: true,
            }),
          },
        ],
      }),
    ],
  },
  { path: ['Inbox', 'Projekte – 2024'], containerClass: 'IPF.Note', mails: [plainMail('')] },
  { path: ['Empty'], containerClass: 'IPF.Note', mails: [] },
  {
    path: ['Many'],
    containerClass: 'IPF.Note',
    mails: Array.from({ length: 300 }, (_, index) => plainMail(`Number ${index}`, { isRead: index % 3 > 0 })),
  },
]
