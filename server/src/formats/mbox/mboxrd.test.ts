import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFromQuoter, fromLine } from './mboxrd.ts'

const quoted = (...chunks: readonly string[]): string => {
  const quoter = createFromQuoter()
  const parts = [...chunks.flatMap((chunk) => quoter.add(Buffer.from(chunk, 'latin1'))), ...quoter.finish()]
  return Buffer.concat(parts).toString('latin1')
}
/** As a reader of mboxrd takes the quoting back. */
const unquoted = (text: string): string => text.replace(/^>(>*From )/gm, '$1')
const separators = (text: string): number => [...text.matchAll(/(?:^|\n)From /g)].length

describe('quoting for mboxrd', () => {
  test.each([
    ['From me', '>From me'],
    ['a\nFrom me\nb', 'a\n>From me\nb'],
    ['a\r\n>From me', 'a\r\n>>From me'],
    ['a\n>>>From me\n>> From you', 'a\n>>>>From me\n>> From you'],
    ['not From me\nFrom: me\nfrom me\n From me\nFrom', 'not From me\nFrom: me\nfrom me\n From me\nFrom'],
    ['From From From ', '>From From From '],
    ['', ''],
  ])('%j becomes %j, however it is cut', (text, expected) => {
    expect(quoted(text)).toBe(expected)
    expect(quoted(...text)).toBe(expected)
    for (let at = 0; at <= text.length; at++) expect(quoted(text.slice(0, at), text.slice(at))).toBe(expected)
  })

  test('any text comes back, and holds no separator', () => {
    const piece = fc.constantFrom('From ', 'From', '>', '\n', '\r\n', 'x', 'F', ' ', 'Fro', 'm ')
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 12 }), { maxLength: 6 }), (chunks) => {
        const texts = chunks.map((pieces) => pieces.join(''))
        const result = quoted(...texts)
        expect(unquoted(result)).toBe(texts.join(''))
        expect(separators(result)).toBe(0)
      }),
    )
  })

  test('a quoter begins anew after finish', () => {
    const quoter = createFromQuoter()
    const one = [...quoter.add(Buffer.from('x')), ...quoter.finish()]
    const two = [...quoter.add(Buffer.from('From me')), ...quoter.finish()]
    expect(Buffer.concat([...one, ...two]).toString()).toBe('x>From me')
  })
})

describe('the line before a message', () => {
  const at = new Date('2026-02-03T04:05:06+01:00')
  test('has sender and moment in UTC', () =>
    expect(Buffer.from(fromLine('anna@sample.example', at)).toString()).toBe(
      'From anna@sample.example Tue Feb  3 03:05:06 2026\n',
    ))
  test.each([null, '', 'no address', 'a b@c', 'a@b\nFrom x@y', 'ä@example.org'])('does not believe %j', (sender) =>
    expect(Buffer.from(fromLine(sender, at)).toString()).toBe('From MAILER-DAEMON Tue Feb  3 03:05:06 2026\n'),
  )
})
