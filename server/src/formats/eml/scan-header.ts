const maxNameLength = 76
const fieldName = /^[\x21-\x39\x3b-\x7e]+$/ // RFC 5322 §2.2

export type HeaderScan = {
  /** Where the body starts; -1 when the header does not end within the text. */
  readonly bodyAt: number
  /** Whether there was any header field at all. */
  readonly hasFields: boolean
  /** Where the first line stands that is neither a field nor the continuation of one; -1 when there is none. */
  readonly strayAt: number
}

/**
 * Walks a header given as latin1, one character a byte, and hands out the wanted fields: name in lower case, value
 * unfolded (RFC 5322 §2.2.3) but not decoded. Line ends may be CRLF, LF, CR CR LF or, throughout, CR. Lines that are no field
 * (mbox "From ", rubbish) are passed over together with their continuations. Linear in the length.
 */
export const scanHeader = (
  text: string,
  wanted: ReadonlySet<string>,
  onField: (name: string, value: string) => void,
): HeaderScan => {
  const firstLf = text.indexOf('\n')
  const lineEnd = firstLf < 0 && text.includes('\r') ? '\r' : '\n'
  let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0 // a UTF-8 byte order mark
  let colon = -1
  let hasFields = false
  let strayAt = -1
  while (at < text.length) {
    let end = text.indexOf(lineEnd, at)
    if (end < 0) end = text.length
    let blank = at
    while (blank < end && text.charCodeAt(blank) === 13) blank++
    if (blank === end) return { bodyAt: Math.min(end + 1, text.length), hasFields, strayAt }
    const lineStop = end
    for (let next = text.charCodeAt(end + 1); next === 32 || next === 9; next = text.charCodeAt(end + 1)) {
      const following = text.indexOf(lineEnd, end + 1)
      end = following < 0 ? text.length : following
    }
    if (colon < at) {
      colon = text.indexOf(':', at)
      if (colon < 0) colon = text.length
    }
    if (colon < lineStop && colon - at <= maxNameLength) {
      let nameEnd = colon
      while (nameEnd > at && (text.charCodeAt(nameEnd - 1) === 32 || text.charCodeAt(nameEnd - 1) === 9)) nameEnd--
      const name = text.slice(at, nameEnd)
      if (!hasFields) hasFields = fieldName.test(name)
      const key = name.toLowerCase()
      if (wanted.has(key)) {
        const value = text.slice(colon + 1, end)
        onField(key, end === lineStop ? value : value.replace(/[\r\n]+/g, ''))
      }
    } else if (strayAt < 0) strayAt = at
    at = end + 1
  }
  return { bodyAt: -1, hasFields, strayAt }
}
