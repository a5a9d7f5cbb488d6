import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOf, mail, project } from '../../../../test/export/projected-mail.ts'
import { degradations } from '../../../formats/mapi/degradations.ts'
import type { MapiMessage } from '../../../formats/mapi/message.ts'
import {
  PidTagBody,
  PidTagMessageClass,
  PidTagSubject,
  PidTagTransportMessageHeaders,
} from '../../../formats/mapi/properties-message.ts'

const multi = (...lines: string[]) => mail('Content-Type: multipart/mixed; boundary=b', '', ...lines)

describe('what is nowhere else keeps the original', () => {
  it.each([
    ['message_without_header', 'just some text\r\nand more'],
    ['charset_unknown', mail('Content-Type: text/plain; charset=x-nobody', '', 'a')],
    ['charset_mismatch', mail('Content-Type: text/plain; charset=utf-8', '', 'a\xff')],
    ['nul_removed', mail('Subject: s', '', 'a\0b')],
    ['base64_with_text', mail('Content-Transfer-Encoding: base64', '', 'YWJj', '_____', 'list footer')],
    [
      'base64_with_text',
      multi(
        '--b',
        'Content-Type: image/png',
        'Content-Transfer-Encoding: base64',
        '',
        'YWJj',
        '-b',
        'Content-Type: text/plain',
        '',
        'x',
      ),
    ],
    ['encoding_unknown', mail('Content-Transfer-Encoding: base65', '', 'a')],
    ['multipart_without_parts', multi('a')],
    ['part_header_broken', multi('--b', 'Content-Type: text/plain', 'lost words', '', 'a', '--b--')],
    ['text_before_first_part', multi('early words', '--b', '', 'a', '--b--')],
    ['text_after_last_part', multi('--b', '', 'a', '--b--', 'late words')],
    ['headers_shortened', mail(`X-Long: ${'x'.repeat(300_000)}`, '', 'a')],
    [
      'nested_too_deep',
      Array.from({ length: 250 }, (_, n) =>
        mail(`Content-Type: multipart/mixed; boundary=n${n}-`, '', `--n${n}-`, ''),
      ).join(''),
    ],
  ])('%s', async (code, raw) => {
    const made = await project(raw)
    expect(made.codes).toContain(code)
    expect(made.codes).toContain('original_kept')
    expect((await contentOf(made.file('original.eml'))).toString('latin1')).toBe(raw)
  })
})

describe('what real mail does loses nothing', () => {
  it.each([
    ['no end of the multipart', multi('--b', '', 'one', '--b', 'Content-Type: text/html', '', 'two'), 'one\r\ntwo'],
    ['only LF', multi('--b', '', 'one', '--b--', '').replaceAll('\r\n', '\n'), 'one'],
    ['a body and no header', '\r\nwords', 'words'],
    ['a line of mbox', mail('From a@x.example Mon Jan  1 00:00:00 2026', 'Subject: s', '', 'a'), 'a'],
    [
      'a word to those who know no MIME',
      multi('This is a multi-part message in MIME format.', '--b', '', 'one', '--b--'),
      'one',
    ],
    [
      'a multipart that says it is base64',
      mail('Content-Transfer-Encoding: base64', multi('--b', '', 'one', '--b--')),
      'one',
    ],
    ['a byte order mark', 'Subject: s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xef\xbb\xbfa', 'a'],
  ])('%s', async (_, raw, text) => {
    const made = await project(raw)
    expect([made.get(PidTagBody), made.codes, made.names]).toEqual([text, [], []])
  })

  it('nothing at all is a message without anything', async () => {
    const made = await project('')
    expect([made.get(PidTagMessageClass), made.get(PidTagSubject), made.codes]).toEqual([
      'IPM.Note',
      '',
      ['message_empty'],
    ])
  })

  it('raw 8-bit headers are read', async () => {
    expect((await project('Subject: Gr\xfc\xdfe\r\n\r\n')).get(PidTagSubject)).toBe('Grüße')
    expect((await project(Buffer.from('Subject: Grüße 🚲\r\n\r\n'))).get(PidTagSubject)).toBe('Grüße 🚲')
  })

  it('a header line of 1 MB is read to its end', async () => {
    const made = await project(mail(`X-Long: ${'x'.repeat(1_048_576)}`, 'Subject: behind it', '', 'text'))
    expect([made.get(PidTagSubject), made.get(PidTagBody)]).toEqual(['behind it', 'text'])
    expect(made.get(PidTagTransportMessageHeaders)!.length).toBeLessThanOrEqual(262_144)
  })

  it('10,000 parts are 10,000 attachments', async () => {
    const parts = Array.from({ length: 10_000 }, (_, n) =>
      mail('--b', `Content-Type: image/png; name=${n}.png`, '', `${n}`),
    )
    const made = await project(multi('--b', '', 'text', ...parts, '--b--'))
    expect(made.codes).toEqual([])
    expect(made.message.attachments).toHaveLength(10_000)
    expect((await contentOf(made.file('9999.png'))).toString()).toBe('9999')
  })

  it('100 levels of multiparts are opened', async () => {
    let raw = mail('Content-Type: text/plain', '', 'deepest')
    for (let level = 0; level < 100; level++)
      raw = mail(`Content-Type: multipart/mixed; boundary=l${level}x`, '', `--l${level}x`, raw, `--l${level}x--`)
    const made = await project(raw)
    expect([made.get(PidTagBody), made.codes]).toEqual(['deepest', []])
  })

  it('a digest of more messages than are opened keeps the rest as files', async () => {
    const inner = Array.from({ length: 600 }, (_, n) => mail('--b', '', `Subject: ${n}`, '', 'x'))
    const made = await project(mail('Content-Type: multipart/digest; boundary=b', '', ...inner, '--b--'))
    const kinds = made.message.attachments.map(({ content }) => content.kind)
    expect([kinds.filter((kind) => kind === 'message').length, kinds.length]).toEqual([500, 600])
    expect(made.codes).toEqual(['embedded_as_file'])
  })
})

const everyFile = async (message: MapiMessage): Promise<void> => {
  for (const attachment of message.attachments) {
    if (attachment.content.kind === 'message') await everyFile(attachment.content.message)
    else await contentOf(attachment)
  }
}

it('whatever the bytes, something comes of them', async () => {
  const words = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '\r\n',
        '\n',
        '\r\n\r\n',
        '--b\r\n',
        '--b--\r\n',
        'Content-Type: multipart/mixed; boundary=b\r\n',
        'Content-Type: message/rfc822\r\n',
        'Content-Type: text/html; charset=utf-16\r\n',
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b\r\n',
        'Content-Type: multipart/alternative; boundary="b"\r\n',
        'Content-Type: multipart/related; boundary=b; start="<a>"\r\n',
        'Content-Transfer-Encoding: base64\r\n',
        'Content-Transfer-Encoding: x-uuencode\r\n',
        'begin 644 x\r\n',
        'Content-ID: <a>\r\n',
        'To: a <b@x>, :;,<\r\n',
        'Subject: =?utf-8?b?/w==?=\r\n',
        'Date: x\r\n',
        '<img src=cid:a>',
        'Content-Disposition: attachment; filename*0*=%\r\n',
      ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 40 }), async (pieces) => {
      const { message, codes } = await project(pieces.join(''))
      await everyFile(message)
      for (const code of codes) expect(Object.keys(degradations)).toContain(code)
    }),
    { numRuns: 600 },
  )
})
