import { Buffer } from 'node:buffer'

const lineFeed = 0x0a
const greater = 0x3e
const wanted = Buffer.from('From ')

export type FromQuoter = {
  /** What to write for these bytes of the message; may hold back up to four of them. The parts may be views of the chunk. */
  add(chunk: Uint8Array): readonly Uint8Array[]
  /** What was held back. */
  finish(): readonly Uint8Array[]
}

const quote = Buffer.of(greater)

/**
 * Quotes a message for an mbox of the kind "mboxrd": a '>' goes before every line that begins with any number of '>' and
 * "From ", so that taking one away gives the message again. All other bytes stay as they are. Works on chunks cut anywhere; a
 * '>' may be put anywhere among those of the line, so a line of many needs no memory.
 */
export const createFromQuoter = (): FromQuoter => {
  /** Whether what comes next stands at the beginning of a line, or behind '>' alone. */
  let isLineStart = true
  let carry: Buffer = Buffer.alloc(0)

  const startsLine = (text: Buffer, at: number): boolean => {
    let before = at
    while (before > 0 && text[before - 1] === greater) before--
    return before === 0 ? isLineStart : text[before - 1] === lineFeed
  }
  /** Length of the end of the text that may be the beginning of "From ". */
  const openEnd = (text: Buffer): number => {
    for (let length = Math.min(4, text.length); length > 0; length--)
      if (text.subarray(text.length - length).equals(wanted.subarray(0, length))) return length
    return 0
  }

  return {
    add: (chunk) => {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const text = carry.length > 0 ? Buffer.concat([carry, bytes]) : bytes
      const end = text.length - openEnd(text)
      const parts: Uint8Array[] = []
      let done = 0
      for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
        if (!startsLine(text, at)) continue
        if (at > done) parts.push(text.subarray(done, at))
        parts.push(quote)
        done = at
      }
      if (end > done) parts.push(text.subarray(done, end))
      isLineStart = startsLine(text, end)
      carry = Buffer.from(text.subarray(end))
      return parts
    },
    finish: () => {
      const rest = carry
      carry = Buffer.alloc(0)
      isLineStart = true
      return rest.length > 0 ? [rest] : []
    },
  }
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number): string => String(number).padStart(2, '0')

/** The form of asctime(3) in UTC (RFC 4155, appendix A). */
const asctime = (at: Date): string =>
  `${days[at.getUTCDay()]} ${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${[at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':')} ${at.getUTCFullYear()}`

/** The line before a message (RFC 4155, appendix A). A sender that is no plain address becomes MAILER-DAEMON, as mail servers write it. */
export const fromLine = (sender: string | null, receivedAt: Date): Uint8Array => {
  const isPlain = sender !== null && /^[\x21-\x3b\x3d\x3f-\x7e]{1,250}@[\x21-\x3b\x3d\x3f-\x7e]{1,250}$/.test(sender)
  return Buffer.from(`From ${isPlain ? sender : 'MAILER-DAEMON'} ${asctime(receivedAt)}\n`)
}
