import { withoutLoneCr } from '../mime-dir/content-lines.ts'

export type ContactCombiner = {
  /** What to append for this object; empty when it is malformed. */
  add(object: Uint8Array): Uint8Array
  /** What to append at the end. */
  finish(): Uint8Array
  /** Objects left out because they hold no whole vCard. */
  leftOutCount(): number
}

const isBlank = (byte: number | undefined): boolean =>
  byte === 10 || byte === 13 || byte === 32 || byte === 9 || byte === 0

/** Whether every BEGIN:VCARD has its END and nothing else stands between the cards. */
const isWhole = (text: string): boolean => {
  let depth = 0
  let cards = 0
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    if (/^BEGIN:[ \t]*VCARD\s*$/i.test(line.slice(0, 200))) {
      depth++
      cards++
    } else if (/^END:[ \t]*VCARD\s*$/i.test(line.slice(0, 200))) {
      if (--depth < 0) return false
    } else if (depth === 0 && line.trim() !== '') return false
  }
  return depth === 0 && cards > 0
}

/**
 * Makes one file of many vCards (RFC 6350 §3.2 allows any number), to be written as a stream: append what `add` and `finish`
 * return. Cards keep their bytes, but for lines that end in CR alone; between them stands exactly one CRLF, and byte order marks go. Holds nothing in memory.
 */
export const createContactCombiner = (): ContactCombiner => {
  let leftOut = 0
  return {
    add: (object) => {
      const bytes = withoutLoneCr(Buffer.from(object.buffer, object.byteOffset, object.byteLength))
      let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
      let end = bytes.length
      while (start < end && isBlank(bytes[start])) start++
      while (end > start && isBlank(bytes[end - 1])) end--
      const card = bytes.subarray(start, end)
      if (!isWhole(card.toString('latin1'))) {
        leftOut++
        return new Uint8Array(0)
      }
      return Buffer.concat([card, Buffer.from('\r\n')])
    },
    finish: () => new Uint8Array(0),
    leftOutCount: () => leftOut,
  }
}
