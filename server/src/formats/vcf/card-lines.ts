import { Buffer } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { decodeLatin1, maxFolds, unfoldLines } from '../mime-dir/content-lines.ts'

export type CardLine = {
  /** In upper case, without the group in front of it (`item1.TEL`). */
  readonly name: string
  /** Decoded, not unescaped. */
  readonly value: string
}

const decode = (latin1: string, charset: string): string => {
  if (charset === '' || /^utf-?8$/i.test(charset)) return decodeLatin1(latin1)
  try {
    return new TextDecoder(charset).decode(Buffer.from(latin1, 'latin1'))
  } catch {
    // Not an encoding anybody defined: judged by its bytes.
    return decodeLatin1(latin1)
  }
}

const isQuotedPrintable = (line: string): boolean => /^[^:]*;(?:ENCODING=)?"?QUOTED-PRINTABLE/i.test(line.slice(0, 300))

/** vCard 2.1 keeps the blank of a fold. */
const keptBlanksOf = (latin1: string): 0 | 1 => (/^VERSION[^:\r\n]*:\s*2\.1/im.test(latin1) ? 1 : 0)

/**
 * Unfolded lines without their ends, one after the other. vCard 2.1 keeps the blank of a fold; its quoted-printable values run on over lines
 * that end in `=` (vCard 2.1 §2.1.3).
 */
export function* unfold(latin1: string): Generator<string> {
  let parts: string[] = []
  for (const line of unfoldLines(latin1, keptBlanksOf(latin1))) {
    if (parts.length === 0 && !isQuotedPrintable(line)) {
      yield line
      continue
    }
    if (line.endsWith('=')) {
      parts.push(line.slice(0, -1))
      if (parts.length >= maxFolds) parts = [parts.join('')]
      continue
    }
    yield parts.length === 0 ? line : parts.join('') + line
    parts = []
  }
  // The object ends within a value: its last mark is no line break.
  if (parts.length > 0) yield `${parts.join('')}=`
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

/** A text of one line is cut there: it is a name, an address, a number. */
const maxLineLength = 200_000

/** A text value (RFC 6350 §4.1) as one line without control characters. */
export const readText = (value: string): string => {
  const text = value.slice(0, maxLineLength)
  return (
    text.includes('\\')
      ? text.replace(/\\(.)/gs, (_, escaped: string) => (escaped === 'n' || escaped === 'N' ? ' ' : escaped))
      : text
  )
    .replace(blanks, ' ')
    .trim()
}

/** The parts of a structured or list value: separated by `mark`, unless escaped. Empty ones keep their place. */
export const readParts = (value: string, mark: ';' | ','): string[] => {
  const parts: string[] = []
  const end = Math.min(value.length, maxLineLength)
  let start = 0
  for (let at = 0; at < end; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === mark) {
      parts.push(readText(value.slice(start, at)))
      start = at + 1
    }
  }
  parts.push(readText(value.slice(start, end)))
  return parts
}
