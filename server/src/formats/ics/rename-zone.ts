import { Buffer, isUtf8 } from 'node:buffer'
import { unfoldLines } from '../mime-dir/content-lines.ts'

/** Folds at 75 octets without cutting a character (RFC 5545 §3.1). */
export const folded = (line: string): string => {
  let out = ''
  let octets = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (octets + size > 75) {
      out += '\r\n '
      octets = 1
    }
    out += character
    octets += size
  }
  return `${out}\r\n`
}

/** The same for a line of bytes, one character each. */
const foldedLatin1 = (line: string): string => {
  const bytes = Buffer.from(line, 'latin1')
  return isUtf8(bytes) ? Buffer.from(folded(bytes.toString('utf8'))).toString('latin1') : folded(line)
}

/** Where the name of a zone stands in an unfolded line: the value of TZID, or that of a parameter TZID (RFC 5545 §3.2.19). */
const zoneIn = (line: string): { readonly start: number; readonly end: number } | null => {
  let at = 0
  while (at < line.length && line[at] !== ':' && line[at] !== ';') at++
  const name = line.slice(0, at).trim().toUpperCase()
  while (line[at] === ';') {
    const start = at + 1
    let isQuoted = false
    for (at = start; at < line.length; at++) {
      if (line[at] === '"') isQuoted = !isQuoted
      else if (!isQuoted && (line[at] === ':' || line[at] === ';')) break
    }
    const key = /^[ \t]*TZID[ \t]*=/i.exec(line.slice(start, at))
    if (key === null) continue
    const from = start + key[0].length
    return line[from] === '"' && line[at - 1] === '"' && at - from > 1
      ? { start: from + 1, end: at - 1 }
      : { start: from, end: at }
  }
  return name === 'TZID' ? { start: at + 1, end: line.length } : null
}

/**
 * A component whose zones have other names: lines that name one of them are written anew, all others stay as they are.
 * @param component bytes as text, one character each, as are the names
 */
export const renameZones = (component: string, renamed: ReadonlyMap<string, string>): string => {
  let out = ''
  let at = 0
  for (const line of unfoldLines(component)) {
    const lineEnd = endOfLine(component, at)
    const zone = zoneIn(line)
    const name = zone && renamed.get(line.slice(zone.start, zone.end).trim())
    out +=
      zone && name !== undefined && name !== null
        ? foldedLatin1(line.slice(0, zone.start) + name + line.slice(zone.end))
        : component.slice(at, lineEnd)
    at = lineEnd
  }
  return out
}

/** Behind the line end, past all folds. */
const endOfLine = (text: string, from: number): number => {
  for (let at = from; ; ) {
    const feed = text.indexOf('\n', at)
    if (feed < 0) return text.length
    at = feed + 1
    if (text[at] !== ' ' && text[at] !== '\t') return at
  }
}
