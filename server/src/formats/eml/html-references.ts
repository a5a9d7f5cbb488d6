import { decodeEntities } from './html-entities.ts'

const attribute =
  /\b(?:src|background|href|poster|data|srcset)\s{0,9}=\s{0,9}(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s"'>]{1,2000}))/gi
const cssUrl = /url\(\s{0,9}["']?([^"')]{1,2000})/gi

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What an HTML document draws or links: content ids (`cid:`, RFC 2392) without their scheme, in lower case, and other addresses. */
export const htmlReferences = (html: string): { contentIds: ReadonlySet<string>; locations: ReadonlySet<string> } => {
  const contentIds = new Set<string>()
  const locations = new Set<string>()
  const add = (text: string) => {
    const value = decodeEntities(text).trim()
    if (/^cid:/i.test(value)) contentIds.add(unescaped(value.slice(4)).toLowerCase())
    else if (value !== '' && !value.startsWith('#')) locations.add(value)
  }
  for (const [, double, single, bare] of html.matchAll(attribute)) add(double ?? single ?? bare ?? '')
  for (const [, address] of html.matchAll(cssUrl)) add(address!)
  return { contentIds, locations }
}
