import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFromUnquoter, type MboxQuoting } from './from-unquoter.ts'
import { createFromQuoter } from './mboxrd.ts'

const unquoted = (quoting: MboxQuoting, ...chunks: readonly string[]): string => {
  const unquoter = createFromUnquoter(quoting)
  const parts = [...chunks.flatMap((chunk) => unquoter.add(Buffer.from(chunk, 'latin1'))), ...unquoter.finish()]
  return Buffer.concat(parts).toString('latin1')
}

describe('taking back the quoting', () => {
  test.each([
    ['mboxrd', '>From me', 'From me'],
    ['mboxrd', 'a\r\n>>From me\n>>>From you', 'a\r\n>From me\n>>From you'],
    ['mboxrd', 'x>From me\n> >From you\n >From them\n>From', 'x>From me\n> >From you\n >From them\n>From'],
    ['mboxo', '>From me\n>>From me\n\n>From ', 'From me\n>>From me\n\nFrom '],
    ['none', '>From me\n>>From me', '>From me\n>>From me'],
    ['mboxrd', '', ''],
  ] as const)('%s: %j becomes %j, however it is cut', (quoting, text, expected) => {
    expect(unquoted(quoting, text)).toBe(expected)
    expect(unquoted(quoting, ...text)).toBe(expected)
    for (let at = 0; at <= text.length; at++)
      expect(unquoted(quoting, text.slice(0, at), text.slice(at))).toBe(expected)
  })

  const piece = fc.constantFrom('From ', 'From', '>', '>>', '\n', '\r\n', 'x', 'F', ' ', 'Fro', 'm ', '\0', '\xff')
  const chunks = fc.array(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    { maxLength: 6 },
  )

  test('is the reverse of quoting', () => {
    fc.assert(
      fc.property(chunks, fc.nat(), (texts, seed) => {
        const quoter = createFromQuoter()
        const parts = [...texts.flatMap((text) => quoter.add(Buffer.from(text, 'latin1'))), ...quoter.finish()]
        const quoted = Buffer.concat(parts).toString('latin1')
        const cut = quoted.length === 0 ? 0 : seed % quoted.length
        expect(unquoted('mboxrd', quoted.slice(0, cut), quoted.slice(cut))).toBe(texts.join(''))
      }),
      { numRuns: 500 },
    )
  })

  test('is for mboxo what a search over the whole text says', () => {
    fc.assert(
      fc.property(chunks, (texts) => {
        expect(unquoted('mboxo', ...texts)).toBe(texts.join('').replace(/(^|\n)>(?=From )/g, '$1'))
      }),
      { numRuns: 500 },
    )
  })
})
