import { describe, expect, it } from 'vitest'
import { collect } from '../../../../testkit/collect.ts'
import type { MapiMessage, Projected } from '../../../formats/mapi/message.ts'
import { PidTagAttachLongFilename } from '../../../formats/mapi/properties-attachment.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'
import { projectContact } from './project-contact.ts'
import { projectMail } from './project-mail.ts'

// What somebody wrote into an item is found in what is made of it, or the original is attached and the report says so.

const signal = new AbortController().signal
const mark = 'zqx7'

const textsOf = (bag: PropertyBag): string[] =>
  [...bag.entries()].flatMap(({ value }): string[] => {
    if (typeof value === 'string') return [value]
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.flatMap((one) => {
      if (typeof one === 'string') return [one]
      return one instanceof Uint8Array ? [Buffer.from(one).toString('utf8'), Buffer.from(one).toString('utf16le')] : []
    })
  })

const isOriginal = (name: string | undefined): boolean => /^original\.(?:eml|ics|vcf)$/.test(name ?? '')

/** All texts of a message but those of an attached original. */
const allTexts = async (message: MapiMessage): Promise<string[]> => {
  const texts = [message.properties, ...message.recipients].flatMap(textsOf)
  for (const { properties, content } of message.attachments) {
    texts.push(...textsOf(properties))
    if (content.kind === 'message') texts.push(...(await allTexts(content.message)))
    else if (!isOriginal(properties.get(PidTagAttachLongFilename)))
      for await (const chunk of content.open(signal)) texts.push(Buffer.from(chunk).toString('utf8'))
  }
  return texts
}

const fateOf = async (all: readonly Projected[]): Promise<'expressed' | 'told' | 'lost'> => {
  for (const { message } of all) if ((await allTexts(message)).some((text) => text.includes(mark))) return 'expressed'
  const isKept = all.some(({ message }) =>
    message.attachments.some(({ properties }) => isOriginal(properties.get(PidTagAttachLongFilename))),
  )
  return isKept && all.some(({ degraded }) => degraded.length > 0) ? 'told' : 'lost'
}

