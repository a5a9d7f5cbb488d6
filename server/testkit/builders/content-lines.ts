/** Content lines of iCalendar and vCard as bytes: CRLF, folded at 75 octets and never inside a character (RFC 5545 §3.1). */
export const contentLines = (lines: readonly string[]): Buffer =>
  Buffer.from(
    lines
      .map((line) => {
        let out = ''
        let octets = 0
        for (const character of line) {
          const width = Buffer.byteLength(character)
          if (octets + width > 75) {
            out += '\r\n '
            octets = 1
          }
          out += character
          octets += width
        }
        return `${out}\r\n`
      })
      .join(''),
  )

/** RFC 5545 §3.3.11, RFC 6350 §3.4. */
export const escaped = (text: string): string => text.replace(/[\\,;]/g, '\\$&').replaceAll('\n', '\\n')

export const basicDateTime = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
