import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { contentOf, innerOf, mail, project, receivedAtMs } from '../../../../test/export/projected-mail.ts'
import * as a from '../../../formats/mapi/properties-attachment.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import * as r from '../../../formats/mapi/properties-recipient.ts'

const head = ['From: Ada <ada@x.example>', 'To: Bob <bob@x.example>', 'Date: Wed, 4 Mar 2026 01:02:03 +0100']
const simple = (...lines: string[]) => mail(...head, ...lines, '', 'text', '')

it('makes a note of a plain text message', async () => {
  const { get, codes, message } = await project(simple('Subject: RE: Grüße'.replace('ü', '=?utf-8?q?=C3=BC?=')))
  expect(codes).toEqual([])
  expect(message.attachments).toEqual([])
  expect(get(p.PidTagMessageClass)).toBe('IPM.Note')
  expect(get(p.PidTagBody)).toBe('text\r\n')
  expect(get(p.PidTagNativeBody)).toBe(1)
  expect(get(p.PidTagHtml)).toBeUndefined()
  expect(get(p.PidTagMessageDeliveryTime)).toBe(receivedAtMs)
  expect(get(p.PidTagClientSubmitTime)).toBe(Date.UTC(2026, 2, 4, 0, 2, 3))
  expect(get(p.PidTagSearchKey)).toHaveLength(16)
  expect(get(p.PidTagHasAttachments)).toBe(false)
  expect(get(p.PidTagTransportMessageHeaders)).toBe(`${mail(...head, 'Subject: RE: Gr=?utf-8?q?=C3=BC?=\xdfe')}\r\n`)
})

describe('the subject', () => {
  it.each([
    ['Subject: RE: a', 'RE: ', 'a'],
    ['Subject: Fw:  a', 'Fw: ', 'a'],
    ['Subject: AW: RE: a', 'AW: ', 'RE: a'],
    ['Subject: Antw: a', '', 'Antw: a'],
    ['Subject: R2: a', '', 'R2: a'],
    ['Subject: re:a', '', 're:a'],
    ['Subject: RE:', '', 'RE:'],
    ['Subject:', '', ''],
    ['X-Other: no subject', '', ''],
    ['Subject: =?utf-8?b?VsOhOiDEhQ==?=', 'Vá: ', 'ą'],
    ['Subject: two\r\n\tlines\x01', '', 'two lines'],
  ])('%j', async (line, prefix, normalized) => {
    const { get } = await project(simple(line))
    expect([get(p.PidTagSubjectPrefix), get(p.PidTagNormalizedSubject)]).toEqual([prefix, normalized])
    expect(get(p.PidTagSubject)).toBe(prefix + normalized)
    expect(get(p.PidTagConversationTopic)).toBe(normalized)
  })

  it('is cut where MAPI ends, and told', async () => {
    const { get, codes } = await project(simple(`Subject: ${'x'.repeat(400)}`))
    expect(get(p.PidTagSubject)).toHaveLength(253)
    expect(codes).toEqual(['subject_cut_off'])
  })

  it('leads to the index of the conversation', async () => {
    const [one, two] = [await project(simple('Subject: plan')), await project(simple('Subject: AW: Plan'))]
    const index = Buffer.from(one.get(p.PidTagConversationIndex)!)
    expect(index.subarray(6)).toEqual(createHash('md5').update(Buffer.from('PLAN', 'utf16le')).digest())
    expect(Buffer.from(two.get(p.PidTagConversationIndex)!).subarray(6)).toEqual(index.subarray(6))
    expect(index[0]).toBe(1)
    // 2026-03-04T05:06:07Z in 100 ns steps since 1601, its upper 40 bits.
    const fileTime = BigInt(receivedAtMs) * 10_000n + 116_444_736_000_000_000n
    expect(index.readUIntBE(1, 5)).toBe(Number(fileTime >> 24n))
  })
})

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

