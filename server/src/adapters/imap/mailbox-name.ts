import { decodeModifiedUtf7 } from '../../formats/utf7/modified-utf7.ts'

/** A mailbox name as it came (one character a byte) in Unicode. 8-bit names are UTF-8, whatever the server calls itself. */
export const decodeName = (bytes: string): string => {
  if (!/[\u0080-\u00ff]/.test(bytes)) return decodeModifiedUtf7(bytes)
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

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
