import { describe, expect, it } from 'vitest'
import { mail, project } from '../../../../test/export/projected-mail.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import * as r from '../../../formats/mapi/properties-recipient.ts'

describe('people', () => {
  const to = async (...lines: string[]) => {
    const { message, get } = await project(mail('From: a@x.example', ...lines, '', ''))
    const people = message.recipients.map((bag) =>
      [bag.get(r.PidTagRecipientType), bag.get(r.PidTagDisplayName), bag.get(r.PidTagEmailAddress)].join('|'),
    )
    return { people, get, message }
  }

  it.each([
    ['To: b@x.example', ['1|b@x.example|b@x.example']],
    ['To: "B, C" <b@x.example>, c@x.example (Cy)', ['1|B, C|b@x.example', '1|Cy|c@x.example']],
    ['To: =?utf-8?q?J=C3=B6rg?= <j@x.example>', ['1|Jörg|j@x.example']],
    ['To: Team: a@x.example, B <b@x.example>;', ['1|a@x.example|a@x.example', '1|B|b@x.example']],
    ['To: undisclosed-recipients:;', []],
    ['Cc: c@x.example\r\nBcc: d@x.example', ['2|c@x.example|c@x.example', '3|d@x.example|d@x.example']],
    ['To: root', ['1|root|root']],
    ['To: <>', []],
    ['To: a@x.example\r\nTo: b@x.example', ['1|a@x.example|a@x.example', '1|b@x.example|b@x.example']],
  ])('%j', async (lines, expected) => {
    expect((await to(lines)).people).toEqual(expected)
  })

  it('have one-off entry ids and search keys', async () => {
    const { message } = await to('To: Bö <b@x.example>'.replace('ö', '=?utf-8?q?=C3=B6?='))
    const bag = message.recipients[0]!
    expect(Buffer.from(bag.get(r.PidTagEntryId)!)).toEqual(
      Buffer.concat([
        Buffer.from('00000000812b1fa4bea310199d6e00dd010f540200000190', 'hex'),
        Buffer.from('Bö\0SMTP\0b@x.example\0', 'utf16le'),
      ]),
    )
    expect(Buffer.from(bag.get(p.PidTagSearchKey)!).toString('latin1')).toBe('SMTP:B@X.EXAMPLE\0')
    expect(bag.get(r.PidTagAddressType)).toBe('SMTP')
  })

  it('are listed by name', async () => {
    const { get } = await to('To: B <b@x.example>, c@x.example', 'Cc: D <d@x.example>')
    expect([get(p.PidTagDisplayTo), get(p.PidTagDisplayCc), get(p.PidTagDisplayBcc)]).toEqual([
      'B; c@x.example',
      'D',
      undefined,
    ])
  })

  it.each([
    ['From: A <a@x.example>', 'A|a@x.example', 'A|a@x.example'],
    ['From: A <a@x.example>\r\nSender: S <s@x.example>', 'A|a@x.example', 'S|s@x.example'],
    ['Sender: S <s@x.example>', 'S|s@x.example', 'S|s@x.example'],
    ['Subject: nobody', '|', '|'],
  ])('wrote and sent: %j', async (lines, author, sender) => {
    const { get } = await project(mail(lines, '', ''))
    const found = [
      [get(p.PidTagSentRepresentingName), get(p.PidTagSentRepresentingEmailAddress)],
      [get(p.PidTagSenderName), get(p.PidTagSenderEmailAddress)],
    ]
    expect(found.map((names) => names.join('|'))).toEqual([author, sender])
  })

  it('are told of when several wrote', async () => {
    const { codes, get } = await project(mail('From: a@x.example, b@x.example', '', ''))
    expect(codes).toEqual(['several_authors'])
    expect(get(p.PidTagSentRepresentingEmailAddress)).toBe('a@x.example')
  })

  it('are answered at Reply-To', async () => {
    const { get } = await project(mail('From: a@x.example', 'Reply-To: L <l@x.example>, m@x.example', '', ''))
    expect(get(p.PidTagReplyRecipientNames)).toBe('L; m@x.example')
    const list = Buffer.from(get(p.PidTagReplyRecipientEntries)!)
    expect([list.readUInt32LE(0), list.readUInt32LE(4)]).toEqual([2, list.length - 8])
  })

  it('beyond what is taken are in the original', async () => {
    const all = Array.from({ length: 10_001 }, (_, n) => `p${n}@x.example`).join(',\r\n ')
    const { message, codes, names } = await project(mail(`To: ${all}`, '', 'x'))
    expect(message.recipients).toHaveLength(10_000)
    expect(codes).toEqual(['recipients_cut_off', 'original_kept'])
    expect(names).toEqual(['original.eml'])
  })
})