describe('fields', () => {
  it.each([
    ['X-Priority: 1 (Highest)', 2],
    ['X-Priority: 5', 0],
    ['X-Priority: 3', 1],
    ['Importance: High', 2],
    ['Importance: low\r\nX-Priority: 1', 0],
    ['X-MSMail-Priority: High', 2],
    ['Priority: non-urgent', 0],
    ['X-Priority: none', 1],
  ])('%j is of importance %i', async (lines, importance) => {
    const { get } = await project(simple(lines))
    expect([get(p.PidTagImportance), get(p.PidTagPriority)]).toEqual([importance, importance - 1])
  })

  it.each([
    ['Sensitivity: Personal', 1],
    ['Sensitivity: private', 2],
    ['Sensitivity: Company-Confidential', 3],
    ['Sensitivity: other', 0],
  ])('%j', async (line, sensitivity) => {
    expect((await project(simple(line))).get(p.PidTagSensitivity)).toBe(sensitivity)
  })

  it('identify the message and what it answers', async () => {
    const { get } = await project(simple('Message-ID: <1@x>', 'In-Reply-To: <0@x>', 'References: <a@x>', '\t<0@x>'))
    expect(get(p.PidTagInternetMessageId)).toBe('<1@x>')
    expect(get(p.PidTagInReplyToId)).toBe('<0@x>')
    expect(get(p.PidTagInternetReferences)).toBe('<a@x> <0@x>')
  })

  it('ask for receipts', async () => {
    const { get } = await project(simple('Disposition-Notification-To: a@x.example', 'Return-Receipt-To: a@x.example'))
    expect([get(p.PidTagReadReceiptRequested), get(p.PidTagOriginatorDeliveryReportRequested)]).toEqual([true, true])
    const without = await project(simple('Subject: s'))
    expect(without.get(p.PidTagReadReceiptRequested)).toBe(false)
  })

  it('say nothing where the date is none', async () => {
    for (const date of ['Date: never', 'Date: Mon, 1 Jan 1500 00:00:00 +0000', 'X: y'])
      expect((await project(mail(date, '', ''))).get(p.PidTagClientSubmitTime)).toBe(receivedAtMs)
  })
})

describe('flags', () => {
  const flagged = (...flags: string[]) => project(simple('Subject: s'), flags)

  it.each([
    [[], 2],
    [['\\Seen'], 3],
    [['\\Draft'], 8],
    [['\\seen', '\\DRAFT'], 9],
    [['\\Recent'], 2],
  ])('%j', async (flags, bits) => {
    expect((await flagged(...flags)).get(p.PidTagMessageFlags)).toBe(bits)
  })

  it.each([
    [['\\Answered'], 0x105, 102, []],
    [['$Forwarded'], 0x106, 104, []],
    [['\\Answered', '$Forwarded'], 0x105, 102, ['answered_and_forwarded']],
    [['\\Deleted'], undefined, undefined, ['flag_deleted']],
  ])('%j', async (flags, icon, verb, told) => {
    const { get, codes } = await flagged(...flags)
    expect([get(p.PidTagIconIndex), get(p.PidTagLastVerbExecuted), codes]).toEqual([icon, verb, told])
  })

  it('ask to follow up', async () => {
    const { get } = await flagged('\\Flagged')
    expect([get(p.PidTagFlagStatus), get(p.PidTagFollowupIcon), get(p.PidTagToDoItemFlags)]).toEqual([2, 6, 1])
    expect(get(p.PidLidFlagRequest)).toBe('Follow up')
    expect((await flagged()).get(p.PidTagFlagStatus)).toBeUndefined()
  })

  it('are categories when a person gave them', async () => {
    const { get } = await flagged('$label1', 'Projekt', '&ANY-l', '$MDNSent', 'NonJunk', 'projekt', '\\Seen')
    expect(get(p.PidNameKeywords)).toEqual(['Important', 'Projekt', 'Öl'])
    expect((await flagged('\\Seen', 'Junk')).get(p.PidNameKeywords)).toBeUndefined()
  })

  it('are categories from the header too', async () => {
    const { get } = await project(simple('Keywords: a, "b c"', 'Keywords: =?utf-8?q?=C3=A4?='), ['a'])
    expect(get(p.PidNameKeywords)).toEqual(['a', 'b c', 'ä'])
  })

  it('say whether it is spam', async () => {
    expect((await flagged('$Junk')).get(p.PidTagContentFilterSpamConfidenceLevel)).toBe(9)
    expect((await flagged('$NotJunk')).get(p.PidTagContentFilterSpamConfidenceLevel)).toBe(-1)
  })
})

const multi = (subtype: string, ...lines: string[]) =>
  mail(...head, `Content-Type: multipart/${subtype}; boundary=b`, '', ...lines, '--b--', '')
const htmlOf = (get: Awaited<ReturnType<typeof project>>['get']) => {
  const bytes = get(p.PidTagHtml)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
}

