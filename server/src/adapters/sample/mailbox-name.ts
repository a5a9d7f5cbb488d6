/** A folder name as Maildir++ keeps it: modified UTF-7 (RFC 3501 §5.1.3). */
export const encodeMailboxName = (name: string): string =>
  name.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-'
    const base64 = Buffer.from(run, 'utf16le').swap16().toString('base64')
    return `&${base64.replace(/=+$/, '').replaceAll('/', ',')}-`
  })
