import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readFormParams } from './form-params.ts'

const schema = z.object({
  text: z.string(),
  optional: z.string().optional(),
  flag: z.boolean().default(false),
  count: z.int().nullable().default(null),
  share: z.number().optional(),
  words: z.array(z.string()).optional(),
  numbers: z
    .array(z.int())
    .transform((numbers) => new Set(numbers))
    .optional(),
  config: z.object({ a: z.int() }).optional(),
})
const read = (form: string) => readFormParams(schema, form)

describe('a field becomes what the schema expects', () => {
  test.each([
    ['text=a+b%2Bc', { text: 'a b+c' }],
    ['text=', { text: '' }],
    ['text', { text: '' }],
    ['text=5&optional=true', { text: '5', optional: 'true' }],
    ['optional=&count=&share=&words=&flag=&config=', {}],
    ['flag=True', { flag: true }],
    ['flag=FALSE', { flag: false }],
    ['count=%2012', { count: 12 }],
    ['count=-3', { count: -3 }],
    ['share=0.5', { share: 0.5 }],
    ['words=a,b%2C c,,', { words: ['a', 'b', 'c'] }],
    ['words=a&words=b,c', { words: ['a', 'b', 'c'] }],
    ['numbers=1,2', { numbers: [1, 2] }],
    ['config=%7B%22a%22%3A1%7D', { config: { a: 1 } }],
    ['other=1', { other: '1' }],
    ['&&text=a&', { text: 'a' }],
    ['text=a=b', { text: 'a=b' }],
    ['\r\n', {}],
  ])('%j', (form, values) => {
    expect(read(form)).toEqual(values)
  })

  test.each([
    ['flag=yes', 'flag is true or false.'],
    ['count=1.5', 'count is a whole number.'],
    ['count=1e3', 'count is a whole number.'],
    ['count=0x10', 'count is a whole number.'],
    ['share=NaN', 'share is a number.'],
    ['numbers=1,two', 'numbers is a whole number.'],
    ['config={', 'config is JSON text.'],
    ['flag=true&flag=true', 'flag is given 2 times; give it once.'],
  ])('%j is refused', (form, reason) => {
    expect(() => read(form)).toThrow(reason)
  })

  test('too many fields are refused', () => {
    expect(() => read('a=1&'.repeat(1_001))).toThrow(/too many fields/)
  })
})

test('any text comes back as it was written, and any bytes are read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const form = new URLSearchParams({ text }).toString()
      expect(read(form)).toEqual({ text: text.toWellFormed() })
    }),
  )
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('%', '&', '=', 'f', '0', '+', ',', 'text', 'words', 'count') }),
      (form) => {
        try {
          read(form)
        } catch (error) {
          expect(isAppError(error, 'invalid_request', 'invalid_params')).toBe(true)
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
