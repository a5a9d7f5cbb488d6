import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeModifiedUtf7 } from '../../formats/utf7/modified-utf7.ts'
import { bytesOfServerName, comparePaths, pathOf, serverNameOf } from './mailbox-name.ts'
import { quote, tokenize } from './tokens.ts'
import { toSequenceSets } from './uid-set.ts'

test.each([
  ['~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/台北/日本語'], // the example of RFC 3501 §5.1.3
  ['Entw&APw-rfe', 'Entwürfe'],
  ['Tom &- Jerry', 'Tom & Jerry'],
  ['&2D3eAA-', '😀'],
  ['&2D0-', '&2D0-'], // half a surrogate pair
  ['&bad-', '&bad-'],
  ['R&D', 'R&D'],
])('%s decodes to %s', (coded, text) => {
  expect(decodeModifiedUtf7(coded)).toBe(text)
})

test('paths are split before they are decoded, and empty segments are left out', () => {
  expect(pathOf('inbox', '/')).toEqual(['INBOX'])
  expect(pathOf('a.b/c', '.')).toEqual(['a', 'b/c'])
  expect(pathOf('/a//b/', '/')).toEqual(['a', 'b'])
  expect(pathOf('a/b', null)).toEqual(['a/b'])
  expect(pathOf('&AC8-/x', '/')).toEqual(['/', 'x'])
})

test('a name is sent again as the very bytes it came as, and no two are one', () => {
  const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1'))
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(bytesOfServerName(serverNameOf(a)).toString('latin1')).toBe(a)
      expect(serverNameOf(a) === serverNameOf(b)).toBe(a === b)
    }),
    { numRuns: 2_000 },
  )
  expect(serverNameOf('gr\u00c3\u00bcn')).toBe('grün')
  expect(pathOf('x/gr\u00fcn', '/')).toEqual(['x', 'grün'])
  expect(pathOf('x/gr\u00c3\u00bcn', '/')).toEqual(['x', 'grün'])
})

test('paths sort by code units, segment by segment', () => {
  const sorted = [['A'], ['A', 'z'], ['A b'], ['B'], ['a']]
  expect([...sorted].reverse().sort(comparePaths)).toEqual(sorted)
})

test('tokens come back as they were quoted; what is not balanced is nothing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(tokenize(`(a ${quote(text)}) NIL`)).toEqual([['a', text], null])
    }),
  )
  for (const text of ['(', ')', '"', '('.repeat(100) + ')'.repeat(100)]) expect(tokenize(text)).toBeNull()
})

test('sequence sets hold every number once, as ranges, on short lines', () => {
  expect(toSequenceSets([])).toEqual([])
  expect(toSequenceSets([1, 2, 3, 7, 9, 10])).toEqual([{ set: '1:3,7,9:10', count: 6 }])
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 5_000 })),
      fc.integer({ min: 12, max: 60 }),
      (numbers, length) => {
        const ascending = numbers.sort((a, b) => a - b)
        const sets = toSequenceSets(ascending, length)
        const listed = sets.flatMap(({ set }) =>
          set.split(',').flatMap((part) => {
            const [from, to = from] = part.split(':').map(Number)
            return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i)
          }),
        )
        expect(listed).toEqual(ascending)
        for (const { set } of sets) expect(set.length).toBeLessThanOrEqual(length)
      },
    ),
  )
})
