/** A MIME entity while it is put together; `body` holds bytes as latin1, so that any charset can be in it. */
export type Part = { readonly headers: readonly string[]; readonly body: string }

const crlf = '\r\n'

export const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
export const utf8 = (text: string): string => latin1(Buffer.from(text, 'utf8'))

/** A whole entity as bytes held in a latin1 string. */
export const render = ({ headers, body }: Part): string => [...headers, '', body].join(crlf)

const base64Body = (bytes: Uint8Array, width = 76): string =>
  (
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  ).join(crlf)

/** Quoted-printable of bytes held in a latin1 string (RFC 2045 §6.7). */
const quotedPrintableBody = (body: string): string =>
  body
    .split(crlf)
    .map((line) => {
      const pieces = [...line].map((character, index) => {
        const code = character.charCodeAt(0)
        const isSpace = code === 32 || code === 9
        if ((code > 32 && code < 127 && code !== 61) || (isSpace && index < line.length - 1)) return character
        return `=${code.toString(16).toUpperCase().padStart(2, '0')}`
      })
      let out = ''
      let width = 0
      for (const piece of pieces) {
        if (width + piece.length > 75) {
          out += `=${crlf}`
          width = 0
        }
        out += piece
        width += piece.length
      }
      return out
    })
    .join(crlf)

export const text = (
  subtype: string,
  content: string,
  {
    charset = 'utf-8',
    encoding = 'quoted-printable',
    parameters = '',
  }: { charset?: string; encoding?: '7bit' | '8bit' | 'quoted-printable' | 'base64'; parameters?: string } = {},
): Part => ({
  headers: [`Content-Type: text/${subtype}; charset=${charset}${parameters}`, `Content-Transfer-Encoding: ${encoding}`],
  body:
    encoding === 'base64'
      ? base64Body(Buffer.from(content, 'latin1'))
      : encoding === 'quoted-printable'
        ? quotedPrintableBody(content)
        : content,
})

export const file = (
  name: string,
  type: string,
  bytes: Uint8Array,
  { contentId, width = 76 }: { contentId?: string; width?: number } = {},
): Part => {
  const isPlain = /^[\x20-\x7e]*$/.test(name) && !/["\\]/.test(name)
  const parameter = (key: string) => (isPlain ? `${key}="${name}"` : `${key}*=UTF-8''${encodeURIComponent(name)}`)
  return {
    headers: [
      `Content-Type: ${type};${crlf} ${parameter('name')}`,
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: ${contentId === undefined ? 'attachment' : 'inline'};${crlf} ${parameter('filename')}`,
      ...(contentId === undefined ? [] : [`Content-ID: <${contentId}>`]),
    ],
    body: base64Body(bytes, width),
  }
}

export const multipart = (
  subtype: string,
  boundary: string,
  parts: readonly Part[],
  {
    parameters = '',
    preamble = '',
    isClosed = true,
  }: { parameters?: string; preamble?: string; isClosed?: boolean } = {},
): Part => ({
  headers: [`Content-Type: multipart/${subtype}; boundary="${boundary}"${parameters}`],
  body: [
    ...(preamble === '' ? [] : [preamble]),
    ...parts.map((part) => `--${boundary}${crlf}${render(part)}`),
    ...(isClosed ? [`--${boundary}--`] : []),
    '',
  ].join(crlf),
})
