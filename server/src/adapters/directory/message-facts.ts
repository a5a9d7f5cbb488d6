import { decodeWords } from '../../formats/eml/decode-words.ts'
import { readDate } from '../../formats/eml/read-date.ts'
import { scanHeader } from '../../formats/eml/scan-header.ts'
import { wholeSeconds } from './internal-date.ts'

/** So much of a message is searched for its header. */
export const headerLimitBytes = 64 * 1024

const wanted = new Set([
  'received',
  'date',
  'status',
  'x-status',
  'x-keywords',
  'x-mozilla-status',
  'x-mozilla-keys',
  'x-gmail-labels',
])

export type StoredMessage = {
  /** By the last server's Received field, else the Date field, in ms; null when neither is a date. */
  readonly headerDateMs: number | null
  /** Sorted; null when no field tells of flags. */
  readonly flags: readonly string[] | null
}

/** Letters of Status and X-Status, as mail programs on Unix have written them since BSD. */
const letterFlags: Readonly<Record<string, string>> = {
  R: '\\Seen',
  A: '\\Answered',
  F: '\\Flagged',
  T: '\\Draft',
  D: '\\Deleted',
}

/** Bits of X-Mozilla-Status. */
const mozillaFlags: readonly (readonly [bit: number, flag: string])[] = [
  [0x0001, '\\Seen'],
  [0x0002, '\\Answered'],
  [0x0004, '\\Flagged'],
  [0x0008, '\\Deleted'],
  [0x1000, '$Forwarded'],
]

const gmailFlags: Readonly<Record<string, string>> = { Starred: '\\Flagged', Drafts: '\\Draft', Draft: '\\Draft' }

/** Labels by comma; one that holds a comma is quoted, and all of it may be encoded words. */
const labelsOf = (value: string): readonly string[] =>
  [...decodeWords(value.trim()).matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/g)]
    .map(([, quoted, plain]) => (quoted ?? plain ?? '').replace(/\\(.)/g, '$1').trim())
    .filter((label) => label !== '' && label !== 'Opened')

const dateOf = (value: string | undefined): number | null => {
  const date = value === undefined ? null : readDate(value)
  return date === null ? null : wholeSeconds(Date.parse(date))
}

/** What the header of a stored message tells of when it came and which flags it has. Nothing of it is taken away. */
export const readStoredMessage = (head: Uint8Array): StoredMessage => {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, headerLimitBytes)).toString('latin1')
  const found = new Map<string, string>()
  scanHeader(text, wanted, (name, value) => {
    // The topmost Received is that of the last server; of the others there is one.
    if (!found.has(name)) found.set(name, value)
  })
  const flags = new Set<string>()
  let tellsFlags = false
  for (const name of ['status', 'x-status']) {
    const letters = found.get(name)?.trim()
    if (letters === undefined || !/^[A-Za-z]*$/.test(letters)) continue
    tellsFlags = true
    for (const letter of letters) if (letterFlags[letter]) flags.add(letterFlags[letter])
  }
  const mozilla = /^\s*([0-9a-f]{1,4})\s*$/i.exec(found.get('x-mozilla-status') ?? '')
  if (mozilla) {
    tellsFlags = true
    const bits = Number.parseInt(mozilla[1]!, 16)
    for (const [bit, flag] of mozillaFlags) if ((bits & bit) !== 0) flags.add(flag)
  }
  for (const name of ['x-keywords', 'x-mozilla-keys'])
    for (const keyword of (found.get(name) ?? '').split(/\s+/)) if (keyword !== '') flags.add(utf8(keyword))
  const labels = found.get('x-gmail-labels')
  if (labels !== undefined) {
    tellsFlags = true
    const named = labelsOf(utf8(labels))
    if (!named.includes('Unread')) flags.add('\\Seen')
    for (const label of named) if (label !== 'Unread') flags.add(gmailFlags[label] ?? label)
  }
  const received = found.get('received')
  return {
    headerDateMs: dateOf(received?.slice(received.lastIndexOf(';') + 1)) ?? dateOf(found.get('date')),
    flags: tellsFlags || flags.size > 0 ? [...flags].sort() : null,
  }
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')
