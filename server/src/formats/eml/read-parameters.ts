import { cleanText } from './clean-text.ts'
import { decodeCharset, decodeRawHeader } from './decode-charset.ts'
import { decodeWords } from './decode-words.ts'

/** A structured field such as Content-Type: the word in front, in lower case, and its parameters by lower-case name. */
export type ParameterField = { readonly value: string; readonly parameters: ReadonlyMap<string, string> }

const maxParameters = 200

/** RFC 2231 §4: `charset'language'text` with percent escapes. */
const decodePercent = (text: string, charset: string): string =>
  decodeCharset(
    Buffer.from(
      text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ),
    charset,
  )

const joinContinuations = (given: ReadonlyMap<string, string>): Map<string, string> => {
  const whole = new Map<string, string>()
  const pieces = new Map<string, { no: number; text: string; isEncoded: boolean }[]>()
  for (const [name, text] of given) {
    const match = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name)
    if (match === null) {
      whole.set(name, text)
      continue
    }
    const list = pieces.get(match[1]!) ?? []
    list.push({ no: Number(match[2] ?? 0), text, isEncoded: match[2] === undefined || match[3] !== undefined })
    pieces.set(match[1]!, list)
  }
  for (const [name, list] of pieces) {
    list.sort((a, b) => a.no - b.no)
    const first = list[0]!
    const prefix = first.isEncoded ? /^([^']{0,60})'[^']{0,60}'/.exec(first.text) : null
    const charset = prefix?.[1] ?? ''
    // A character may be cut between pieces: percent escapes of all are undone at once.
    const joined = list
      .map(({ text, isEncoded }, at) => {
        const own = at === 0 && prefix !== null ? text.slice(prefix[0].length) : text
        return isEncoded ? own : own.replaceAll('%', '%25')
      })
      .join('')
    whole.set(name, decodePercent(joined, charset))
  }
  return whole
}

/** Reads a field with parameters (RFC 2045 §5.1, RFC 2231), given as latin1. Linear, and tolerant of missing quotes. */
export const readParameters = (field: string): ParameterField => {
  let at = field.indexOf(';')
  if (at < 0) at = field.length
  const value = field.slice(0, at).replace(/\(.*$/s, '').trim().toLowerCase()
  const given = new Map<string, string>()
  while (at < field.length && given.size < maxParameters) {
    const start = at + 1
    at = start
    while (at < field.length && field[at] !== '=' && field[at] !== ';') at++
    if (field[at] !== '=') continue
    const name = field.slice(start, at).trim().toLowerCase()
    at++
    while (field[at] === ' ' || field[at] === '\t') at++
    let text = ''
    if (field[at] === '"') {
      for (at++; at < field.length && field[at] !== '"'; at++) {
        if (field[at] === '\\' && at + 1 < field.length) at++
        text += field[at]
      }
      while (at < field.length && field[at] !== ';') at++
    } else {
      const from = at
      while (at < field.length && field[at] !== ';') at++
      text = field.slice(from, at).trim()
    }
    if (!given.has(name)) given.set(name, text)
  }
  let isContinued = false
  for (const name of given.keys()) isContinued ||= name.includes('*')
  return { value, parameters: isContinued ? joinContinuations(given) : given }
}

/** The name of an attached file: what Content-Disposition says, else the name in Content-Type. Empty when there is none. */
export const attachmentName = (disposition: ParameterField, contentType: ParameterField): string => {
  const name = disposition.parameters.get('filename') ?? contentType.parameters.get('name') ?? ''
  return name === '' ? '' : cleanText(decodeWords(/[\u0100-\uffff]/.test(name) ? name : decodeRawHeader(name)))
}
