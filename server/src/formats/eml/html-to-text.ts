import { decodeEntities } from './html-entities.ts'

/** Elements that do not part words: `<b>W</b>ord` is one. */
const inline: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code dfn em font i ins kbd mark nobr o:p q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
)
/** Elements whose content nobody reads. */
const silent: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math'])
const endOf: ReadonlyMap<string, RegExp> = new Map(
  [...silent].map((name) => [name, new RegExp(`</${name}(?=[\\s/>])`, 'gi')]),
)

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122

/**
 * The words of an HTML document: tags, comments, scripts and styles dropped, character references decoded. No parser: it never
 * fails, takes time linear in the length, and is right about where words begin and end, which is all that a search needs.
 */
export const htmlToText = (html: string): string => decodeEntities(strip(html, '\n')).replace(/\s+/g, ' ').trim()

/** The same with a line for each paragraph, row or other block, so that it can be read. */
export const htmlToLines = (html: string): string =>
  decodeEntities(strip(html, lineMark))
    .split(lineMark)
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Ends a line in between: a character of private use, which is white space to nobody. */
const lineMark = '\ue000'

const strip = (html: string, blockMark: string): string => {
  let out = ''
  let at = 0
  // Set once a quote turned out to be never closed: from then on any `>` ends a tag.
  let isQuoteBroken = false
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open < 0) {
      out += html.slice(at)
      break
    }
    out += html.slice(at, open)
    const code = html.charCodeAt(open + 1)
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4)
      if (end < 0) break
      at = end + 3
      continue
    }
    const isEnd = code === 47
    const nameStart = isEnd ? open + 2 : open + 1
    if (!isLetter(html.charCodeAt(nameStart)) && code !== 33 && code !== 63) {
      out += '<'
      at = open + 1
      continue
    }
    let close = open + 1
    if (isQuoteBroken) close = html.indexOf('>', close)
    else {
      let quote = 0
      for (; close < html.length; close++) {
        const inner = html.charCodeAt(close)
        if (quote !== 0) {
          if (inner === quote) quote = 0
        } else if (inner === 62) break
        // A quote opens a value only after `=`; elsewhere it is a slip of the pen.
        else if ((inner === 34 || inner === 39) && html.charCodeAt(close - 1) === 61) quote = inner
      }
      if (close === html.length) {
        isQuoteBroken = true
        close = html.indexOf('>', open)
      }
    }
    if (close < 0) break
    let nameEnd = nameStart
    while (nameEnd < close && nameEnd < nameStart + 20 && !' \t\r\n/'.includes(html[nameEnd]!)) nameEnd++
    const name = html.slice(nameStart, nameEnd).toLowerCase()
    if (!inline.has(name)) out += blockMark
    at = close + 1
    const end = isEnd ? undefined : endOf.get(name)
    if (end !== undefined) {
      end.lastIndex = at
      const match = end.exec(html)
      if (match === null) break
      at = match.index
    }
  }
  return out
}
