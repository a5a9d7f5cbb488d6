import { Buffer } from 'node:buffer'

/**
 * The cards of an address book that somebody has written into one file (RFC 6350 §3.2 allows any number), byte for byte. A card within a
 * card (AGENT of vCard 2.1) stays where it is. Null when there are not at least two, or when anything stands between them or is not
 * closed: then the file is to be taken as it is.
 */
export const splitCards = (bytes: Uint8Array): readonly Uint8Array[] | null => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('latin1')
  const cards: Uint8Array[] = []
  let depth = 0
  let start = 0
  for (let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0; at < text.length; ) {
    const stop = text.indexOf('\n', at)
    const next = stop < 0 ? text.length : stop + 1
    const line = text.slice(at, Math.min(next, at + 200))
    if (/^BEGIN[ \t]*:[ \t]*VCARD\s*$/i.test(line)) {
      if (depth++ === 0) start = at
    } else if (/^END[ \t]*:[ \t]*VCARD\s*$/i.test(line)) {
      if (--depth < 0) return null
      if (depth === 0) cards.push(buffer.subarray(start, next))
    } else if (depth === 0 && line.trim() !== '') return null
    at = next
  }
  return depth === 0 && cards.length > 1 ? cards : null
}
