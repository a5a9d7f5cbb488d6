import { randomBytes } from 'node:crypto'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isHopeless, wholeFileOptions, wholeItemOptions } from './compression.ts'

const text = Buffer.from('A text that repeats itself, as texts do; and more of it. '.repeat(4_000))
const random = randomBytes(200_000)
const base64 = Buffer.from(random.toString('base64').replace(/.{76}/g, '$&\r\n'))

describe('how to deflate', () => {
  it('an item follows its content', () => {
    expect(wholeItemOptions(text)).toMatchObject({ strategy: constants.Z_DEFAULT_STRATEGY })
    expect(wholeItemOptions(base64)).toMatchObject({ strategy: constants.Z_HUFFMAN_ONLY })
    expect([isHopeless(text), isHopeless(base64), isHopeless(base64.subarray(0, 1_000))]).toEqual([false, true, false])
  })

  it('a file is the same, but for one that no alphabet makes shorter', () => {
    expect(wholeFileOptions(text)).toEqual(wholeItemOptions(text))
    expect(wholeFileOptions(base64)).toEqual(wholeItemOptions(base64))
    expect(wholeFileOptions(random)).toBeNull()
    expect(wholeFileOptions(random.subarray(0, 10_000))).not.toBeNull()
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a byte', Buffer.from('x')],
    ['text', text],
    ['base64', base64],
    ['random bytes, few', random.subarray(0, 40_000)],
  ])('of %s gives the same back', (_, bytes) => {
    for (const options of [wholeItemOptions(bytes), wholeFileOptions(bytes)!])
      expect(inflateRawSync(deflateRawSync(bytes, options)).equals(bytes)).toBe(true)
  })
})
