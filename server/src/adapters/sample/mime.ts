/** Text in a header: as it is when ASCII, else encoded words (RFC 2047) of at most 75 characters, folded. */
export const headerText = (text: string): string => {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const words: string[] = []
  let word = ''
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ')
}

export const address = (person: { readonly name: string; readonly address: string }): string =>
  /^[\x20-\x7e]*$/.test(person.name)
    ? `"${person.name}" <${person.address}>`
    : `${headerText(person.name)} <${person.address}>`

export const base64Lines = (bytes: Uint8Array): string =>
  (
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  ).join('\r\n')

/** Quoted-printable (RFC 2045 §6.7) of text with CRLF line ends. */
export const quotedPrintable = (text: string): string =>
  text
    .split('\r\n')
    .map((line) => {
      let out = ''
      let column = 0
      const bytes = Buffer.from(line)
      for (const [index, byte] of bytes.entries()) {
        const isLast = index === bytes.length - 1
        const isPlain = (byte >= 33 && byte <= 126 && byte !== 61) || ((byte === 32 || byte === 9) && !isLast)
        const piece = isPlain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
        if (column + piece.length > 75) {
          out += '=\r\n'
          column = 0
        }
        out += piece
        column += piece.length
      }
      return out
    })
    .join('\r\n')

/** RFC 5322 §3.3 date in UTC. */
export const mailDate = (at: Date): string => at.toUTCString().replace('GMT', '+0000')

/** A parameter value that may hold any text (RFC 2231 §4). */
export const parameter = (name: string, value: string): string =>
  /^[\x20-\x7e]*$/.test(value) && !/["\\]/.test(value)
    ? `${name}="${value}"`
    : `${name}*=UTF-8''${encodeURIComponent(value).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`
