/** User name and password of an `Authorization: Basic` header (RFC 7617, UTF-8); null when it is none. */
export const readBasic = (
  header: string | undefined,
): { readonly userName: string; readonly password: string } | null => {
  const match = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header ?? '')
  if (!match) return null
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(match[1]!, 'base64'))
  } catch {
    return null
  }
  const colon = text.indexOf(':')
  return colon < 0 ? null : { userName: text.slice(0, colon), password: text.slice(colon + 1) }
}
