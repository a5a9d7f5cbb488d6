import { readParts, readText } from '../../../formats/vcf/card-lines.ts'
import { type Card, type CardProperty, preferenceOf } from '../../../formats/vcf/read-cards.ts'
import type { Losses } from './losses.ts'

/** A card whose properties are taken one by one, so that in the end it is known which were not. */
export type CardReader = {
  /** All of these names, the preferred ones first. */
  take(...names: readonly string[]): CardProperty[]
  /** The first text of this name that is not empty, as one line; the others are told as lost. */
  text(...names: readonly string[]): string
  /** Says that this one could not be kept after all. */
  lose(property: CardProperty): void
  /** X-ABLabel of the group of this property, without its decoration. */
  labelOf(property: CardProperty): string
  tellLost(losses: Losses): void
}

/** Labels that say what a type says as well. */
const usualLabels =
  /^(?:_\$!<.*>!\$_|home|work|other|school|mobile|main|pager|iphone|(?:home|work|other) ?fax|homepage|private|office)?$/i

/** It says nothing of the person. */
const bookkeeping: ReadonlySet<string> = new Set([
  'VERSION',
  'PRODID',
  'UID',
  'REV',
  'KIND',
  'X-ADDRESSBOOKSERVER-KIND',
  'X-ABSHOWAS',
  'X-ABLABEL',
  'X-ABADR',
  'X-ABUID',
  'X-EVOLUTION-FILE-AS',
  'X-MOZILLA-HTML',
])
const maxNamed = 30

export const createCardReader = ({ properties }: Card): CardReader => {
  const left = new Set(
    properties.filter(({ value }) => value.trim() !== '').filter(({ value }) => !/^[;,\s]*$/.test(value)),
  )
  const reader: CardReader = {
    take: (...names) => {
      const found = [...left].filter(({ name }) => names.includes(name))
      for (const property of found) left.delete(property)
      return found.sort((one, other) => preferenceOf(one) - preferenceOf(other))
    },
    text: (...names) => {
      const [first, ...others] = reader.take(...names).filter(({ value }) => readText(value) !== '')
      for (const other of others) if (readText(other.value) !== readText(first!.value)) reader.lose(other)
      return first === undefined ? '' : readText(first.value)
    },
    lose: (property) => void left.add(property),
    labelOf: ({ group }) => {
      const label = properties.find((property) => property.name === 'X-ABLABEL' && property.group === group)
      return group === '' || label === undefined
        ? ''
        : readText(label.value)
            .replace(/^_\$!<(.*)>!\$_$/, '$1')
            .toLowerCase()
    },
    tellLost: (losses) => {
      const isOwnLabel = ({ name, value }: CardProperty) => name === 'X-ABLABEL' && !usualLabels.test(readText(value))
      const isOtherKind = ({ name, value }: CardProperty) =>
        name === 'KIND' && !/^(?:individual|group)$/i.test(readText(value))
      const lost = [...left].filter((one) => !bookkeeping.has(one.name) || isOwnLabel(one) || isOtherKind(one))
      const names = [...new Set(lost.map(({ name }) => name.slice(0, 60)))]
      if (names.length > 0) losses.add('properties_kept_in_original', names.slice(0, maxNamed).join(', '))
    },
  }
  return reader
}

/** The parts of a structured value, trimmed, empty where missing. */
export const partsOf = (property: CardProperty | undefined): string[] =>
  property === undefined ? [] : readParts(property.value, ';')

/** A part that is itself a list (RFC 6350 §6.2.2), as words. */
export const joinList = (part: string | undefined): string =>
  (part ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .join(' ')

const dateForms = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?$/

/** Midnight UTC of a date with a year (RFC 6350 §4.3.1); null for all others, and for the year that stands for none. */
export const readCardDate = ({ value, parameters }: CardProperty): number | null => {
  const match = dateForms.exec(readText(value))
  if (match === null) return null
  const [, year, month, day] = match
  if (parameters['X-APPLE-OMIT-YEAR'] === year || Number(year) < 1602 || Number(year) > 4500) return null
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day))
  return new Date(ms).getUTCMonth() === Number(month) - 1 ? ms : null
}
