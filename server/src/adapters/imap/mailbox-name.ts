/**
 * Decodes modified UTF-7 (RFC 3501 §5.1.3). What is not exactly as an encoder would have written it is left as it came,
 * so that two names of the server do not become one.
 */
export const decodeModifiedUtf7 = (text: string): string =>
  text.replace(/&([A-Za-z0-9+,]*)-/g, (whole, coded: string) => {
    if (coded === '') return '&'
    const base64 = coded.replaceAll(',', '/')
    const bytes = Buffer.from(base64, 'base64')
    if (bytes.length === 0 || bytes.length % 2 !== 0) return whole
    if (bytes.toString('base64').replace(/=+$/, '') !== base64) return whole
    const decoded = bytes.swap16().toString('utf16le')
    return decoded.isWellFormed() ? decoded : whole
  })

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
