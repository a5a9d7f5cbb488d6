/**
 * One spelling for all hrefs that name the same resource: path and query, percent-encoding of the path unified, no slash at its end.
 * For comparing; what is kept and asked for is the href as the server sent it.
 */
export const sameHref = (href: string, base: URL): string => {
  const { pathname, search } = URL.canParse(href, base.href) ? new URL(href, base) : { pathname: href, search: '' }
  return pathname.split('/').map(decoded).map(encodeURIComponent).join('/').replace(/\/+$/, '') + search
}

/** The last segment of a path, decoded, for things without a name. */
export const lastSegment = (href: string, base: URL): string => {
  const path = URL.canParse(href, base.href) ? new URL(href, base).pathname : href
  return decoded(path.split('/').filter(Boolean).at(-1) ?? '')
}

/** RFC 4918 §8.3 wants an absolute path or a full URI; anything else is made one, since it says nothing without its base. */
export const absoluteHref = (href: string, base: URL): string =>
  href.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(href) || !URL.canParse(href, base.href)
    ? href
    : new URL(href, base).pathname

/**
 * A server behind a proxy that ends TLS often names itself by `http:` and a port of its own. It is asked where it was reached: of the same
 * name, and never without TLS where there was TLS.
 */
export const asReached = (url: URL, reached: URL): URL => {
  if (reached.protocol !== 'https:' || url.protocol !== 'http:' || url.hostname !== reached.hostname) return url
  const result = new URL(url)
  result.protocol = reached.protocol
  result.port = reached.port
  return result
}

/** An address under which relative hrefs of a collection resolve into it. */
export const asCollection = (url: URL): URL => {
  const result = new URL(url)
  if (!result.pathname.endsWith('/')) result.pathname += '/'
  return result
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
