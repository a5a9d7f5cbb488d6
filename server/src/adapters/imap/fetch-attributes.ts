import { readQuoted } from './tokens.ts'

/** What a FETCH response said of one message. Names as in RFC 9051 §7.5.2; what it did not say is undefined. */
export type FetchAttributes = {
  uid?: number
  /** Sorted, without \Recent. */
  flags?: readonly string[]
  /** As the server wrote it. */
  internalDate?: string
  sizeBytes?: number
  modSeq?: string
  emailId?: string
  threadId?: string
  /** BODY[] that did not come as a literal: a quoted string, or NIL as null. */
  shortBody?: string | null
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `17-Jul-1996 02:44:25 -0700` in ms since 1970; null when it is not a date-time (RFC 3501 §9). */
export const parseInternalDate = (text: string): number | null => {
  const match = /^ ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/.exec(text)
  if (!match) return null
  const month = months.indexOf(match[2]!.toLowerCase())
  if (month < 0) return null
  const local = Date.UTC(+match[3]!, month, +match[1]!, +match[4]!, +match[5]!, +match[6]!)
  const offset = (+match[8]! * 60 + +match[9]!) * 60_000
  return match[7] === '-' ? local + offset : local - offset
}

// Most messages of a folder share a handful of flag lists: splitting and sorting each again costs more than all else here.
const flagLists = new Map<string, readonly string[]>()
const parseFlags = (inside: string): readonly string[] => {
  const known = flagLists.get(inside)
  if (known) return known
  const flags = [...new Set(inside.split(' '))]
    .filter((flag) => flag !== '' && flag.toLowerCase() !== '\\recent')
    .sort()
  if (flagLists.size < 1_000) flagLists.set(inside, flags)
  return flags
}

const unsigned = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)
const idIn = (value: string): string | undefined => (value === '' || value.toUpperCase() === 'NIL' ? undefined : value)
export const isWholeBody = (name: string): boolean => /^(BODY|BINARY)\[\](<0>)?$|^RFC822$/.test(name)

const closingOf = (text: string, from: number): number => {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      const { end } = readQuoted(text, at)
      if (end < 0) return -1
      at = end - 1
    } else if (code === 0x28) depth++
    else if (code === 0x29 && --depth === 0) return at
  }
  return -1
}

const set = (into: FetchAttributes, name: string, value: string, isNil: boolean): void => {
  if (name === 'UID') {
    const uid = unsigned(value)
    if (uid !== undefined && uid > 0 && uid <= 0xffff_ffff) into.uid = uid
  } else if (name === 'FLAGS') into.flags = parseFlags(value)
  else if (name === 'INTERNALDATE') into.internalDate = value
  else if (name === 'RFC822.SIZE') {
    const size = unsigned(value)
    if (size !== undefined) into.sizeBytes = size
  } else if (name === 'MODSEQ') into.modSeq = value
  else if (name === 'EMAILID') {
    const id = idIn(value)
    if (id !== undefined) into.emailId = id
  } else if (name === 'THREADID') {
    const id = idIn(value)
    if (id !== undefined) into.threadId = id
  } else if (isWholeBody(name)) into.shortBody = isNil ? null : value
}
const isAttributeName = /^[A-Z0-9][A-Z0-9._-]*(\[[^\]]*\])?(<\d+>)?$/

/**
 * Reads attributes from a piece of a FETCH response, starting behind the opening parenthesis or behind a literal.
 * Answers `complete` at the closing parenthesis, the name whose literal must follow at the end of the text, or null when
 * this is no FETCH response.
 */
export const readAttributes = (
  text: string,
  from: number,
  into: FetchAttributes,
): { readonly complete: true } | { readonly awaits: string } | null => {
  let at = from
  const { length } = text
  // Anything else behind a literal means that its length was a lie.
  if (from === 0 && text.charCodeAt(0) !== 0x20 && text.charCodeAt(0) !== 0x29) return null
  while (at < length) {
    const first = text.charCodeAt(at)
    if (first === 0x20) {
      at++
      continue
    }
    if (first === 0x29) return at === length - 1 ? { complete: true } : null
    let end = at
    while (end < length) {
      const code = text.charCodeAt(end)
      if (code === 0x5b) {
        end = text.indexOf(']', end)
        if (end < 0) return null
      } else if (code === 0x20 || code === 0x28 || code === 0x29 || code === 0x22) break
      end++
    }
    if (end === at) return null
    const name = text.slice(at, end).toUpperCase()
    if (!isAttributeName.test(name)) return null
    if (end >= length || (end === length - 1 && text.charCodeAt(end) === 0x20)) return { awaits: name }
    if (text.charCodeAt(end) !== 0x20) return null
    at = end + 1
    const kind = text.charCodeAt(at)
    if (kind === 0x28) {
      const close = closingOf(text, at)
      if (close < 0) return null
      set(into, name, text.slice(at + 1, close), false)
      at = close + 1
    } else if (kind === 0x22) {
      const { value, end: behind } = readQuoted(text, at)
      if (behind < 0) return null
      set(into, name, value, false)
      at = behind
    } else {
      let behind = at
      while (behind < length && text.charCodeAt(behind) !== 0x20 && text.charCodeAt(behind) !== 0x29) behind++
      const value = text.slice(at, behind)
      set(into, name, value, value.toUpperCase() === 'NIL')
      at = behind
    }
  }
  return null
}
