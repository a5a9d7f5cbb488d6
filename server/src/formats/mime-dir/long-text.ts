const maxPieces = 16_384
const closing = (pieces: readonly string[]): string =>
  pieces
    .join('')
    .split(/\r\n?/)
    .join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters may not stand in a TEXT (RFC 5545 §3.3.11)
    .split(/[\x00-\x08\x0b-\x1f\x7f]/)
    .join('')

/** A TEXT value (RFC 5545 §3.3.11, RFC 6350 §4.1) with its line breaks, as LF. In pieces: what `replace` makes of millions of escapes is a tree of fifty times the size. */
export const readLongText = (value: string): string => {
  const texts: string[] = []
  let pieces: string[] = []
  for (let at = 0; at < value.length; ) {
    const mark = value.indexOf('\\', at)
    const end = mark < 0 || mark === value.length - 1 ? value.length : mark
    pieces.push(value.slice(at, end))
    const escaped = value[end + 1]
    if (escaped !== undefined) pieces.push(escaped === 'n' || escaped === 'N' ? '\n' : escaped)
    at = end + 2
    if (pieces.length < maxPieces) continue
    texts.push(closing(pieces))
    pieces = []
  }
  return texts.join('') + closing(pieces)
}
