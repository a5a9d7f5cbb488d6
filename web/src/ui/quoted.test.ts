import { expect, test } from 'vitest'
import { quotedPieces } from './quoted.ts'

const marked = (sentence: string): string =>
  quotedPieces(sentence)
    .map(({ text, isWhole }) => (isWhole ? `[${text}]` : text))
    .join('')

test.each([
  ['Nothing is quoted here.', 'Nothing is quoted here.'],
  ['Nobody knows “stranger”. Check it.', 'Nobody knows [“stranger”.] Check it.'],
  ['“a” and “b”', '[“a”] and [“b”]'],
  [
    'The user “anna.with.a.long.name@sample.example” is gone.',
    'The user [“ann]a.with.a.long.name@sample.exam[ple”] is gone.',
  ],
  ['In “two words” lines may break.', 'In “two words” lines may break.'],
  ['An open “quotation stays', 'An open “quotation stays'],
])('%s', (sentence, pieces) => {
  expect(marked(sentence)).toBe(pieces)
})

test('nothing is lost, and no letter of several code points is cut', () => {
  const sentence = `The folder “${'👩‍👩‍👧'.repeat(30)}” is gone`
  expect(
    quotedPieces(sentence)
      .map(({ text }) => text)
      .join(''),
  ).toBe(sentence)
  expect(quotedPieces(sentence)[1]).toEqual({ text: `“${'👩‍👩‍👧'.repeat(3)}`, isWhole: true })
})
