import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unfold } from './card-lines.ts'

const textOf = (...units: readonly string[]) =>
  fc.array(fc.constantFrom(...units), { maxLength: 40 }).map((parts) => parts.join(''))

describe('long texts', () => {
  it.each(['3.0', '2.1'])('unfold as one replacement would, in version %s', (version) => {
    fc.assert(
      fc.property(textOf('a', ':', ' ', '\t', '\r\n', '\n', '\r\r\n', '='), (text) => {
        const whole = `VERSION:${version}\nx${text}`
        const expected = whole.replace(/\r{1,2}\n/g, '\n').replace(version === '2.1' ? /\n(?=[ \t])/g : /\n[ \t]/g, '')
        expect([...unfold(whole)]).toEqual(expected.split('\n'))
      }),
      { numRuns: 500 },
    )
    expect([...unfold(`A:${'\r\n x'.repeat(200_000)}`)]).toEqual([`A:${'x'.repeat(200_000)}`])
  })

  it('run on over soft line breaks, to the end if need be', () => {
    const head = 'NOTE;ENCODING=QUOTED-PRINTABLE:'
    expect([...unfold(`${head}a=\r\nb=\r\nc\r\nFN:x=\r\nEND`)]).toEqual([`${head}abc`, 'FN:x=', 'END'])
    expect([...unfold(`${head}a=\nb=`)]).toEqual([`${head}ab=`])
    expect([...unfold(`${head}${'a=\n'.repeat(100_000)}b`)]).toEqual([`${head}${'a'.repeat(100_000)}b`])
  })
})
