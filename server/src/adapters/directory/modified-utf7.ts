/**
 * Mailbox names in modified UTF-7 (RFC 3501 §5.1.3): printable ASCII as it is, `&-` for `&`, all else as UTF-16 in base64
 * with `,` for `/`. What does not follow the rule is kept as it is: a folder on disk may be called anything.
 */
export const decodeModifiedUtf7 = (name: string): string =>
  name.replace(/&([A-Za-z0-9+,]*)-/g, (shift, base64: string) => {
    if (base64 === '') return '&'
    const bytes = Buffer.from(base64.replaceAll(',', '/'), 'base64')
    if (bytes.length === 0 || bytes.length % 2 === 1) return shift
    const decoded = Buffer.from(bytes).swap16().toString('utf16le')
    return decoded.isWellFormed() ? decoded : shift
  })
