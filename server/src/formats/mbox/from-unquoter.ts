import { Buffer } from 'node:buffer'

/**
 * How lines that begin with "From " were kept apart from separators. `mboxrd`: a '>' before every line that begins with any number of
 * '>' and "From ". `mboxo`: a '>' before "From " alone, so that ">>From " is as it was. `none`: nothing was put before them.
 */
export const mboxQuotings = ['mboxrd', 'mboxo', 'none'] as const
export type MboxQuoting = (typeof mboxQuotings)[number]

const lineFeed = 0x0a
const greater = 0x3e
const wanted = Buffer.from('>From ')

export type FromUnquoter = {
  /** The bytes of the message for these bytes of the mbox; may hold back up to five. The parts may be views of the chunk. */
  add(chunk: Uint8Array): readonly Uint8Array[]
  /** What was held back. */
  finish(): readonly Uint8Array[]
}

/**
 * Takes away the '>' that a writer put before a line which begins with "From ": the reverse of `createFromQuoter`. Works on chunks cut
 * anywhere; of a line of many '>' any one may go, so none needs to be remembered.
 */
export const createFromUnquoter = (quoting: MboxQuoting): FromUnquoter => {
  /** What stands before the carry: the beginning of a line, nothing but '>' since the beginning of a line, or anything else. */
  let before: 'start' | 'run' | 'other' = 'start'
  let carry: Buffer = Buffer.alloc(0)

  const standsAt = (text: Buffer, at: number): typeof before => {
    if (at === 0) return before
    if (text[at - 1] === lineFeed) return 'start'
    let first = at
    while (first > 0 && text[first - 1] === greater) first--
    if (first === at) return 'other'
    return first === 0 ? (before === 'other' ? 'other' : 'run') : text[first - 1] === lineFeed ? 'run' : 'other'
  }
  /** Length of the end of the text that may be the beginning of ">From ". */
  const openEnd = (text: Buffer): number => {
    for (let length = Math.min(5, text.length); length > 0; length--)
      if (text.subarray(text.length - length).equals(wanted.subarray(0, length))) return length
    return 0
  }

  return {
    add: (chunk) => {
      if (quoting === 'none') return [chunk]
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const text = carry.length > 0 ? Buffer.concat([carry, bytes]) : bytes
      const end = text.length - openEnd(text)
      const parts: Uint8Array[] = []
      let done = 0
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        const stands = standsAt(text, at)
        if (stands === 'other' || (stands === 'run' && quoting === 'mboxo')) continue
        if (at > done) parts.push(text.subarray(done, at))
        done = at + 1
      }
      if (end > done) parts.push(text.subarray(done, end))
      before = standsAt(text, end)
      carry = Buffer.from(text.subarray(end))
      return parts
    },
    finish: () => {
      const rest = carry
      carry = Buffer.alloc(0)
      before = 'start'
      return rest.length > 0 ? [rest] : []
    },
  }
}
