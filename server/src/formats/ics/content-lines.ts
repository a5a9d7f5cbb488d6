import { decodeLatin1 } from '../mime-dir/content-lines.ts'

export type ContentLine = {
  /** In upper case. */
  readonly name: string
  /** Names in upper case; of several values the first. */
  readonly parameters: Readonly<Record<string, string>>
  /** Decoded, not unescaped. */
  readonly value: string
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

/** Most lines have none, and an object has hundreds of thousands of lines. */
const noParameters: ContentLine['parameters'] = Object.freeze({})

/** Takes a line apart (RFC 5545 §3.1). Linear; whatever is missing comes out empty. */
export const readContentLine = (line: string): ContentLine => {
  let parameters: Record<string, string> | null = null
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
    parameters ??= {}
    parameters[key] ??= unescapeParameter(decodeLatin1(first))
  }
  return { name, parameters: parameters ?? noParameters, value: decodeLatin1(line.slice(at + 1)) }
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
