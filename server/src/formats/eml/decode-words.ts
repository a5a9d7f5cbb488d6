import { decodeCharset } from './decode-charset.ts'

const maxCharsetLength = 75

const hexValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

/** The "Q" encoding (RFC 2047 §4.2), tolerant of `=` that encodes nothing. */
const decodeQ = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 61 && at + 2 < text.length) {
      const high = hexValue(text.charCodeAt(at + 1))
      const low = hexValue(text.charCodeAt(at + 2))
      if (high >= 0 && low >= 0) {
        bytes[length++] = high * 16 + low
        at += 2
        continue
      }
    }
    bytes[length++] = code === 95 ? 32 : code
  }
  return bytes.subarray(0, length)
}

const isBlank = (text: string, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10) return false
  }
  return true
}

/**
 * The beginning of an encoded word (RFC 2047 §2) at `open`, where `=?` stands; null when it is none. Its end is left to the
 * caller, who can remember it, so that a value full of openings is searched once.
 */
export const encodedWordAt = (
  text: string,
  open: number,
): { charset: string; encoding: 'b' | 'q'; textStart: number } | null => {
  let mark = open + 2
  const limit = Math.min(text.length, mark + maxCharsetLength)
  while (mark < limit && text.charCodeAt(mark) !== 63) {
    if (text.charCodeAt(mark) <= 32) return null
    mark++
  }
  if (mark === open + 2 || text.charCodeAt(mark) !== 63 || text.charCodeAt(mark + 2) !== 63) return null
  const letter = text.charCodeAt(mark + 1) | 32
  if (letter !== 98 && letter !== 113) return null
  const named = text.slice(open + 2, mark)
  const star = named.indexOf('*') // RFC 2231 §5: a language may follow
  return { charset: star < 0 ? named : named.slice(0, star), encoding: letter === 98 ? 'b' : 'q', textStart: mark + 3 }
}

/**
 * Decodes encoded words in a text. Neighbours of one charset are joined as bytes before they are decoded, because senders
 * split multibyte characters between them; blanks between two encoded words vanish (RFC 2047 §6.2).
 * Takes time linear in the length, whatever the text.
 */
export const decodeWords = (text: string): string => {
  let open = text.indexOf('=?')
  if (open < 0) return text
  let out = ''
  let copied = 0 // everything before has been put out
  let close = -1
  let charset = ''
  let pending: Buffer[] = []
  const flush = () => {
    if (pending.length === 0) return
    out += decodeCharset(pending.length === 1 ? pending[0]! : Buffer.concat(pending), charset)
    pending = []
  }
  while (open >= 0) {
    const word = encodedWordAt(text, open)
    if (word === null) {
      open = text.indexOf('=?', open + 2)
      continue
    }
    if (close < word.textStart) close = text.indexOf('?=', word.textStart)
    if (close < 0) break
    const next = text.indexOf('=?', word.textStart)
    // An opening before the closing: this one was never closed. "=?=" right at the end is a "=" before the closing.
    if (next >= 0 && next + 1 < close && encodedWordAt(text, next) !== null) {
      open = next
      continue
    }
    const isNeighbour = pending.length > 0 && isBlank(text, copied, open)
    if (!isNeighbour) {
      flush()
      out += text.slice(copied, open)
    } else if (charset !== word.charset.toLowerCase()) flush()
    charset = word.charset.toLowerCase()
    const encoded = text.slice(word.textStart, close)
    pending.push(word.encoding === 'b' ? Buffer.from(encoded, 'base64') : decodeQ(encoded))
    copied = close + 2
    open = text.indexOf('=?', copied)
  }
  flush()
  return out + text.slice(copied)
}
