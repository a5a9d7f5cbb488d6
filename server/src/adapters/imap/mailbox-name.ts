import { isUtf8 } from 'node:buffer'
import { decodeModifiedUtf7 } from '../../formats/utf7/modified-utf7.ts'

/**
 * A mailbox name as it came (one character a byte) in Unicode. 8-bit names are UTF-8, whatever the server calls itself, or else of a time
 * when they were Latin-1.
 */
export const decodeName = (bytes: string): string => {
  if (!/[\u0080-\u00ff]/.test(bytes)) return decodeModifiedUtf7(bytes)
  const raw = Buffer.from(bytes, 'latin1')
  return isUtf8(raw) ? raw.toString('utf8') : bytes
}

/**
 * The name by which the server is asked, as text. Bytes that are no UTF-8 become lone surrogates U+DC80 to U+DCFF, so that the very bytes can
 * be sent again and no two names are one.
 */
export const serverNameOf = (bytes: string): string => {
  const raw = Buffer.from(bytes, 'latin1')
  if (isUtf8(raw)) return raw.toString('utf8')
  return bytes.replace(/[\u0080-\u00ff]/g, (character) => String.fromCharCode(0xdc00 + character.charCodeAt(0)))
}

/** The bytes that `serverNameOf` was made of. */
export const bytesOfServerName = (serverName: string): Buffer =>
  serverName.isWellFormed()
    ? Buffer.from(serverName, 'utf8')
    : Buffer.from(
        serverName.replace(/[\udc80-\udcff]/g, (one) => String.fromCharCode(one.charCodeAt(0) & 0xff)),
        'latin1',
      )

/** The segments of a mailbox name, decoded. Split first: a delimiter can come out of the decoding, and is none then. */
export const pathOf = (bytes: string, delimiter: string | null): string[] => {
  if (bytes.toUpperCase() === 'INBOX') return ['INBOX']
  const segments = delimiter === null || delimiter === '' ? [bytes] : bytes.split(delimiter)
  const named = segments.filter((segment) => segment !== '').map(decodeName)
  return named.length === 0 ? [decodeName(bytes)] : named
}

/** Canonical order of paths: code units, segment by segment. */
export const comparePaths = (a: readonly string[], b: readonly string[]): number => {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  return a.length - b.length
}