const calendar = (...lines: readonly string[]): Promise<readonly Projected[]> =>
  collect(
    projectCalendar(
      rawItemOf(Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n'))),
      signal,
    ),
  )
const alarm = (...lines: readonly string[]) => ['BEGIN:VALARM', 'TRIGGER:-PT5M', ...lines, 'END:VALARM'].join('\r\n')
const component = (name: string, line: string) => [
  `BEGIN:${name}`,
  'UID:1',
  'DTSTART:20260701T000000Z',
  line,
  `END:${name}`,
]

/** In events, tasks and journals alike. */
const everywhere = [
  `SUMMARY:${mark}`,
  `SUMMARY:a\r\nSUMMARY:${mark}`,
  `DESCRIPTION:${mark}`,
  `DESCRIPTION:a\r\nDESCRIPTION:${mark}`,
  `DESCRIPTION;ALTREP="data:text/html,<b>${mark}</b>":a`,
  `DESCRIPTION;ALTREP="https://example.org/${mark}":a`,
  `LOCATION;ALTREP="https://example.org/${mark}":a`,
  `X-ALT-DESC;FMTTYPE=text/html:<b>${mark}</b>`,
  `X-ALT-DESC:<b>${mark}</b>`,
  `X-ALT-DESC;FMTTYPE=text/html:<i>a</i>\r\nX-ALT-DESC;FMTTYPE=text/html:<b>${mark}</b>`,
  `STYLED-DESCRIPTION;FMTTYPE=text/html;VALUE=TEXT:<b>${mark}</b>`,
  `STYLED-DESCRIPTION;FMTTYPE=text/html;VALUE=URI:https://example.org/${mark}`,
  `COMMENT:${mark}`,
  `CONTACT:${mark}`,
  `RESOURCES:${mark}`,
  `CATEGORIES:a,${mark}`,
  `CATEGORIES:a\r\nCATEGORIES:${mark}`,
  `LOCATION:${mark}`,
  `GEO:1;${mark}`,
  `URL:https://example.org/${mark}`,
  `RELATED-TO:${mark}`,
  `REQUEST-STATUS:2.0;${mark}`,
  `COLOR:${mark}`,
  `IMAGE;VALUE=URI:https://example.org/${mark}.png`,
  `CONFERENCE;VALUE=URI:https://example.org/${mark}`,
  `CONFERENCE;VALUE=URI;LABEL=${mark}:https://example.org/`,
  `ATTACH:https://example.org/${mark}`,
  `ATTACH:cid:${mark}`,
  `ATTACH;FILENAME=${mark}.txt;VALUE=BINARY;ENCODING=BASE64:YQ==`,
  `ATTACH;VALUE=BINARY;ENCODING=BASE64:${Buffer.from(mark).toString('base64')}`,
  `ATTENDEE;CN=${mark}:mailto:a@example.org`,
  `ATTENDEE:mailto:${mark}@example.org`,
  `ATTENDEE:urn:uuid:${mark}`,
  `ATTENDEE;SENT-BY="mailto:${mark}@example.org":mailto:a@example.org`,
  `ATTENDEE;DIR="ldap://${mark}":mailto:a@example.org`,
  `ATTENDEE;X-RESPONSE-COMMENT="${mark}":mailto:a@example.org`,
  `ORGANIZER;CN=${mark}:mailto:a@example.org`,
  `ORGANIZER:mailto:a@example.org\r\nORGANIZER:mailto:${mark}@example.org`,
  `STRUCTURED-DATA;VALUE=TEXT;FMTTYPE=application/json:{"${mark}":1}`,
  `LINK;LINKREL=author;VALUE=URI:https://example.org/${mark}`,
  `CONCEPT:https://example.org/${mark}`,
  `X-${mark}:1`,
  `X-FOO:${mark}`,
  `X-FOO;X-BAR=${mark}:1`,
  `${mark} without a colon`,
  `RDATE:${mark}`,
  `EXDATE:${mark}`,
  `RRULE:FREQ=${mark}`,
  `EXRULE:FREQ=${mark}`,
  `RECURRENCE-ID:${mark}`,
  `DURATION:${mark}`,
  `COMPLETED:${mark}`,
  `LAST-MODIFIED:${mark}`,
  `CREATED:${mark}`,
  `SEQUENCE:${mark}`,
  `PRIORITY:${mark}`,
  `DTSTART:${mark}`,
  'BEGIN:PARTICIPANT\r\nUID:2\r\nCONTACT:zqx7\r\nEND:PARTICIPANT',
  'BEGIN:VLOCATION\r\nUID:2\r\nNAME:zqx7\r\nEND:VLOCATION',
  alarm('ACTION:DISPLAY', `DESCRIPTION:${mark}`),
  alarm('ACTION:AUDIO', `ATTACH:https://example.org/${mark}.wav`),
  alarm('ACTION:EMAIL', `ATTENDEE:mailto:${mark}@example.org`),
  alarm('ACTION:DISPLAY', 'PROXIMITY:ARRIVE', 'BEGIN:VLOCATION', `NAME:${mark}`, 'END:VLOCATION'),
]

describe('of a calendar object nothing is lost in silence', () => {
  it.each(['VEVENT', 'VTODO', 'VJOURNAL'])('in a %s', async (name) => {
    const lost: string[] = []
    for (const line of everywhere)
      if ((await fateOf(await calendar(...component(name, line)))) === 'lost') lost.push(line)
    expect(lost).toEqual([])
  })

  it.each([
    ['an end that is none', component('VEVENT', `DTEND:${mark}`)],
    ['a due date that is none', component('VTODO', `DUE:${mark}`)],
    ['a percentage that is none', component('VTODO', `PERCENT-COMPLETE:${mark}`)],
    ['a journal without a day', ['BEGIN:VJOURNAL', 'UID:1', `DTSTART:${mark}`, 'END:VJOURNAL']],
    [
      'a time that is free, beside an event',
      [...component('VEVENT', 'SUMMARY:a'), ...component('VFREEBUSY', `COMMENT:${mark}`)],
    ],
    [
      'what changes an occurrence that nobody can tell',
      [
        ...component('VEVENT', 'RRULE:FREQ=DAILY;COUNT=3'),
        ...component('VEVENT', `RECURRENCE-ID:once\r\nSUMMARY:${mark}`),
      ],
    ],
    [
      'what changes a task at a time that nobody can tell',
      [
        ...component('VTODO', 'RRULE:FREQ=DAILY;COUNT=3'),
        ...component('VTODO', `RECURRENCE-ID:once\r\nSUMMARY:${mark}`),
      ],
    ],
    [
      'a series without any occurrence, beside another event',
      [
        ...component('VEVENT', 'SUMMARY:a').map((line) => line.replace('UID:1', 'UID:2')),
        ...component('VEVENT', `SUMMARY:${mark}\r\nRDATE:20260701T000000Z\r\nEXDATE:20260701T000000Z`),
      ],
    ],
    [
      'a task without any occurrence, beside an event',
      [
        ...component('VEVENT', 'SUMMARY:a').map((line) => line.replace('UID:1', 'UID:2')),
        ...component('VTODO', `SUMMARY:${mark}\r\nRRULE:FREQ=DAILY;COUNT=1\r\nEXDATE:20260701T000000Z`),
      ],
    ],
  ])('not %s', async (_, lines) => {
    expect(await fateOf(await calendar(...lines))).not.toBe('lost')
  })

  it('not what stands outside of the calendar', async () => {
    const whole = ['BEGIN:VCALENDAR', ...component('VEVENT', 'SUMMARY:a'), 'END:VCALENDAR']
    const other = ['BEGIN:VCARD', `FN:${mark}`, 'END:VCARD', '']
    const projected = await collect(projectCalendar(rawItemOf(Buffer.from([...whole, ...other].join('\r\n'))), signal))
    expect(await fateOf(projected)).toBe('told')
  })

  it('tells the length of an added date, and the hour of a task', async () => {
    const period = await calendar(...component('VEVENT', 'RDATE;VALUE=PERIOD:20260801T000000Z/PT3H'))
    expect(period[0]!.degraded.map(({ code }) => code)).toContain('period_as_date')
    const task = await calendar(...component('VTODO', 'DUE:20260801T153000Z'))
    expect(task[0]!.degraded.map(({ code }) => code)).toEqual(['task_times'])
  })

  it('says nothing of what clients write by themselves', async () => {
    const lines = [
      alarm('ACTION:AUDIO', 'ATTACH;VALUE=URI:Basso', 'X-WR-ALARMUID:1', 'UID:1', 'ACKNOWLEDGED:20260101T000000Z'),
      alarm('ACTION:DISPLAY', 'DESCRIPTION:This is an event reminder'),
      alarm('ACTION:DISPLAY', 'DESCRIPTION:a'),
      'ATTENDEE;RSVP=TRUE;ROLE=REQ-PARTICIPANT;X-NUM-GUESTS=0:mailto:a@example.org',
    ]
    for (const line of lines) {
      const [{ degraded } = { degraded: [] }] = await calendar(...component('VEVENT', `SUMMARY:a\r\n${line}`))
      expect(degraded).toEqual([])
    }
  })
})

const card = (...lines: readonly string[]): string =>
  ['BEGIN:VCARD', 'VERSION:4.0', 'UID:1', ...lines, 'END:VCARD', ''].join('\r\n')
const contact = (text: string): Promise<readonly Projected[]> => projectContact(rawItemOf(Buffer.from(text)), signal)

const cardLines = [
  `FN:${mark}`,
  `FN:a\r\nFN:${mark}`,
  ...[0, 1, 2, 3, 4, 5, 6].map((no) => `FN:a\r\nN:${';'.repeat(no)}${mark}`),
  `FN:a\r\nN:b;c\r\nN;ALTID=1:${mark};d`,
  `NICKNAME:a,${mark}`,
  `NICKNAME:a\r\nNICKNAME:${mark}`,
  `BDAY;VALUE=text:${mark}`,
  `DEATHDATE:${mark}`,
  `BIRTHPLACE:${mark}`,
  `ANNIVERSARY:${mark}`,
  `GENDER:O;${mark}`,
  ...[0, 1, 2, 3, 4, 5, 6, 7, 11].map((no) => `ADR:${';'.repeat(no)}${mark}`),
  `ADR;LABEL="${mark}":;;a;b`,
  `ADR;TYPE=home:;;a;b\r\nADR;TYPE=home:;;c;d\r\nADR;TYPE=home:;;${mark}`,
  `LABEL:${mark}`,
  `TEL:${mark}`,
  ...['fax', 'pager', 'textphone', 'home', 'work', 'cell', 'video', 'main'].map((type) =>
    [1, 2, 3, 4, 5, `${mark}`].map((no) => `TEL;TYPE=${type}:${no}`).join('\r\n'),
  ),
  `EMAIL:${mark}@example.org`,
  [1, 2, 3, mark].map((name) => `EMAIL:${name}@example.org`).join('\r\n'),
  `IMPP:xmpp:${mark}@example.org`,
  `IMPP:xmpp:a@example.org\r\nX-SKYPE:${mark}`,
  `LANG:${mark}`,
  `TZ:${mark}`,
  `GEO:geo:${mark}`,
  `TITLE:${mark}`,
  `TITLE:a\r\nTITLE:${mark}`,
  `ROLE:${mark}`,
  `LOGO:https://example.org/${mark}`,
  `ORG:a;b;${mark}`,
  `ORG:a\r\nORG:${mark}`,
  `RELATED;TYPE=spouse;VALUE=text:${mark}`,
  `RELATED;TYPE=friend;VALUE=text:${mark}`,
  `RELATED;TYPE=child:urn:uuid:${mark}`,
  `CATEGORIES:${mark}`,
  `NOTE:${mark}`,
  `NOTE:a\r\nNOTE:${mark}`,
  `SOUND:${mark}`,
  `CLIENTPIDMAP:1;urn:uuid:${mark}`,
  `URL:https://example.org/${mark}`,
  `URL:a\r\nURL:b\r\nURL:${mark}`,
  `KEY:${mark}`,
  `FBURL:${mark}`,
  `CALURI:${mark}`,
  `CALADRURI:${mark}`,
  `PHOTO:https://example.org/${mark}`,
  `PHOTO;ENCODING=b:${Buffer.from(mark).toString('base64')}`,
  `XML:<${mark}/>`,
  `HOBBY:${mark}`,
  `EXPERTISE:${mark}`,
  `ORG-DIRECTORY:${mark}`,
  `SOCIALPROFILE:${mark}`,
  `X-${mark}:1`,
  `X-SPOUSE:a\r\nX-MS-SPOUSE:${mark}`,
  `item1.TEL:1\r\nitem1.X-ABLabel:${mark}`,
  `item1.EMAIL:a@example.org\r\nitem1.X-ABLabel:${mark}`,
  `KIND:${mark}`,
  `AGENT:${mark}`,
  `${mark} without a colon`,
]

describe('of a contact nothing is lost in silence', () => {
  it.each(['individual', 'group'])('in one of an %s', async (kind) => {
    const lost: string[] = []
    for (const line of cardLines) {
      const before = line.startsWith('KIND') ? [] : [`KIND:${kind}`]
      if ((await fateOf(await contact(card(...before, line)))) === 'lost') lost.push(line)
    }
    expect(lost).toEqual([])
  })

  it.each([
    ['what stands before it', `${mark}\r\n${card('FN:a')}`],
    ['what stands behind it', `${card('FN:a')}${mark}\r\n`],
    ['what stands between two', `${card('FN:a')}${mark}:1\r\n${card('FN:b')}`],
    ['a card within it', card('FN:a', 'AGENT:', 'BEGIN:VCARD', `FN:${mark}`, 'END:VCARD')],
    ['the last of many cards', card('FN:a').repeat(1_001) + card(`FN:${mark}`)],
    ['what lies beyond what is read', `${card('FN:a')}${' '.repeat(16 << 20)}\r\n${card(`FN:${mark}`)}`],
  ])('not %s', async (_, text) => {
    expect(await fateOf(await contact(text))).not.toBe('lost')
  })
})

const mail = async (...lines: readonly string[]): Promise<readonly Projected[]> => [
  await projectMail(rawItemOf(Buffer.from(lines.join('\r\n'), 'latin1')), { flags: [], receivedAtMs: 0 }, signal),
]
const multipart = (subtype: string, ...parts: readonly (readonly string[])[]): string[] => [
  'Subject: a',
  `Content-Type: multipart/${subtype}; boundary=x`,
  '',
  ...parts.flatMap((part) => ['--x', ...part]),
  '--x--',
]
const plain = ['Content-Type: text/plain', '', 'a']
const html = ['Content-Type: text/html', '', '<b>a</b>']
const base64 = Buffer.from(mark).toString('base64')

const parts: readonly (readonly string[])[] = [
  ...[
    'text/plain',
    'text/html',
    'text/enriched',
    'text/calendar; method=REQUEST',
    'text/x-amp-html',
    'text/rfc822-headers',
    'message/delivery-status',
    'message/disposition-notification',
    'message/partial; id="1"; number=1; total=2',
    'message/external-body; access-type=URL; URL="https://example.org/"',
    'message/http',
    'application/ms-tnef; name=winmail.dat',
    'application/mac-binhex40',
    'application/pgp-signature',
    'image/png',
    'audio/basic',
    'model/vrml',
    'x-none/x-none',
    'nonsense',
    'multipart/mixed',
    'multipart/mixed; boundary=y',
  ].map((type) => [`Content-Type: ${type}`, '', mark]),
  ['Content-Type: message/rfc822', '', `Subject: ${mark}`, '', 'a'],
  ['Content-Type: message/rfc822', '', 'Subject: a', '', mark],
  ['Content-Type: message/rfc822', 'Content-Transfer-Encoding: base64', '', base64],
  ['Content-Type: message/global', '', 'Subject: a', '', mark],
  [`Content-Type: message/partial; id="${mark}"; number=1; total=2`, '', 'a'],
  [`Content-Type: message/external-body; access-type=URL; URL="https://example.org/${mark}"`, '', 'Content-Type: a/b'],
  ['Content-Type: text/plain', 'Content-Transfer-Encoding: base64', '', base64],
  ['Content-Type: text/plain', 'Content-Transfer-Encoding: base64', '', 'YQ==', `${mark}, a footer.`],
  ['Content-Type: text/plain', 'Content-Transfer-Encoding: quoted-printable', '', 'zq=\r\nx7'],
  ['Content-Type: text/plain', 'Content-Transfer-Encoding: quoted-printable', '', `=ZZ${mark}`],
  ['Content-Type: text/plain', 'Content-Transfer-Encoding: x-unknown', '', mark],
  ['Content-Type: image/png', 'Content-Transfer-Encoding: x-unknown', '', mark],
  ['Content-Type: text/plain', 'Content-Transfer-Encoding: x-uuencode', '', mark],
  ['Content-Type: a/b', 'Content-Transfer-Encoding: x-uuencode', '', mark, 'begin 644 a', '!80``', '`', 'end'],
  ['Content-Type: a/b', 'Content-Transfer-Encoding: x-uuencode', '', 'begin 644 a', '!80``', '`', 'end', mark],
  ['Content-Type: a/b', 'Content-Transfer-Encoding: x-uuencode', '', `begin 644 ${mark}`, '!80``', '`', 'end'],
  ['Content-Type: text/plain', '', 'begin 644 a', '!80``', '`', 'end', mark],
  [`Content-Type: text/plain; name=${mark}.txt`, '', 'a'],
  [`Content-Type: text/plain; charset=${mark}`, 'Content-Disposition: attachment; filename=a.txt', '', 'a'],
  [`Content-Type: text/plain; charset=${mark}`, '', 'a'],
  ['Content-Type: a/b', `Content-Disposition: attachment; filename*=utf-8''${mark}`, '', 'a'],
  ['Content-Type: a/b', `Content-Description: ${mark}`, '', 'a'],
  ['Content-Type: a/b', `Content-Description: ${mark}`, 'Content-Disposition: attachment; filename=a.b', '', 'a'],
  ['Content-Type: a/b', `Content-Location: https://example.org/${mark}`, '', 'a'],
  ['Content-Type: a/b', `Content-ID: <${mark}@example.org>`, '', 'a'],
  [mark],
  ['', mark],
]

describe('of a message nothing is lost in silence', () => {
  it.each([
    'mixed',
    'alternative',
    'related',
    'report; report-type=delivery-status',
    'parallel',
    'appledouble',
    'digest',
    'signed; protocol="application/pgp-signature"',
    'encrypted; protocol="application/pgp-encrypted"',
    'x-unknown',
  ])('in a multipart/%s', async (subtype) => {
    const lost: string[] = []
    for (const part of parts)
      for (const around of [[part], [plain, part], [html, part], [part, plain, html]])
        if ((await fateOf(await mail(...multipart(subtype, ...around)))) === 'lost')
          lost.push(`${around.indexOf(part)} of ${around.length}: ${part.join(' | ')}`)
    expect(lost).toEqual([])
  })

  it('as the message itself', async () => {
    const lost: string[] = []
    for (const part of parts) if ((await fateOf(await mail(...part))) === 'lost') lost.push(part.join(' | '))
    expect(lost).toEqual([])
  })

  it.each([
    [
      'the text before the first part',
      ['Content-Type: multipart/mixed; boundary=x', '', mark, '--x', '', 'a', '--x--'],
    ],
    ['the text behind the last part', ['Content-Type: multipart/mixed; boundary=x', '', '--x', '', 'a', '--x--', mark]],
    [
      'what a part says in a header that is none',
      multipart('mixed', [`${mark} is no header`, 'Content-Type: text/plain', '', 'a']),
    ],
  ])('not %s', async (_, lines) => {
    expect(await fateOf(await mail(...lines))).not.toBe('lost')
  })
})
