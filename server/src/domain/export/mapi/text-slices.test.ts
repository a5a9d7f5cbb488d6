import fc from 'fast-check'
import { expect, it } from 'vitest'
import { replaceMany, withCrlf } from './text-slices.ts'

it('replaces as one replacement would, wherever the slices end', () => {
  const pieces = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '😀', '<'), { maxLength: 30 })
  fc.assert(
    fc.property(fc.integer({ min: 65_520, max: 65_540 }), pieces, pieces, (before, middle, after) => {
      const text = `${'x'.repeat(before)}${middle.join('')}${'y'.repeat(before)}${after.join('')}`
      expect(withCrlf(text)).toBe(text.replace(/\r\n?|\n/g, '\r\n'))
      expect(replaceMany(text, '<', '&lt;')).toBe(text.replaceAll('<', '&lt;'))
    }),
    { numRuns: 200 },
  )
})

it('leaves a text with the right line ends as it is', () => {
  expect(withCrlf('a\r\nb\r\n')).toBe('a\r\nb\r\n')
  expect(withCrlf('a\rb\nc\r\r\n')).toBe('a\r\nb\r\nc\r\n\r\n')
  expect(withCrlf('')).toBe('')
})
