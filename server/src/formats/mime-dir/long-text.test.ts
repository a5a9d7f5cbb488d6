import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unfoldLines } from './content-lines.ts'
import { readLongText } from './long-text.ts'

/** Made of what matters, so that all orders of it come up. */
const textOf = (...units: readonly string[]) =>
  fc.array(fc.constantFrom(...units), { maxLength: 40 }).map((parts) => parts.join(''))

describe('long texts', () => {
  it('unfold as one replacement would', () => {
    fc.assert(
      fc.property(textOf('a', ':', ' ', '\t', '\r\n', '\n', '\r\r\n'), (text) => {
        fc.pre(text.includes('\n'))
        expect([...unfoldLines(text)]).toEqual(text.replace(/\r{0,2}\n[ \t]/g, '').split(/\r{0,2}\n/))
      }),
      { numRuns: 500 },
    )
    expect([...unfoldLines('A:1\r B\rC:2\r')]).toEqual(['A:1B', 'C:2', ''])
    expect([...unfoldLines(`A:${'\r\n x'.repeat(200_000)}`)]).toEqual([`A:${'x'.repeat(200_000)}`])
  })

  it('lose their escapes as one replacement would', () => {
    fc.assert(
      fc.property(textOf('a', '\\', '\\n', '\\N', '\\,', '\n', '\u0001', 'ü'), (text) => {
        expect(readLongText(text)).toBe(
          text
            .replace(/\\(.)/gs, (_, escaped: string) => (/n/i.test(escaped) ? '\n' : escaped))
            .replaceAll('\u0001', ''),
        )
      }),
      { numRuns: 500 },
    )
    expect(readLongText(`${'\\n'.repeat(100_000)}x\\`)).toBe(`${'\n'.repeat(100_000)}x\\`)
  })
})
