import { toLatin1 } from '../mime-dir/content-lines.ts'
import { readCardLine, unfold } from './card-lines.ts'

export type CardProperty = {
  /** `item1` of `item1.TEL`, in upper case; empty for none. */
  readonly group: string
  /** In upper case. */
  readonly name: string
  /** Of TYPE and of parameters without a name (vCard 2.1), in lower case. */
  readonly types: ReadonlySet<string>
  /** The others, names in upper case; of several values the first. */
  readonly parameters: Readonly<Record<string, string>>
  /** Decoded, not unescaped. */
  readonly value: string
}

export type Card = { readonly properties: readonly CardProperty[]; readonly isWhole: boolean }

const maxLines = 50_000
const maxCards = 1000

/** Splits at a mark that does not stand between quotes. */
const splitUnquoted = (text: string, mark: string): string[] => {
  const parts: string[] = []
  let start = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    else if (text[at] === mark && !isQuoted) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

const unquoted = (text: string): string => text.trim().replace(/^"(.*)"$/s, '$1')

const headOf = (line: string): string => {
  let isQuoted = false
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted
    else if (line[at] === ':' && !isQuoted) return line.slice(0, at)
  }
  return line.slice(0, Math.max(0, line.indexOf(':')))
}

const readProperty = (line: string): CardProperty => {
  const { name, value } = readCardLine(line)
  const [first = '', ...stated] = splitUnquoted(headOf(line), ';')
  const types = new Set<string>()
  const parameters: Record<string, string> = {}
  for (const parameter of stated) {
    const equals = parameter.indexOf('=')
    const key = equals < 0 ? 'TYPE' : parameter.slice(0, equals).trim().toUpperCase()
    const text = Buffer.from(parameter.slice(equals + 1), 'latin1').toString('utf8')
    if (key !== 'TYPE') {
      parameters[key] ??= unquoted(splitUnquoted(text, ',')[0]!)
      continue
    }
    // A quoted list is one as well: TYPE="work,voice" (RFC 6350 §6.4.1 has it so).
    for (const type of unquoted(text).split(',')) types.add(unquoted(type).toLowerCase())
  }
  const dot = first.indexOf('.')
  return { group: dot < 0 ? '' : first.slice(0, dot).trim().toUpperCase(), name, types, parameters, value }
}

/** Stands in a card for the one within it. */
const innerCard: CardProperty = { group: '', name: 'AGENT', types: new Set(), parameters: {}, value: 'BEGIN:VCARD' }

/**
 * The cards of an object: vCard 2.1, 3.0 (RFC 2426), 4.0 (RFC 6350). Never throws; a card that does not end, or holds lines that are none, is not
 * whole, and neither is an object with anything beside its cards or with more than is read. Of a card within a card (vCard 2.1 §2.4.2) the
 * outer one has an AGENT.
 */
export const readCards = (bytes: Uint8Array): { readonly cards: readonly Card[]; readonly isWhole: boolean } => {
  const cards: Card[] = []
  let properties: CardProperty[] = []
  let depth = 0
  let count = 0
  let isWhole = true
  let isCardWhole = true
  for (const line of unfold(toLatin1(bytes))) {
    const isBlank = /^[\s\0]*$/.test(line)
    if (++count > maxLines || (cards.length === maxCards && !isBlank)) {
      isWhole = false
      break
    }
    if (isBlank) continue
    if (/^\s*BEGIN\s*:\s*VCARD\s*$/i.test(line)) {
      depth++
      if (depth === 2) properties.push(innerCard)
    } else if (/^\s*END\s*:\s*VCARD\s*$/i.test(line)) {
      if (depth > 0 && --depth === 0) {
        cards.push({ properties, isWhole: isCardWhole })
        properties = []
        isCardWhole = true
      }
    } else if (depth === 1 && line.includes(':')) properties.push(readProperty(line))
    else if (depth === 1) isCardWhole = false
    else if (depth === 0) isWhole = false
  }
  if (depth > 0 && properties.length > 0) cards.push({ properties, isWhole: false })
  return { cards, isWhole }
}

/** PREF (RFC 6350 §5.3, or a type in 3.0): 1 is preferred most, 101 not at all. */
export const preferenceOf = ({ parameters, types }: CardProperty): number => {
  const stated = Number(parameters.PREF)
  if (Number.isInteger(stated) && stated >= 1 && stated <= 100) return stated
  return types.has('pref') || parameters.PREF !== undefined ? 1 : 101
}
