import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

/** Spellings seen in mail that the WHATWG encoding labels do not know. */
const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    utf8mb4: 'utf-8',
    utf_8: 'utf-8',
    'latin-1': 'windows-1252',
    'iso-8859-1-windows': 'windows-1252',
    ansi: 'windows-1252',
    cp932: 'shift_jis',
    cp936: 'gbk',
    cp949: 'euc-kr',
    cp950: 'big5',
  }),
)
/** Labels under which in practice anything 8-bit is sent: what the bytes look like is the better witness. */
const undecided = new Set(['', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'unknown', 'unknown-8bit', '8bit', 'x-unknown'])

/** HZ (RFC 1843): two bytes of GB 2312 without their high bits between `~{` and `~}`. */
const hzLabels: ReadonlySet<string> = new Set(['hz-gb-2312', 'hz'])

const decodeHz = (bytes: Buffer): string => {
  const gbk = Buffer.from(bytes)
  let length = 0
  let isShifted = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    const next = bytes[at + 1]
    // A line ends what is shifted.
    if (byte === 10) isShifted = false
    if (byte !== 0x7e || (isShifted && next !== 0x7d)) {
      gbk[length++] = isShifted ? byte | 0x80 : byte
      continue
    }
    at++
    if (next === 0x7b) isShifted = true
    else if (next === 0x7d) isShifted = false
    else if (next === 0x7e) gbk[length++] = byte
    else if (next !== 10) {
      gbk[length++] = byte
      at--
    }
  }
  return new TextDecoder('gbk').decode(gbk.subarray(0, length))
}

const maxCachedLabels = 500
const decoders = new Map<string, TextDecoder | null>()
const windows1252 = new TextDecoder('windows-1252')

const decoderFor = (label: string): TextDecoder | null => {
  const known = decoders.get(label)
  if (known !== undefined) return known
  let decoder: TextDecoder | null = null
  try {
    decoder = new TextDecoder(aliases.get(label) ?? label)
  } catch {
    // Not an encoding anybody defined (or one that WHATWG refuses): the caller falls back.
  }
  if (decoders.size >= maxCachedLabels) decoders.clear()
  decoders.set(label, decoder)
  return decoder
}

/** Bytes of no declared charset: UTF-8 where they are valid UTF-8, windows-1252 otherwise. */
const decodeUndeclared = (bytes: Buffer): string => (isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes))

/** Whether a name, as mail spells it, is of a charset that is known here, or says that there is none. */
export const isKnownCharset = (charset: string): boolean => {
  const label = charset.trim().toLowerCase()
  return undecided.has(label) || hzLabels.has(label) || decoderFor(label) !== null
}

/** Decodes by a charset name as mail spells it; an unknown one is treated as undeclared. Never throws. */
export const decodeCharset = (bytes: Buffer, charset: string): string => {
  const label = charset.trim().toLowerCase()
  if (label === 'utf-8' || label === 'utf8') return bytes.toString('utf8')
  if (undecided.has(label)) return decodeUndeclared(bytes)
  if (hzLabels.has(label)) return decodeHz(bytes)
  const decoder = decoderFor(label)
  return decoder === null ? decodeUndeclared(bytes) : decoder.decode(bytes)
}

/**
 * A header value given as latin1, one character a byte: raw UTF-8 (RFC 6532), raw ISO-2022-JP, or else windows-1252.
 */
export const decodeRawHeader = (latin1: string): string => {
  if (/[\x80-\xff]/.test(latin1)) return decodeUndeclared(Buffer.from(latin1, 'latin1'))
  // ESC $ shifts to a two-byte set (RFC 1468).
  if (latin1.includes('\x1b$')) return decodeCharset(Buffer.from(latin1, 'latin1'), 'iso-2022-jp')
  return latin1
}
