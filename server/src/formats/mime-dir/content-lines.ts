import { Buffer, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

// The form that iCalendar (RFC 5545 §3.1) and vCard (RFC 6350 §3.2) have in common, first of text/directory (RFC 2425 §5.8.1).

const windows1252 = new TextDecoder('windows-1252')

/** One character a byte in, text out: UTF-8 as both formats have it, or windows-1252 where it is not that. */
export const decodeLatin1 = (latin1: string): string => {
  if (!/[\x80-\xff]/.test(latin1)) return latin1
  const bytes = Buffer.from(latin1, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : windows1252.decode(bytes)
}

/** The bytes of an object, one character a byte: only so can a fold in the middle of a character be undone. */
export const toLatin1 = (bytes: Uint8Array): string => {
  const isUtf16 =
    bytes.length > 1 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
  if (isUtf16) {
    const text = new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)
    return Buffer.from(text, 'utf8').toString('latin1')
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return text.startsWith('\u00ef\u00bb\u00bf') ? text.slice(3) : text
}

/** An object whose lines all end in CR, with CRLF instead: among lines that end in LF all of it would be one. Others as they are. */
export const withoutLoneCr = (bytes: Buffer): Buffer =>
  bytes.includes(13) && !bytes.includes(10)
    ? Buffer.from(bytes.toString('latin1').replaceAll('\r', '\r\n'), 'latin1')
    : bytes

/** Parts of one line that are held before they are joined: a line may be folded at every character. */
export const maxFolds = 65_536

/**
 * Unfolded lines without their ends, one after the other; line ends may be CRLF, LF or, throughout, CR. `keptBlanks` is how many of the blank
 * of a fold belong to the line: none, or 1 in vCard 2.1.
 */
export function* unfoldLines(latin1: string, keptBlanks: 0 | 1 = 0): Generator<string> {
  const lineEnd = latin1.includes('\n') ? '\n' : '\r'
  let folds: string[] = []
  for (let at = 0; at <= latin1.length; ) {
    const next = latin1.indexOf(lineEnd, at)
    const end = next < 0 ? latin1.length : next
    let textEnd = end
    if (lineEnd === '\n' && next >= 0) {
      // Some transports write CR CR LF.
      for (let no = 0; no < 2 && textEnd > at && latin1[textEnd - 1] === '\r'; no++) textEnd--
    }
    folds.push(latin1.slice(at, textEnd))
    const isFolded = next >= 0 && (latin1[end + 1] === ' ' || latin1[end + 1] === '\t')
    at = end + (isFolded ? 2 - keptBlanks : 1)
    if (!isFolded) yield folds.length === 1 ? folds[0]! : folds.join('')
    if (!isFolded) folds = []
    else if (folds.length >= maxFolds) folds = [folds.join('')]
  }
}
