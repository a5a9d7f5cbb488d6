import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export type ContentLine = {
  /** In upper case. */
  readonly name: string
  /** Names in upper case; of several values the first. */
  readonly parameters: Readonly<Record<string, string>>
  /** Decoded, not unescaped. */
  readonly value: string
}

const windows1252 = new TextDecoder('windows-1252')

/** One character a byte in, text out: UTF-8 (RFC 5545 §3.1.4), or windows-1252 where it is not that. */
const decode = (latin1: string): string => {
  if (!/[\x80-\xff]/.test(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes)
}

/** The bytes of an object, one character a byte: only so can a fold in the middle of a character be undone (RFC 5545 §3.1). */
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

/** Parts of one line that are held before they are joined: a line may be folded at every character. */
const maxFolds = 65_536

/** Unfolded lines without their ends, one after the other; line ends may be CRLF, LF or, throughout, CR. */
export function* unfold(latin1: string): Generator<string> {
  const lineEnd = latin1.includes('\n') ? '\n' : '\r'
  let folds: string[] = []
  for (let at = 0; at <= latin1.length; ) {
    const next = latin1.indexOf(lineEnd, at)
    const end = next < 0 ? latin1.length : next
    let textEnd = end
    if (lineEnd === '\n' && next >= 0) {
      // Some transports write CR CR LF.
      for (let no = 0; no < 2 && textEnd > at && latin1[textEnd - 1] === '\r'; no++) textEnd--
    }
    folds.push(latin1.slice(at, textEnd))
    const isFolded = next >= 0 && (latin1[end + 1] === ' ' || latin1[end + 1] === '\t')
    at = end + (isFolded ? 2 : 1)
    if (!isFolded) yield folds.length === 1 ? folds[0]! : folds.join('')
    if (!isFolded) folds = []
    else if (folds.length >= maxFolds) folds = [folds.join('')]
  }
}

/** The name of a line, in upper case and without parameters. */
export const lineName = (line: string): string => {
  let end = 0
  for (; end < line.length && end < 100; end++) {
    const code = line.charCodeAt(end)
    if (code === 58 || code === 59) return line.slice(0, end).trim().toUpperCase()
  }
  return ''
}

/** RFC 6868: what may not stand in a parameter is written with a caret. */
const unescapeParameter = (text: string): string =>
  text.includes('^')
    ? text.replace(/\^([n'^])/g, (_, mark: string) => (mark === 'n' ? ' ' : mark === "'" ? '"' : '^'))
    : text

/** Takes a line apart (RFC 5545 §3.1). Linear; whatever is missing comes out empty. */
export const readContentLine = (line: string): ContentLine => {
  const parameters: Record<string, string> = {}
  let at = 0
  while (at < line.length && line[at] !== ':' && line[at] !== ';') at++
  const name = line.slice(0, at).trim().toUpperCase()
  while (line[at] === ';') {
    const start = at + 1
    let equals = -1
    let isQuoted = false
    for (at = start; at < line.length; at++) {
      const code = line.charCodeAt(at)
      if (code === 34) isQuoted = !isQuoted
      else if (isQuoted) continue
      else if (code === 61 && equals < 0) equals = at
      else if (code === 58 || code === 59) break
    }
    if (equals < 0) continue
    const key = line.slice(start, equals).trim().toUpperCase()
    const text = line.slice(equals + 1, at)
    const first = text.startsWith('"')
      ? text.slice(1, text.indexOf('"', 1) < 0 ? undefined : text.indexOf('"', 1))
      : text
    parameters[key] ??= unescapeParameter(decode(first))
  }
  return { name, parameters, value: decode(line.slice(at + 1)) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is removed
const blanks = /[\s\x00-\x1f\x7f-\x9f]+/g

/** A text of one line is cut there: it is a subject, a name, an address. */
const maxLineLength = 200_000

/** One line of text without control characters. */
export const cleanText = (text: string): string => text.slice(0, maxLineLength).replace(blanks, ' ').trim()

/** A TEXT value (RFC 5545 §3.3.11) as one line. */
export const readText = (value: string): string =>
  cleanText(
    value.includes('\\')
      ? value
          .slice(0, maxLineLength)
          .replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' || escaped === 'N' ? ' ' : escaped))
      : value,
  )

/** A list of TEXT values: commas separate, unless escaped. */
export const readTextList = (value: string): string[] => {
  const parts: string[] = []
  const end = Math.min(value.length, maxLineLength)
  let start = 0
  for (let at = 0; at < end; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === ',') {
      parts.push(readText(value.slice(start, at)))
      start = at + 1
    }
  }
  parts.push(readText(value.slice(start, end)))
  return parts.filter((text) => text !== '')
}
