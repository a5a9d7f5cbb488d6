import { describe, expect, test } from 'vitest'
import { splitCalendar } from './split.ts'

const crlf = (...lines: readonly string[]): string => lines.map((line) => `${line}\r\n`).join('')
const split = (text: string) =>
  splitCalendar(Buffer.from(text))?.map((object) => Buffer.from(object).toString()) ?? null
const zone = (id: string) =>
  crlf('BEGIN:VTIMEZONE', `TZID:${id}`, 'BEGIN:STANDARD', 'DTSTART:19700101T000000', 'END:STANDARD', 'END:VTIMEZONE')
const event = (uid: string, ...more: readonly string[]) => crlf('BEGIN:VEVENT', `UID:${uid}`, ...more, 'END:VEVENT')
const head = crlf('BEGIN:VCALENDAR', 'VERSION:2.0', 'X-WR-CALNAME:Büro')
const foot = crlf('END:VCALENDAR')

describe('a calendar in one file', () => {
  test('becomes one object for each UID, with the zones it names', () => {
    const berlin = event(
      '1',
      'DTSTART;TZID=Europe/Berlin:20260101T100000',
      'SUMMARY:Größe',
      'BEGIN:VALARM',
      'UID:of the alarm',
      'END:VALARM',
    )
    const exception = event('1', 'RECURRENCE-ID;TZID="A: b":20260102T100000')
    const folded = event('2\r\n 3', 'DTSTART;TZI\r\n D=Europe/Rome:20260101T100000')
    const todo = crlf('BEGIN:VTODO', 'UID:1', 'END:VTODO')
    const alone = crlf('BEGIN:VJOURNAL', 'SUMMARY:no uid', 'END:VJOURNAL')
    const zones = [zone('Europe/Berlin'), zone('A: b'), zone('Europe/Rome'), zone('Not/Named')]
    const all = `${head}${zones.join('')}${berlin}${folded}${exception}${todo}${alone}${alone}${foot}`
    expect(split(all)).toEqual([
      `${head}${zones[0]}${zones[1]}${berlin}${exception}${foot}`,
      `${head}${zones[2]}${folded}${foot}`,
      `${head}${todo}${foot}`,
      `${head}${alone}${foot}`,
      `${head}${alone}${foot}`,
    ])
    expect(split(`\ufeff${all.replaceAll('\r\n', '\n')}`)).toHaveLength(5)
  })

  test('may be several calendars', () => {
    const one = `${head}${event('1')}${foot}`
    expect(split(`${one}\r\n${one}`)).toEqual([one, one])
  })

  test.each([
    ['of one object', `${head}${zone('x')}${event('1')}${event('1')}${foot}`],
    ['without any', `${head}${foot}`],
    ['not closed', `${head}${event('1')}${event('2')}`],
    ['closed twice', `${head}${event('1')}${event('2')}${foot}${foot}`],
    ['with something else', `${head}${event('1')}${event('2')}${foot}more`],
    ['out of order', `${head}BEGIN:VEVENT\r\nBEGIN:VALARM\r\nEND:VEVENT\r\nEND:VALARM\r\n${foot}`],
    ['empty', ''],
  ])('%s is taken as it is', (_, text) => expect(split(text)).toBeNull())
})