describe('bodies', () => {
  it('of two renderings are both kept', async () => {
    const { get, names } = await project(
      multi(
        'alternative',
        '--b',
        '',
        'plain',
        '--b',
        'Content-Type: text/html; charset=utf-8',
        '',
        '<b>rich \xc3\xbc</b>',
      ),
    )
    expect([get(p.PidTagBody), htmlOf(get), get(p.PidTagNativeBody)]).toEqual(['plain', '<b>rich ü</b>', 3])
    expect(get(p.PidTagInternetCodepage)).toBe(65_001)
    expect(names).toEqual([])
  })

  it('of HTML alone lend their words to the text', async () => {
    const { get } = await project(
      mail('Content-Type: text/html', '', '<p>one  <b>t</b>wo</p><div>three &amp; four</div>'),
    )
    expect(get(p.PidTagBody)).toBe('one two\r\n\r\nthree & four')
  })

  it('declare themselves as UTF-8', async () => {
    const given =
      '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><meta charset=\'latin1\'>\xe4 charset=latin1'
    const { get } = await project(mail('Content-Type: text/html; charset=iso-8859-1', '', given))
    expect(htmlOf(get)).toBe(
      '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta charset=\'utf-8\'>ä charset=latin1',
    )
  })

  it('of several parts in a row are one', async () => {
    const { get, names } = await project(
      multi('mixed', '--b', '', 'one', '--b', 'Content-Type: image/png; name=i.png', '', 'x', '--b', '', 'two'),
    )
    expect(get(p.PidTagBody)).toBe('one\r\ntwo')
    expect(names).toEqual(['i.png'])
  })

  it('of text behind HTML are shown in both', async () => {
    const { get } = await project(multi('mixed', '--b', 'Content-Type: text/html', '', '<i>a</i>', '--b', '', '1 < 2'))
    expect(get(p.PidTagBody)).toBe('a\r\n1 < 2')
    expect(htmlOf(get)).toBe('<i>a</i>\r\n<pre style="white-space: pre-wrap">1 &lt; 2</pre>')
  })

  it('read what no charset is declared for', async () => {
    for (const [bytes, text] of [
      ['K\xf6ln', 'Köln'],
      ['K\xc3\xb6ln', 'Köln'],
    ] as const)
      expect((await project(mail('Subject: s', '', bytes))).get(p.PidTagBody)).toBe(text)
  })

  it('have CRLF as line ends', async () => {
    expect((await project('Subject: s\n\na\nb\r\nc')).get(p.PidTagBody)).toBe('a\r\nb\r\nc')
  })

  it('are absent where there are none', async () => {
    const { get } = await project(mail('Content-Type: application/pdf', '', 'x'))
    expect([get(p.PidTagBody), get(p.PidTagHtml), get(p.PidTagNativeBody)]).toEqual([undefined, undefined, undefined])
  })

  it('that are too long become files', async () => {
    const text = 'x'.repeat(16_777_217)
    const { names, codes, get, file } = await project(mail('Subject: s', '', text))
    expect([names, codes, get(p.PidTagBody)]).toEqual([['text.txt'], ['body_too_large'], undefined])
    expect((await contentOf(file('text.txt'))).length).toBe(text.length)
  })
})

