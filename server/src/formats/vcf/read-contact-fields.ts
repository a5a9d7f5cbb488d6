import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import { toLatin1 } from '../mime-dir/content-lines.ts'
import { lineName, readCardLine, readParts, readText, unfold } from './card-lines.ts'

const wanted: ReadonlySet<string> = new Set(['FN', 'N', 'NICKNAME', 'ORG', 'EMAIL', 'TEL', 'ADR', 'CATEGORIES', 'UID'])

/** The wanted values of the first card, by property; a card within a card (AGENT of vCard 2.1) is passed over. */
const readCard = (latin1: string): { values: Map<string, string[]>; isWhole: boolean } => {
  const values = new Map<string, string[]>()
  let depth = 0
  for (const line of unfold(latin1)) {
    const name = lineName(line)
    if (name === 'BEGIN' && /:\s*VCARD\s*$/i.test(line)) depth++
    else if (name === 'END' && /:\s*VCARD\s*$/i.test(line)) {
      if (--depth <= 0) return { values, isWhole: depth === 0 }
    } else if (depth <= 1 && wanted.has(name)) {
      const { value } = readCardLine(line)
      const before = values.get(name)
      if (before === undefined) values.set(name, [value])
      else before.push(value)
    }
  }
  return { values, isWhole: false }
}

const filled = (texts: readonly string[]): string[] => [...new Set(texts.filter((text) => text !== ''))]

/** Given, middle and family name in the order of speech (RFC 6350 §6.2.2). */
const spoken = (name: string): string => {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = readParts(name, ';')
  return filled([prefix, given, middle, family, suffix]).join(' ')
}

/**
 * The listed and searched fields of a vCard 2.1, 3.0 (RFC 2426) or 4.0 (RFC 6350). Never throws; of a broken card comes what
 * can be read, of several the first.
 */
export const readContactFields = (bytes: Uint8Array): ItemFields => {
  const { values, isWhole } = readCard(toLatin1(bytes))
  const all = (name: string): string[] => values.get(name) ?? []
  const company = filled(all('ORG').map((value) => filled(readParts(value, ';')).join(', '))).join('; ')
  const emails = filled(all('EMAIL').map((value) => readText(value).replace(/^mailto:/i, '')))
  const title = filled([...all('FN').map(readText), ...all('N').map(spoken), ...all('NICKNAME').map(readText)])[0]
  return {
    title: title ?? (company || emails[0] || ''),
    from: '',
    to: emails.join(', '),
    date: null,
    endDate: null,
    place: filled(all('ADR').map((value) => filled(readParts(value, ';')).join(', '))).join('; '),
    phone: filled(all('TEL').map((value) => readText(value).replace(/^tel:/i, ''))).join(', '),
    company,
    categories: filled(all('CATEGORIES').flatMap((value) => readParts(value, ','))).join(', '),
    hasAttachment: false,
    uniqueId: filled(all('UID').map(readText))[0] ?? null,
    component: null,
    isWellFormed: isWhole,
  }
}
