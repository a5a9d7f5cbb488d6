import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCalendarFields } from './read-calendar-fields.ts'

/** CPU time of this thread: what a busy machine does meanwhile does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const read = (text: string) => readCalendarFields(Buffer.from(text, 'utf8'))
const event = (...lines: string[]) =>
  read(['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n'))

describe('a usual event', () => {
  it('gives all its fields', () => {
    expect(
      event(
        'UID:u1@x',
        'DTSTART;TZID=Europe/Berlin:20250701T103000',
        'DTEND;TZID=Europe/Berlin:20250701T113000',
        'SUMMARY:Treffen\\, mit Kö',
        ' ln',
        'LOCATION:Rathaus\\nZimmer 7\\; links',
        'ORGANIZER;CN="Müller, Jürgen":mailto:j@x.example',
        'ATTENDEE;CN=Anna;ROLE=REQ-PARTICIPANT:MAILTO:a@x.example',
        'ATTENDEE:mailto:b@x.example',
        'CATEGORIES:Arbeit,Reise\\, weit',
        'CATEGORIES:Mehr',
        'ATTACH:https://x.example/file.pdf',
        'BEGIN:VALARM',
        'SUMMARY:not this',
        'DTSTART:19990101T000000Z',
        'END:VALARM',
      ),
    ).toEqual({
      title: 'Treffen, mit Köln',
      from: 'Müller, Jürgen <j@x.example>',
      to: 'Anna <a@x.example>, b@x.example',
      date: '2025-07-01T08:30:00.000Z',
      endDate: '2025-07-01T09:30:00.000Z',
      place: 'Rathaus Zimmer 7; links',
      phone: '',
      company: '',
      categories: 'Arbeit, Reise, weit, Mehr',
      hasAttachment: true,
      uniqueId: 'u1@x',
      component: 'VEVENT',
      isWellFormed: true,
    })
  })
})

describe('times', () => {
  const table: [line: string, date: string | null][] = [
    ['DTSTART:20250701T103000Z', '2025-07-01T10:30:00.000Z'],
    ['DTSTART:20250701T103000', '2025-07-01T10:30:00.000Z'],
    ['DTSTART;VALUE=DATE:20250701', '2025-07-01'],
    ['DTSTART:20250701', '2025-07-01'],
    ['DTSTART;TZID=America/New_York:20250115T120000', '2025-01-15T17:00:00.000Z'],
    ['DTSTART;TZID="Europe/Berlin":20250115T120000', '2025-01-15T11:00:00.000Z'],
    ['DTSTART;TZID=W. Europe Standard Time:20250701T120000', '2025-07-01T10:00:00.000Z'],
    ['DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20250701T120000', '2025-07-01T10:00:00.000Z'],
    ['DTSTART;TZID=/x.example/2024_1/America/Argentina/Buenos_Aires:20250701T120000', '2025-07-01T15:00:00.000Z'],
    ['DTSTART;TZID=Customized Time Zone:20250701T120000', '2025-07-01T12:00:00.000Z'],
    ['DTSTART;TZID=constructor:20250701T120000', '2025-07-01T12:00:00.000Z'],
    ['DTSTART;TZID=:20250701T120000', '2025-07-01T12:00:00.000Z'],
    // Left out when clocks go forward: read with the offset before the gap.
    ['DTSTART;TZID=Europe/Berlin:20250330T023000', '2025-03-30T01:30:00.000Z'],
    // Twice when they go back: the first.
    ['DTSTART;TZID=Europe/Berlin:20251026T023000', '2025-10-26T00:30:00.000Z'],
    ['DTSTART;TZID=Asia/Kolkata:20250701T000000', '2025-06-30T18:30:00.000Z'],
    ['DTSTART:2025-07-01T10:30:00Z', '2025-07-01T10:30:00.000Z'],
    ['DTSTART:20250231T103000Z', null],
    ['DTSTART:20250701T993000Z', null],
    ['DTSTART:soon', null],
    ['DTSTART:', null],
    ['X-NOTHING:1', null],
  ]
  it.each(table)('%s', (line, date) => {
    expect(event(line).date).toBe(date)
  })

  it.each([
    [['DTSTART:20250701T103000Z', 'DURATION:PT1H30M'], '2025-07-01T12:00:00.000Z'],
    [['DTSTART:20250701', 'DURATION:P2D'], '2025-07-03'],
    [['DTSTART:20250701T103000Z', 'DURATION:P1W'], '2025-07-08T10:30:00.000Z'],
    [['DTSTART:20250701T103000Z', 'DURATION:nonsense'], null],
    [['DTSTART:20250701T103000Z', 'DUE:20250702T000000Z'], '2025-07-02T00:00:00.000Z'],
  ])('ends: %s', (lines, endDate) => {
    expect(event(...lines).endDate).toBe(endDate)
  })
})

describe('shapes of objects', () => {
  it('lists a recurring event by its master, wherever it stands', () => {
    const text = [
      'BEGIN:VCALENDAR',
      'BEGIN:VTIMEZONE',
      'TZID:X',
      'BEGIN:STANDARD',
      'DTSTART:19701025T030000',
      'END:STANDARD',
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'RECURRENCE-ID:20250702T100000Z',
      'SUMMARY:moved',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'SUMMARY:master',
      'DTSTART:20250701T100000Z',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\n')
    expect(read(text)).toMatchObject({ title: 'master', date: '2025-07-01T10:00:00.000Z', isWellFormed: true })
  })
  it.each(['VTODO', 'VJOURNAL', 'VFREEBUSY'])('%s', (component) => {
    const text = `BEGIN:VCALENDAR\r\nBEGIN:${component}\r\nSUMMARY:x\r\nEND:${component}\r\nEND:VCALENDAR\r\n`
    expect(read(text)).toMatchObject({ component, title: 'x', isWellFormed: true })
  })
  it('undoes a fold within a character', () => {
    const [before, after] = [
      Buffer.from('BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:K\xc3', 'latin1'),
      '\r\n \xb6ln\r\nEND:VEVENT\r\nEND:VCALENDAR',
    ]
    expect(readCalendarFields(Buffer.concat([before, Buffer.from(after, 'latin1')])).title).toBe('Köln')
  })
  it('reads windows-1252 and UTF-16', () => {
    const text = 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Köln\r\nEND:VEVENT\r\nEND:VCALENDAR'
    expect(readCalendarFields(Buffer.from(text, 'latin1')).title).toBe('Köln')
    expect(readCalendarFields(Buffer.from(`\ufeff${text}`, 'utf16le'))).toMatchObject({
      title: 'Köln',
      isWellFormed: true,
    })
    expect(read(`\ufeff${text}`)).toMatchObject({ title: 'Köln', isWellFormed: true })
    expect(read(text.replaceAll('\r\n', '\r'))).toMatchObject({ title: 'Köln', isWellFormed: true })
  })
  it('understands caret escapes and lower case', () => {
    expect(
      read("begin:vcalendar\nbegin:vevent\norganizer;cn=A ^'B^' ^^ C:mailto:a@x\nend:vevent\nend:vcalendar"),
    ).toMatchObject({ from: 'A "B" ^ C <a@x>', isWellFormed: true })
  })
  it.each([
    ['nothing', ''],
    ['HTML', '<html><body>404</body></html>'],
    ['no component', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR'],
    ['no calendar around', 'BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT'],
    ['cut', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x'],
    ['crossed', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT'],
    ['a card', 'BEGIN:VCARD\r\nFN:x\r\nEND:VCARD'],
  ])('is not well formed: %s', (_, text) => {
    expect(read(text).isWellFormed).toBe(false)
  })
  it('reads what it can of a cut one', () => {
    expect(read('BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x').title).toBe('x')
  })
})

describe('whatever the bytes', () => {
  it('never throws and gives clean text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'BEGIN:VCALENDAR\n',
        'BEGIN:VEVENT\n',
        'END:VEVENT\n',
        'END:VCALENDAR\n',
        'DTSTART',
        'DTEND',
        'SUMMARY',
      ),
      fc.constantFrom(
        ';TZID=',
        ';CN="',
        '"',
        ':',
        ';',
        '=',
        '\n',
        '\n ',
        '\r\n',
        '\\',
        ',',
        '^',
        '20250701T000000',
        'ATTENDEE',
        '\0',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const fields = readCalendarFields(Buffer.from(pieces.join(''), 'latin1'))
        for (const text of [
          fields.title,
          fields.from,
          fields.to,
          fields.place,
          fields.categories,
          fields.uniqueId ?? '',
        ])
          expect(text).not.toMatch(/[\p{Cc}\p{Cs}]/u)
      }),
      { numRuns: 500 },
    )
  })
  it.each([
    ['folds', `BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:${'\n '.repeat(1_000_000)}`],
    ['nesting', 'BEGIN:VEVENT\n'.repeat(100_000)],
    ['parameters', `BEGIN:VEVENT\nDTSTART${';A=B'.repeat(500_000)}:20250101`],
    ['quotes', `BEGIN:VEVENT\nDTSTART;A="${';"'.repeat(500_000)}`],
    ['backslashes', `BEGIN:VEVENT\nCATEGORIES:${'\\'.repeat(2_000_001)}`],
    ['commas', `BEGIN:VEVENT\nCATEGORIES:${','.repeat(2_000_000)}`],
    ['carriage returns', '\r'.repeat(2_000_000)],
    ['carriage returns in a line', `SUMMARY:${'\r'.repeat(100_000)}x\n`],
  ])('takes linear time: %s', (_, text) => {
    const startedAt = cpuMs()
    read(text)
    expect(cpuMs() - startedAt).toBeLessThan(2_000)
  })
})
