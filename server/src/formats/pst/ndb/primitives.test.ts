import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { writeFileTime } from '../ltp/stored-value.ts'
import { nameBucket, nameCrc } from '../messaging/name-map.ts'
import { pstCrc, signature } from './checksums.ts'
import { specialPages } from './geometry.ts'
import { permuteInto, permuteTable } from './permute.ts'

describe('the small parts of a PST', () => {
  test('the CRC has neither of the usual inversions', () => {
    expect(pstCrc(Buffer.from('123456789'))).toBe(0x2dfd2d88)
    expect(pstCrc(Buffer.from([...Array(16).keys()]))).toBe(0x2275a9dd)
    expect(pstCrc(Buffer.alloc(16))).toBe(0)
  })

  test('a signature takes the low 32 bits of offset and BID', () => {
    expect(signature(0x900200, 0x246)).toBe(0x00d6)
    expect(signature(0x900200 + 2 ** 33, 0x246)).toBe(0x00d6)
  })

  test('encoding by permutation', () => {
    expect(new Set(permuteTable).size).toBe(256)
    expect(createHash('sha256').update(permuteTable).digest('hex')).toBe(
      '9ba99036454c100f42d8c59b7a94fa1af0539f270d92ff49181c310839bf99bd',
    )
    const text = Buffer.from('Hello, World!')
    const encoded = Buffer.alloc(text.length)
    permuteInto(encoded, 0, text, 0, text.length)
    expect(encoded.toString('hex')).toBe('07eafdfd86d84c4b8606fdfa7d')
  })

  test('names are hashed by the CRC of their UTF-16', () => {
    expect(nameCrc('Keywords')).toBe(0x2eda4d3b)
    expect(nameBucket(nameCrc('Keywords'), 5)).toBe(101)
  })

  test.each([0, 1_700_000_000_123, -11_644_473_600_000, 915_151_392_000_00, 253_402_300_799_999])(
    '%d ms as FILETIME',
    (timeMs) => {
      const bytes = Buffer.alloc(8)
      writeFileTime(bytes, 0, timeMs)
      expect(bytes.readBigUInt64LE()).toBe(BigInt(timeMs) * 10_000n + 116_444_736_000_000_000n)
    },
  )

  test('maps lie where SCANPST looks for them', () => {
    const offsetsOf = (interval: number) =>
      specialPages(interval).map(({ type, at }) => [type, 0x4400 + interval * 253_952 + at])
    expect(offsetsOf(0)).toEqual([
      [0x84, 0x4400],
      [0x83, 0x4600],
    ])
    expect(offsetsOf(1)).toEqual([[0x84, 0x42400]])
    expect(offsetsOf(128).at(-1)).toEqual([0x82, 0x1f04800])
    expect(offsetsOf(8192).at(-1)).toEqual([0x85, 0x7c004800])
    expect(offsetsOf(8192 + 31_744).at(-1)).toEqual([0x85, 0x25c804800])
  })
})