describe('attachments', () => {
  const file = (...lines: string[]) => multi('mixed', '--b', '', 'text', '--b', ...lines)

  it('have names, types and content', async () => {
    const made = await project(
      file(
        'Content-Type: application/pdf; name=old.pdf',
        "Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.pdf",
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('%PDF').toString('base64'),
      ),
    )
    const attachment = made.file('Übersicht.pdf')
    const { properties } = attachment
    expect(properties.get(a.PidTagAttachLongFilename)).toBe('Übersicht.pdf')
    expect(properties.get(a.PidTagAttachFilename)).toBe('BERSIC~1.PDF')
    expect(properties.get(a.PidTagAttachExtension)).toBe('.pdf')
    expect(properties.get(a.PidTagAttachMimeTag)).toBe('application/pdf')
    expect(properties.get(a.PidTagRenderingPosition)).toBe(-1)
    expect(properties.get(a.PidTagAttachMethod)).toBe(1)
    expect((await contentOf(attachment)).toString()).toBe('%PDF')
    // A second time from the beginning.
    expect((await contentOf(attachment)).toString()).toBe('%PDF')
    expect(made.get(p.PidTagHasAttachments)).toBe(true)
    expect(made.get(p.PidTagMessageFlags)! & p.messageFlags.hasAttachment).toBeTruthy()
  })

  it.each([
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\x\\a.exe', 'C__x_a.exe'],
    ['a\u202Etxt.exe', 'a_txt.exe'],
    ['..', 'attachment.bin'],
    [`${'n'.repeat(400)}.txt`, `${'n'.repeat(196)}.txt`],
  ])('have harmless names: %j', async (given, name) => {
    const line = `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(given)}`
    expect((await project(file('Content-Type: application/octet-stream', line, '', 'x'))).names).toEqual([name])
  })

  it.each([
    ['image/png', 'image.png'],
    ['text/calendar', 'invite.ics'],
    ['application/ms-tnef', 'winmail.dat'],
    ['application/x-odd', 'attachment.bin'],
    ['message/delivery-status', 'delivery-status.txt'],
  ])('of %s without a name are named', async (type, name) => {
    expect((await project(file(`Content-Type: ${type}`, '', 'x'))).names).toEqual([name])
  })

  const picture = (...lines: string[]) => ['--b', 'Content-Type: image/png; name=i.png', ...lines, '', 'x']
  const html = (text: string) => ['--b', 'Content-Type: text/html', '', text]
  it.each([
    ['drawn by content id', html('<img src="cid:i@x">'), picture('Content-ID: <i@x>'), true],
    ['drawn, escaped', html("<td background='CID:i%40x'>"), picture('Content-ID: <i@x>'), true],
    ['drawn by CSS', html('<style>p{background:url(cid:i@x)}</style>'), picture('Content-ID: <i@x>'), true],
    ['drawn by location', html('<img src=pics/i.png>'), picture('Content-Location: pics/i.png'), true],
    ['not drawn', html('<img src="cid:other@x">'), picture('Content-ID: <i@x>', 'Content-Disposition: inline'), false],
    [
      'drawn but to be listed',
      html('<img src="cid:i@x">'),
      picture('Content-ID: <i@x>', 'Content-Disposition: attachment'),
      false,
    ],
    ['under a text', ['--b', '', 'cid:i@x'], picture('Content-ID: <i@x>'), false],
  ])('are hidden only where the HTML draws them: %s', async (_, body, part, isHidden) => {
    const made = await project(multi('related', ...body, ...part))
    const { properties } = made.file('i.png')
    expect([properties.get(a.PidTagAttachmentHidden), properties.get(a.PidTagAttachFlags)]).toEqual([
      isHidden,
      isHidden ? 4 : 0,
    ])
    expect(made.get(p.PidTagHasAttachments)).toBe(!isHidden)
    expect(made.get(p.PidLidSmartNoAttach)).toBe(isHidden ? true : undefined)
  })

  it('hold the invitation beside the text', async () => {
    const made = await project(
      multi(
        'alternative',
        '--b',
        '',
        'come',
        '--b',
        'Content-Type: text/calendar; method=REQUEST',
        '',
        'BEGIN:VCALENDAR',
      ),
    )
    expect(made.get(p.PidTagBody)).toBe('come')
    expect((await contentOf(made.file('invite.ics'))).toString()).toBe('BEGIN:VCALENDAR')
  })

  it('hold texts that have a name or are to be saved', async () => {
    const made = await project(
      multi(
        'mixed',
        '--b',
        '',
        'text',
        '--b',
        'Content-Disposition: attachment',
        '',
        'saved',
        '--b',
        'Content-Type: text/x-patch; name=a.patch',
        '',
        '+1',
      ),
    )
    expect([made.get(p.PidTagBody), made.names]).toEqual(['text', ['text.txt', 'a.patch']])
  })

  it('decode uuencode', async () => {
    const made = await project(
      file(
        'Content-Type: text/plain; name=cat.txt',
        'Content-Transfer-Encoding: x-uuencode',
        '',
        'begin 644 cat.txt',
        '#0V%T',
        '`',
        'end',
      ),
    )
    expect((await contentOf(made.file('cat.txt'))).toString()).toBe('Cat')
  })
})

describe('messages within', () => {
  const within = (inner: string, ...lines: string[]) =>
    multi('mixed', '--b', '', 'outer', '--b', 'Content-Type: message/rfc822', ...lines, '', inner)

  it('are messages', async () => {
    const made = await project(
      within(
        mail('Subject: inner', 'From: c@x.example', 'Content-Type: text/html; charset=utf-8', '', '<p>\xc3\xa4</p>'),
      ),
    )
    const inner = innerOf(made.file('inner'))
    expect(made.file('inner').properties.get(a.PidTagAttachMethod)).toBe(5)
    expect(inner.properties.get(p.PidTagBody)).toBe('ä')
    expect(inner.properties.get(p.PidTagSenderEmailAddress)).toBe('c@x.example')
    expect(inner.properties.get(p.PidTagMessageFlags)).toBe(3)
    // What has no date is as old as what it is in.
    expect(inner.properties.get(p.PidTagMessageDeliveryTime)).toBe(receivedAtMs)
  })

  it('in an encoding that is not theirs are files', async () => {
    const raw = within(Buffer.from('Subject: x\r\n\r\ny').toString('base64'), 'Content-Transfer-Encoding: base64')
    const made = await project(raw)
    expect((await contentOf(made.file('message.eml'))).toString()).toBe('Subject: x\r\n\r\ny')
  })

  it('are files where they lie too deep', async () => {
    const nested = (depth: number): string =>
      depth === 0
        ? mail('Subject: deepest', '', 'end')
        : mail(`Subject: ${depth}`, 'Content-Type: message/rfc822', '', nested(depth - 1))
    const made = await project(nested(20))
    expect(made.codes).toEqual(['embedded_as_file'])
    let { message } = made
    let depth = 0
    while (message.attachments[0]!.content.kind === 'message') {
      message = innerOf(message.attachments[0]!)
      depth++
    }
    expect(depth).toBe(8)
    expect((await contentOf(message.attachments[0]!)).toString()).toBe(nested(20 - 9))
  })
})
