import { type ContentLine, cleanText, readText, readTextList } from '../../../formats/ics/content-lines.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { readLongText } from '../../../formats/mime-dir/long-text.ts'

export const linesOf = (component: CalendarComponent, name: string): ContentLine[] =>
  component.lines.filter((line) => line.name === name)

/** The first value of this name as one line; empty when there is none. */
export const textOf = (component: CalendarComponent, name: string): string =>
  readText(linesOf(component, name)[0]?.value ?? '')

export const longTextOf = (component: CalendarComponent, name: string): string =>
  readLongText(linesOf(component, name)[0]?.value ?? '').trim()

/** Of X- properties, which are words. */
export const wordOf = (component: CalendarComponent, name: string): string => textOf(component, name).toUpperCase()

export const integerOf = (component: CalendarComponent, name: string): number | null => {
  const text = textOf(component, name)
  return /^[+-]?\d{1,9}$/.test(text) ? Number(text) : null
}

export const categoriesOf = (component: CalendarComponent): string[] => [
  ...new Set(linesOf(component, 'CATEGORIES').flatMap(({ value }) => readTextList(value))),
]

/** CLASS (RFC 5545 §3.8.1.3) as PidTagSensitivity; what is not known counts as private, as it says there. */
export const sensitivityOf = (component: CalendarComponent): number => {
  const word = wordOf(component, 'CLASS')
  return word === '' || word === 'PUBLIC' ? 0 : word === 'CONFIDENTIAL' ? 3 : 2
}

/** PRIORITY (RFC 5545 §3.8.1.9): 1 to 4 high, 5 normal, 6 to 9 low; else what Exchange wrote. */
export const importanceOf = (component: CalendarComponent): number => {
  const priority = integerOf(component, 'PRIORITY') ?? 0
  if (priority >= 1 && priority <= 9) return priority < 5 ? 2 : priority === 5 ? 1 : 0
  const importance = integerOf(component, 'X-MICROSOFT-CDO-IMPORTANCE')
  return importance === 0 || importance === 2 ? importance : 1
}

/** Properties that may hold the description as HTML. */
export const styledDescriptions: readonly string[] = ['X-ALT-DESC', 'STYLED-DESCRIPTION']

const isHtml = ({ parameters }: ContentLine): boolean =>
  /^text\/html\b/i.test(parameters.FMTTYPE ?? '') && parameters.VALUE?.toUpperCase() !== 'URI'

const readAltRep = (altRep: string): string | undefined => {
  const data = /^data:text\/html(?:;charset=utf-8)?,(.*)$/is.exec(altRep)?.[1]
  if (data === undefined) return undefined
  try {
    return decodeURIComponent(data)
  } catch {
    return undefined
  }
}

/** The line that has the description as HTML: X-ALT-DESC, STYLED-DESCRIPTION (RFC 9073 §6.5), or DESCRIPTION with the text in its ALTREP. */
export const htmlLineOf = (component: CalendarComponent): ContentLine | undefined =>
  styledDescriptions.flatMap((name) => linesOf(component, name)).find(isHtml) ??
  linesOf(component, 'DESCRIPTION')
    .slice(0, 1)
    .find(({ parameters }) => readAltRep(parameters.ALTREP ?? '') !== undefined)

/** The description as HTML where there is one. */
export const htmlOf = (component: CalendarComponent): string | undefined => {
  const line = htmlLineOf(component)
  if (line === undefined) return undefined
  return line.name === 'DESCRIPTION' ? readAltRep(line.parameters.ALTREP ?? '') : readLongText(line.value)
}

export type Participant = {
  readonly name: string
  readonly address: string
  readonly line: ContentLine
}

/** Longer than that is neither a name nor an address. */
const maxPersonLength = 1_000

/** CAL-ADDRESS (RFC 5545 §3.3.3) with its common name. */
export const participantOf = (line: ContentLine): Participant => {
  const isMail = /^mailto:/i.test(line.value)
  const address = cleanText(isMail ? line.value.slice(7) : (line.parameters.EMAIL ?? line.value)).slice(
    0,
    maxPersonLength,
  )
  const name = cleanText(line.parameters.CN ?? '').slice(0, maxPersonLength)
  return { name: name === '' ? address : name, address, line }
}
