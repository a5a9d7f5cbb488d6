import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { renameZones } from './rename-zone.ts'

const latin1 = (text: string) => Buffer.from(text).toString('latin1')
const rename = (component: string, from: string, to: string) =>
  Buffer.from(renameZones(latin1(component), new Map([[latin1(from), latin1(to)]])), 'latin1').toString()

describe('zones with other names', () => {
  test.each([
    ['TZID:A\r\n', 'TZID:A (2)\r\n'],
    ['tzid;X=1: A \n', 'tzid;X=1:A (2)\r\n'],
    ['DTSTART;TZID=A:20260101T100000\n', 'DTSTART;TZID=A (2):20260101T100000\r\n'],
    [
      'DTSTART;VALUE=DATE-TIME;tzid="A":20260101T100000\r\n',
      'DTSTART;VALUE=DATE-TIME;tzid="A (2)":20260101T100000\r\n',
    ],
    ['DTSTART;TZ\r\n ID=\r\n\tA:20260101T100000\r\nX:1', 'DTSTART;TZID=A (2):20260101T100000\r\nX:1'],
    ['RDATE;X=";TZID=A:";TZID=A:1,2\r\n', 'RDATE;X=";TZID=A:";TZID=A (2):1,2\r\n'],
  ])('%j becomes %j', (before, after) => {
    expect(rename(before, 'A', 'A (2)')).toBe(after)
  })

  test.each([
    'SUMMARY:;TZID=A:x\r\n',
    'X;Y=";TZID=A":TZID=A\n',
    'DTSTART;TZID=AB:1\r\n',
    'DTSTART;TZID=a:1\r\n',
    'TZIDX:A\n',
    'X;TZID="A:1\r\n',
    'X;TZID',
    '\r\n',
    '',
  ])('%j stays', (line) => {
    expect(rename(line, 'A', 'A (2)')).toBe(line)
  })

  it('cuts no character where a line becomes too long', () => {
    const zone = 'Mitteleuropäische Zeit'.repeat(3)
    const text = rename(`EXDATE;TZID=${zone}:20260101T100000\r\n`, zone, `${zone} (12)`)
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(text.replaceAll('\r\n ', '')).toBe(`EXDATE;TZID=${zone} (12):20260101T100000\r\n`)
  })

  it('leaves every text as it is that names none of them', () => {
    const piece = fc.oneof(fc.constantFrom(';', ':', '"', '=', '\r\n', '\n', '\r', ' ', '\t', 'TZID', 'ä'), fc.string())
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = latin1(pieces.join(''))
        expect(renameZones(text, new Map([['no such zone', 'other']]))).toBe(text)
      }),
    )
  })
})
