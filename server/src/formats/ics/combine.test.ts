import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCalendarCombiner } from './combine.ts'
import { readCalendarFields } from './read-calendar-fields.ts'

const zone = (tzid: string, note = '') =>
  `BEGIN:VTIMEZONE\r\nTZID:${tzid}\r\n${note}BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n`
const event = (uid: string) => `BEGIN:VEVENT\r\nUID:${uid}\r\nSUMMARY:a\r\n b\r\nEND:VEVENT\r\n`
const calendar = (inner: string, head = '') =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n${head}${inner}END:VCALENDAR\r\n`

const combine = (objects: readonly string[], options = { name: 'Termine' }) => {
  const combiner = createCalendarCombiner(options)
  const parts = objects.map((object) => combiner.add(Buffer.from(object)))
  return { text: Buffer.concat([...parts, combiner.finish()]).toString('utf8'), combiner }
}
const head =
  'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Stillbox//Archive//EN\r\nCALSCALE:GREGORIAN\r\nX-WR-CALNAME:Termine\r\n'

describe('combining calendars', () => {
  it('keeps components byte for byte, each zone once, no METHOD', () => {
    const { text, combiner } = combine([
      calendar(zone('Europe/Berlin') + event('1'), 'METHOD:REQUEST\r\n'),
      calendar(zone('Europe/Berlin') + zone('Asia/Tokyo') + event('2')),
      calendar(event('3') + event('3')),
    ])
    expect(text).toBe(
      `${head}${zone('Europe/Berlin')}${event('1')}${zone('Asia/Tokyo')}${event('2')}${event('3')}${event('3')}END:VCALENDAR\r\n`,
    )
    expect(combiner.leftOutCount()).toBe(0)
    expect(combiner.differingZoneCount()).toBe(0)
    expect(readCalendarFields(Buffer.from(text)).isWellFormed).toBe(true)
  })

  it('gives lines that end in CR alone the ends of the others', () => {
    const { text, combiner } = combine([calendar(event('1')).replaceAll('\r\n', '\r'), calendar(event('2'))])
    expect(text).toBe(`${head}${event('1')}${event('2')}END:VCALENDAR\r\n`)
    expect(combiner.leftOutCount()).toBe(0)
  })

  it('keeps the first definition of a zone that everybody knows, and counts the others', () => {
    const { text, combiner } = combine([
      calendar(zone('Europe/Berlin') + event('1')),
      calendar(zone('Europe/Berlin', 'X-LIC-LOCATION:Y\r\n') + event('2')),
      calendar(zone('Europe/Berlin').replaceAll('\r\n', '\n') + event('3')),
    ])
    expect(text.match(/BEGIN:VTIMEZONE/g)).toHaveLength(1)
    expect(text).not.toContain('X-LIC-LOCATION')
    expect(combiner.differingZoneCount()).toBe(1)
  })

  it('gives zones of one name that only their objects know names of their own', () => {
    const own = 'Customized Time Zone'
    const at = (tzid: string, uid: string) =>
      `BEGIN:VEVENT\r\nUID:${uid}\r\nDTSTART;TZID=${tzid}:20260101T100000\r\nDTEND;X-A="TZID=;:";TZID="${tzid}":20260101T110000\r\nSUMMARY:;TZID=x:1\r\nEND:VEVENT\r\n`
    const other = (tzid: string) => zone(tzid).replaceAll('+0100', '+0545')
    const second = `${own} (2)`
    const third = `${second} (2)`
    const { text, combiner } = combine([
      calendar(zone(own) + at(own, '1')),
      calendar(at(own, '2') + other(own) + zone('Europe/Berlin')),
      calendar(other(own) + at(own, '3').replaceAll('\r\n', '\n')),
      calendar(zone(own) + at(own, '4')),
      calendar(zone(second, 'X-LIC-LOCATION:Y\r\n') + at(second, '5')),
    ])
    expect(text).toBe(
      [
        head,
        ...[zone(own), at(own, '1')],
        ...[at(second, '2'), other(second), zone('Europe/Berlin')],
        // Only lines that are written anew get the line end of the standard.
        at(second, '3').replace(/^(UID|SUMMARY|BEGIN|END)(.*)\r\n/gm, '$1$2\n'),
        at(own, '4'),
        ...[zone(third, 'X-LIC-LOCATION:Y\r\n'), at(third, '5')],
        'END:VCALENDAR\r\n',
      ].join(''),
    )
    expect(combiner.differingZoneCount()).toBe(0)
  })

  it.each([
    ['empty', ''],
    ['no calendar', event('9')],
    ['cut', calendar(event('9')).slice(0, -30)],
    ['no end of calendar', `BEGIN:VCALENDAR\r\n${event('9')}`],
    ['crossed', 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n'],
    ['only a zone', calendar(zone('Z9'))],
    ['calendar in calendar', calendar(calendar(event('9')))],
    ['HTML', '<html></html>'],
    ['too deep', calendar('BEGIN:A\r\n'.repeat(200) + 'END:A\r\n'.repeat(200))],
  ])('leaves out and counts: %s', (_, object) => {
    const { text, combiner } = combine([object, calendar(event('1'))])
    expect(text).toBe(`${head}${event('1')}END:VCALENDAR\r\n`)
    expect(combiner.leftOutCount()).toBe(1)
  })

  it('a malformed object does not use up a zone', () => {
    const { text } = combine([`BEGIN:VCALENDAR\r\n${zone('Z')}${event('9')}`, calendar(zone('Z') + event('1'))])
    expect(text).toBe(`${head}${zone('Z')}${event('1')}END:VCALENDAR\r\n`)
  })

  it('is a calendar even without objects', () => {
    expect(combine([]).text).toBe(`${head}END:VCALENDAR\r\n`)
  })

  it('takes LF, a missing last line end, a byte order mark and lower case', () => {
    const bare = `\ufeffbegin:vcalendar\nbegin:vevent\nuid:1\nend:vevent\nend:vcalendar`
    expect(combine([bare]).text).toBe(`${head}begin:vevent\nuid:1\nend:vevent\nEND:VCALENDAR\r\n`)
  })

  it('does not take folded text for structure', () => {
    const tricky = 'BEGIN:VEVENT\r\nSUMMARY:x\r\n END:VEVENT\r\nDESCRIPTION:BEGIN:VEVENT\r\nEND:VEVENT\r\n'
    expect(combine([calendar(tricky)]).text).toBe(`${head}${tricky}END:VCALENDAR\r\n`)
  })

  it('writes name and properties escaped and folded', () => {
    const combiner = createCalendarCombiner({
      name: `Ä,b;c\\d\n${'ü'.repeat(60)}`,
      properties: { 'x-apple-calendar-color': '#ff0000', 'bad name': 'x', METHOD: 'REQUEST' },
    })
    const text = Buffer.from(combiner.finish()).toString('utf8')
    expect(text.replaceAll('\r\n ', '')).toContain(`X-WR-CALNAME:Ä\\,b\\;c\\\\d\\n${'ü'.repeat(60)}\r\n`)
    expect(text).toContain('X-APPLE-CALENDAR-COLOR:#ff0000\r\n')
    expect(text).not.toMatch(/bad name|METHOD/)
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  })

  it('never throws, and its result is always one whole calendar', () => {
    const piece = fc.constantFrom(
      'BEGIN:VCALENDAR\r\n',
      'END:VCALENDAR\r\n',
      event('1'),
      zone('A'),
      'BEGIN:VEVENT\n',
      'END:VEVENT\n',
      'x\r',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 5 }), (objects) => {
        const { text } = combine(objects.map((pieces) => pieces.join('')))
        expect(text.match(/^BEGIN:/gm)?.length).toBe(text.match(/^END:/gm)?.length)
        expect(text.match(/^BEGIN:VCALENDAR/gm)).toHaveLength(1)
      }),
      { numRuns: 300 },
    )
  })
})
