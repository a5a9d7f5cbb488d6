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
