import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readContactFields } from './read-contact-fields.ts'

/** CPU time of this thread: what a busy machine does meanwhile does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const read = (text: string) => readContactFields(Buffer.from(text, 'utf8'))
const card = (version: string, ...lines: string[]) =>
  read(['BEGIN:VCARD', `VERSION:${version}`, ...lines, 'END:VCARD', ''].join('\r\n'))

describe('usual cards', () => {
  it('3.0', () => {
    expect(
      card(
        '3.0',
        'FN:Anna Müller',
        'N:Müller;Anna;;Dr.;',
        'ORG:Maß GmbH;Einkauf\\, Ost',
        'EMAIL;TYPE=INTERNET,WORK:anna@x.example',
        'item1.EMAIL:privat@x.example',
        'item1.X-ABLabel:Privat',
        'TEL;TYPE=CELL:+49 221 123',
        'TEL;TYPE=CELL:+49 221 123',
        'ADR;TYPE=HOME:;;Domstr. 1;Köln;;50667;Deutschland',
        'ADR;TYPE=WORK:;;Ring 2;Bonn;;;',
        'CATEGORIES:Freunde,Familie\\, nah',
        'UID:urn:uuid:1',
        'PHOTO;ENCODING=b;TYPE=JPEG:AAAA',
        ' BBBB',
      ),
    ).toEqual({
      title: 'Anna Müller',
      from: '',
      to: 'anna@x.example, privat@x.example',
      date: null,
      endDate: null,
      place: 'Domstr. 1, Köln, 50667, Deutschland; Ring 2, Bonn',
      phone: '+49 221 123',
      company: 'Maß GmbH, Einkauf, Ost',
      categories: 'Freunde, Familie, nah',
      hasAttachment: false,
      uniqueId: 'urn:uuid:1',
      component: null,
      isWellFormed: true,
    })
  })
  it('4.0', () => {
    expect(
      card(
        '4.0',
        'FN;ALTID=1:Anna',
        'TEL;VALUE=uri;TYPE="voice,home":tel:+1-555',
        'ADR;LABEL="A: b; c":;;Street;;;;',
        'KIND:individual',
      ),
    ).toMatchObject({ title: 'Anna', phone: '+1-555', place: 'Street' })
  })
  it('2.1', () => {
    expect(
      card(
        '2.1',
        'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Anna',
        'FN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Anna M=FC=',
        'ller',
        'TEL;CELL;VOICE:123',
        'ORG;ENCODING=QUOTED-PRINTABLE:Ma=C3=9F=20Gmb=',
        'H;Abt.',
        'ADR;HOME:;;Dom',
        '  str. 1;K=F6ln',
      ),
    ).toMatchObject({ title: 'Anna Müller', phone: '123', company: 'Maß GmbH, Abt.', place: 'Dom str. 1, K=F6ln' })
  })
})

describe('names when FN is missing', () => {
  it.each([
    [['N:Müller;Anna;Maria;Dr.;jun.'], 'Dr. Anna Maria Müller jun.'],
    [['FN:', 'N:Müller;;;;'], 'Müller'],
    [['NICKNAME:Anni'], 'Anni'],
    [['ORG:Maß GmbH'], 'Maß GmbH'],
    [['EMAIL:a@x.example'], 'a@x.example'],
    [['NOTE:nothing'], ''],
  ])('%s', (lines, title) => {
    expect(card('3.0', ...lines).title).toBe(title)
  })
})

describe('shapes of cards', () => {
  it('undoes a fold within a character', () => {
    const bytes = Buffer.from('BEGIN:VCARD\r\nFN:K\xc3\r\n \xb6ln\r\nEND:VCARD', 'latin1')
    expect(readContactFields(bytes).title).toBe('Köln')
  })
  it('reads windows-1252, UTF-16, LF, CR, byte order mark and lower case', () => {
    const text = 'BEGIN:VCARD\r\nFN:Köln\r\nEND:VCARD'
    for (const bytes of [
      Buffer.from(text, 'latin1'),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(text.replaceAll('\r\n', '\n')),
      Buffer.from(text.replaceAll('\r\n', '\r')),
      Buffer.from('begin:vcard\nfn:Köln\nend:vcard'),
    ])
      expect(readContactFields(bytes)).toMatchObject({ title: 'Köln', isWellFormed: true })
  })
  it('passes over a card within a card, and further cards', () => {
    const text =
      'BEGIN:VCARD\nVERSION:2.1\nAGENT:\nBEGIN:VCARD\nFN:Agent\nEND:VCARD\nFN:Boss\nEND:VCARD\nBEGIN:VCARD\nTEL:2\nEND:VCARD'
    expect(read(text)).toMatchObject({ title: 'Boss', phone: '', isWellFormed: true })
  })
  it('is not led astray by a quote that is never closed', () => {
    expect(card('3.0', 'TEL;X="a:123').phone).toBe('123')
  })
  it('falls back where a charset is unknown', () => {
    expect(card('2.1', 'FN;CHARSET=X-NOPE:Köln').title).toBe('Köln')
  })
  it.each([
    ['nothing', ''],
    ['cut', 'BEGIN:VCARD\r\nFN:x'],
    ['no begin', 'FN:x\r\nEND:VCARD'],
    ['a calendar', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR'],
  ])('is not well formed: %s', (_, text) => {
    expect(read(text).isWellFormed).toBe(false)
  })
})

describe('whatever the bytes', () => {
  it('never throws and gives clean text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'BEGIN:VCARD\n',
        'END:VCARD\n',
        'FN',
        'N',
        'TEL',
        'ADR',
        ';CHARSET=',
        ';ENCODING=QUOTED-PRINTABLE',
        'VERSION:2.1\n',
      ),
      fc.constantFrom(':', ';', '=', '=\n', '\n', '\n ', '\\', ',', '"', '.', '\0', '=00', '=C3'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const fields = readContactFields(Buffer.from(pieces.join(''), 'latin1'))
        for (const text of [fields.title, fields.to, fields.place, fields.phone, fields.company, fields.categories])
          expect(text).not.toMatch(/[\p{Cc}\p{Cs}]/u)
      }),
      { numRuns: 500 },
    )
  })
  it.each([
    ['folds', `BEGIN:VCARD\nFN:${'\n '.repeat(1_000_000)}`],
    ['soft breaks', `BEGIN:VCARD\nFN;QUOTED-PRINTABLE:${'=\n'.repeat(1_000_000)}`],
    ['quotes', `BEGIN:VCARD\nFN${';"'.repeat(1_000_000)}`],
    ['semicolons', `BEGIN:VCARD\nADR:${';'.repeat(2_000_000)}`],
    ['carriage returns', `FN:${'\r'.repeat(100_000)}x\n`],
    ['charsets', 'FN;CHARSET=\n'.repeat(100_000)],
  ])('takes linear time: %s', (_, text) => {
    const startedAt = cpuMs()
    read(text)
    expect(cpuMs() - startedAt).toBeLessThan(2_000)
  })
})
