import { describe, expect, it } from 'vitest'
import { decodeCharset, isKnownCharset } from './decode-charset.ts'

describe('a character set', () => {
  it.each([
    // Half of the example of RFC 1843.
    ['hz-gb-2312', 'This ~{<:Ky2;NpJ)~} is ~~ not.', 'This 己所不勿施 is ~ not.'],
    ['HZ', '~{VPND~}\n~~ on~\n e line ~', '中文\n~ on e line ~'],
    ['hz-gb-2312', '~{VPND\nplain', '中文\nplain'],
    ['gb2312', '\xd6\xd0\xce\xc4', '中文'],
    ['iso-2022-jp', '\x1b$B4A;z\x1b(B', '漢字'],
    ['koi8-r', '\xf0\xd2\xc9', 'При'],
    ['us-ascii', 'gr\xfcn', 'grün'],
  ])('%s is read', (charset, bytes, text) => {
    expect(isKnownCharset(charset)).toBe(true)
    expect(decodeCharset(Buffer.from(bytes, 'latin1'), charset)).toBe(text)
  })

  it.each(['utf-7', 'cp437', 'iso-2022-cn', 'nonsense'])('%s is not known', (charset) => {
    expect(isKnownCharset(charset)).toBe(false)
    expect(decodeCharset(Buffer.from('gr\xfcn', 'latin1'), charset)).toBe('grün')
  })
})
