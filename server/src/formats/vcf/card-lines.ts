import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export type CardLine = {
  /** In upper case, without the group in front of it (`item1.TEL`). */
  readonly name: string
  /** Decoded, not unescaped. */
  readonly value: string
}

const windows1252 = new TextDecoder('windows-1252')

const decode = (latin1: string, charset: string): string => {
  if (!/[\x80-\xff]/.test(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  if (charset !== '' && !/^utf-?8$/i.test(charset)) {
    try {
      return new TextDecoder(charset).decode(bytes)
    } catch {
      // Not an encoding anybody defined: judged by its bytes below.
    }
  }
  return isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes)
}

/** The bytes of a card, one character a byte: only so can a fold in the middle of a character be undone (RFC 6350 §3.2). */
export const toLatin1 = (bytes: Uint8Array): string => {
  const isUtf16 =
    bytes.length > 1 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
  if (isUtf16) {
    const text = new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)
    return Buffer.from(text, 'utf8').toString('latin1')
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return text.startsWith('\u00ef\u00bb\u00bf') ? text.slice(3) : text
}

const isQuotedPrintable = (line: string): boolean => /^[^:]*;(?:ENCODING=)?"?QUOTED-PRINTABLE/i.test(line.slice(0, 300))

/**
 * Unfolded lines without their ends. vCard 2.1 keeps the blank of a fold; its quoted-printable values run on over lines that
 * end in `=` (vCard 2.1 §2.1.3).
 */
export const unfold = (latin1: string): string[] => {
  const isOld = /^VERSION[^:\r\n]*:\s*2\.1/im.test(latin1)
  const text = latin1.includes('\n') ? latin1.replace(/\r{1,2}\n/g, '\n') : latin1.replaceAll('\r', '\n')
  const lines = text.replace(isOld ? /\n(?=[ \t])/g : /\n[ \t]/g, '').split('\n')
  if (!/QUOTED-PRINTABLE/i.test(text)) return lines
  const joined: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    if (!isQuotedPrintable(line)) {
      joined.push(line)
      continue
    }
    const parts = [line]
    while (parts.at(-1)!.endsWith('=') && at + 1 < lines.length) {
      parts.push(lines[++at]!)
    }
    joined.push(parts.map((part, no) => (no < parts.length - 1 ? part.slice(0, -1) : part)).join(''))
  }
  return joined
}

/** The name of a line, in upper case, without group and parameters. */
export const lineName = (line: string): string => {
  let start = 0
  for (let end = 0; end < line.length && end < 200; end++) {
    const code = line.charCodeAt(end)
    if (code === 46) start = end + 1
    else if (code === 58 || code === 59) return line.slice(start, end).trim().toUpperCase()
  }
  return ''
}

/** Takes a line apart (RFC 6350 §3.3; vCard 2.1 writes parameters without names). Whatever is missing comes out empty. */
export const readCardLine = (line: string): CardLine => {
  let at = 0
  let isQuoted = false
  for (; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (code === 34) isQuoted = !isQuoted
    else if (code === 58 && !isQuoted) break
  }
  // A quote that is never closed must not swallow the value.
  if (at === line.length) at = line.includes(':') ? line.indexOf(':') : line.length
  const parameters = line.slice(0, at)
  const charset = /;CHARSET="?([^;:"]{1,60})/i.exec(parameters)?.[1] ?? ''
  const raw = line.slice(at + 1)
  const value = isQuotedPrintable(line)
    ? raw.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : raw
  return { name: lineName(line), value: decode(value, charset) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is removed
const blanks = /[\s\x00-\x1f\x7f-\x9f]+/g

/** A text value (RFC 6350 §4.1) as one line without control characters. */
export const readText = (value: string): string =>
  (value.includes('\\')
    ? value.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' || escaped === 'N' ? ' ' : escaped))
    : value
  )
    .replace(blanks, ' ')
    .trim()

/** The parts of a structured or list value: separated by `mark`, unless escaped. Empty ones keep their place. */
export const readParts = (value: string, mark: ';' | ','): string[] => {
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === mark) {
      parts.push(readText(value.slice(start, at)))
      start = at + 1
    }
  }
  parts.push(readText(value.slice(start)))
  return parts
}
