import { describe, expect, it } from 'vitest'
import { contentOf, innerOf, mail, multi, project, receivedAtMs } from '../../../../test/export/projected-mail.ts'
import * as a from '../../../formats/mapi/properties-attachment.ts'
import * as p from '../../../formats/mapi/properties-message.ts'

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
