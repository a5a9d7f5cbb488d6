/** Named character references of HTML 4 (§24), in the order of their code points. */
const latin1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
const greekCapitals =
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega'
const greekSmall =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega'
const others: readonly (readonly [string, number])[] = [
  ['quot', 34],
  ['amp', 38],
  ['apos', 39],
  ['lt', 60],
  ['gt', 62],
  ['OElig', 338],
  ['oelig', 339],
  ['Scaron', 352],
  ['scaron', 353],
  ['Yuml', 376],
  ['fnof', 402],
  ['circ', 710],
  ['tilde', 732],
  ['ensp', 8194],
  ['emsp', 8195],
  ['thinsp', 8201],
  ['zwnj', 8204],
  ['zwj', 8205],
  ['ndash', 8211],
  ['mdash', 8212],
  ['lsquo', 8216],
  ['rsquo', 8217],
  ['sbquo', 8218],
  ['ldquo', 8220],
  ['rdquo', 8221],
  ['bdquo', 8222],
  ['dagger', 8224],
  ['bull', 8226],
  ['hellip', 8230],
  ['permil', 8240],
  ['prime', 8242],
  ['lsaquo', 8249],
  ['rsaquo', 8250],
  ['euro', 8364],
  ['trade', 8482],
  ['larr', 8592],
  ['rarr', 8594],
  ['minus', 8722],
  ['infin', 8734],
  ['ne', 8800],
  ['le', 8804],
  ['ge', 8805],
]

const inOrder = (names: string, first: number): (readonly [string, number])[] =>
  names.split(' ').map((name, at) => [name, first + at] as const)

const named: ReadonlyMap<string, number> = new Map([
  ...inOrder(latin1, 160),
  ...inOrder(greekCapitals, 913),
  ...inOrder(greekSmall, 945),
  ...others,
])

const windows1252 = new TextDecoder('windows-1252')

/** One reference, `&` and all; null when it means nothing. Numbers follow the rules of HTML (WHATWG §13.2.5.80). */
const referenced = (reference: string): string | null => {
  if (reference[1] !== '#') {
    const code = named.get(reference.slice(1).replace(/;$/, ''))
    return code === undefined ? null : code === 173 ? '' : String.fromCodePoint(code)
  }
  const isHex = reference[2] === 'x' || reference[2] === 'X'
  const code = Number.parseInt(reference.slice(isHex ? 3 : 2), isHex ? 16 : 10)
  if (Number.isNaN(code)) return null
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd'
  return code >= 128 && code < 160 ? windows1252.decode(Uint8Array.of(code)) : String.fromCodePoint(code)
}

/** Replaces character references in text; what is none stays as it is. */
export const decodeEntities = (text: string): string =>
  text.includes('&')
    ? text.replace(
        /&(?:#\d{1,8}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,8});?/gi,
        (reference) => referenced(reference) ?? reference,
      )
    : text
