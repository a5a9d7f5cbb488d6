const sliceLength = 65_536

const carriageReturn = 13
const lineFeed = 10

const belongTogether = (one: number, next: number): boolean =>
  (one === carriageReturn && next === lineFeed) || (one >= 0xd800 && one <= 0xdbff)

/** Changes a long text slice by slice. No slice ends between CR and LF, nor within a character. */
const inSlices = (text: string, change: (slice: string) => string): string => {
  if (text.length <= sliceLength) return change(text)
  const changed: string[] = []
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + sliceLength, text.length)
    if (end < text.length && belongTogether(text.charCodeAt(end - 1), text.charCodeAt(end))) end++
    changed.push(change(text.slice(at, end)))
    at = end
  }
  return changed.join('')
}

/** Like `replaceAll`, whose result of millions of replacements is a tree of as many pieces, fifty times the size of the text. */
export const replaceMany = (text: string, pattern: string | RegExp, instead: string): string =>
  inSlices(text, (slice) => slice.split(pattern).join(instead))

/** CRLF as line ends. Most texts have them, and to look is quicker than to replace each by itself. */
export const withCrlf = (text: string): string =>
  /\r(?!\n)|(?<!\r)\n/.test(text) ? replaceMany(text, /\r\n?|\n/, '\r\n') : text
