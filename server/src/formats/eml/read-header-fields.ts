import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import { cleanText } from './clean-text.ts'
import { decodeRawHeader } from './decode-charset.ts'
import { decodeWords } from './decode-words.ts'
import { readAddresses } from './read-addresses.ts'
import { readDate } from './read-date.ts'
import { scanHeader } from './scan-header.ts'

/** What lies beyond is not looked at: no header that long is a header. */
const maxHeaderBytes = 65_536
/** Most headers end within the first window; a larger one is read again from the start. */
const windows = [4_096, 16_384, maxHeaderBytes]

const wanted: ReadonlySet<string> = new Set([
  'subject',
  'from',
  'sender',
  'to',
  'cc',
  'date',
  'message-id',
  'keywords',
  'content-type',
  'content-disposition',
])
/** Fields that are gathered when there are several; of the others the first that says something counts. */
const gathered: ReadonlySet<string> = new Set(['to', 'cc', 'keywords'])

const messageId = (value: string): string | null => {
  const text = cleanText(value)
  const open = text.indexOf('<')
  const close = open < 0 ? -1 : text.indexOf('>', open)
  const id = open < 0 ? text.split(' ', 1)[0]! : text.slice(open + 1, close < 0 ? undefined : close).replaceAll(' ', '')
  return id === '' ? null : id
}

const mediaType = (value: string): string => /^[^;\s(]*/.exec(value.trimStart())![0].toLowerCase()

/** From the header alone; a message whose parts are not seen may hide one that is not `multipart/mixed`. */
const hasAttachment = (contentType: string, disposition: string): boolean => {
  if (mediaType(disposition) === 'attachment') return true
  const type = mediaType(contentType)
  if (!/^[^/]+\/[^/]+$/.test(type)) return false // RFC 2045 §5.2: what cannot be read is text/plain
  return type === 'multipart/mixed' || !(type.startsWith('text/') || type.startsWith('multipart/'))
}

/**
 * The listed and searched fields of a message, from its beginning: up to 64 KB, which may end within the header.
 * Reads the header and nothing else. Never throws, and takes time linear in the length whatever the bytes.
 */
export const readHeaderFields = (head: Uint8Array): ItemFields => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, maxHeaderBytes))
  let found: Record<string, string> = {}
  let hasFields = false
  for (const size of windows) {
    found = {}
    const scan = scanHeader(bytes.toString('latin1', 0, Math.min(size, bytes.length)), wanted, (name, value) => {
      const before = found[name]
      if (before === undefined || before.trim() === '') found[name] = value
      else if (gathered.has(name)) found[name] = `${before},${value}`
    })
    hasFields = scan.hasFields
    if (scan.bodyAt >= 0 || size >= bytes.length) break
  }
  const raw = (name: string): string => decodeRawHeader(found[name] ?? '')
  const addresses = (name: string): string => (found[name] === undefined ? '' : readAddresses(raw(name)))
  const to = addresses('to')
  const cc = addresses('cc')
  return {
    title: cleanText(decodeWords(raw('subject'))),
    from: addresses('from') || addresses('sender'),
    to: to === '' || cc === '' ? to + cc : `${to}, ${cc}`,
    date: found.date === undefined ? null : readDate(found.date),
    endDate: null,
    place: '',
    phone: '',
    company: '',
    categories: keywords(found.keywords === undefined ? '' : raw('keywords')),
    hasAttachment: hasAttachment(found['content-type'] ?? '', found['content-disposition'] ?? ''),
    uniqueId: found['message-id'] === undefined ? null : messageId(raw('message-id')),
    component: null,
    isWellFormed: hasFields,
  }
}

const keywords = (value: string): string =>
  value === ''
    ? ''
    : decodeWords(value)
        .split(',')
        .map((word) => cleanText(word).replace(/^"(.*)"$/, '$1'))
        .filter((word) => word !== '')
        .join(', ')
