/** What may stand bare in an extended value (RFC 8187 §3.2.1, attr-char). */
const percentEncoded = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** A name without anything that could be a folder, a device or a second header: no separators, no control or invisible characters. */
const fileNameOf = (name: string): string => {
  const plain = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{C}\u2028\u2029/\\:*?"<>|]+/gu, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  const dot = plain.lastIndexOf('.')
  const [stem, extension] = dot > 0 && plain.length - dot <= 8 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, '']
  return `${[...stem].slice(0, 120).join('') || 'download'}${extension}`
}

/** `attachment` with the name in ASCII for old clients and in UTF-8 for all others (RFC 6266 §4.3, RFC 8187). */
export const attachmentNamed = (name: string): string => {
  const fileName = fileNameOf(name)
  // Cleaned again: what is only similar to a slash or a dot becomes one here.
  const ascii = fileNameOf(fileName.normalize('NFKD').replace(/\p{M}/gu, ''))
    .replace(/[^ -~]/g, '_')
    // RFC 6266 §D: some clients decode percent signs even here.
    .replace(/["\\%]/g, '_')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${percentEncoded(fileName)}`
}
