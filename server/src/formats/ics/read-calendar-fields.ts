import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import { toLatin1, unfoldLines } from '../mime-dir/content-lines.ts'
import { type ContentLine, cleanText, lineName, readContentLine, readText, readTextList } from './content-lines.ts'
import { addDuration, readMoment } from './read-moment.ts'

const components: ReadonlySet<string> = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VFREEBUSY'])
const wanted: ReadonlySet<string> = new Set([
  'SUMMARY',
  'ORGANIZER',
  'ATTENDEE',
  'DTSTART',
  'DTEND',
  'DUE',
  'DURATION',
  'LOCATION',
  'CATEGORIES',
  'UID',
  'ATTACH',
  'RECURRENCE-ID',
])
/** Properties a component has several of; the others count once. */
const repeated: ReadonlySet<string> = new Set(['ATTENDEE', 'CATEGORIES'])

type Component = { readonly name: string; readonly lines: Map<string, string[]> }

/** The component that stands for the object: the first that is no override of a single recurrence, else the first. */
const findComponent = (latin1: string): { component: Component | null; isWhole: boolean } => {
  const open: string[] = []
  let first: Component | null = null
  let master: Component | null = null
  let current: Component | null = null
  let isNested = true
  let isCalendar = false
  for (const line of unfoldLines(latin1)) {
    const name = lineName(line)
    if (name === 'BEGIN') {
      const begun = line
        .slice(line.indexOf(':') + 1)
        .trim()
        .toUpperCase()
      if (begun === 'VCALENDAR' && open.length === 0) isCalendar = true
      if (current === null && components.has(begun)) current = { name: begun, lines: new Map() }
      // Deeper than anything real: only counted as broken, not followed.
      if (open.length < 100) open.push(begun)
      else isNested = false
    } else if (name === 'END') {
      const ended = line
        .slice(line.indexOf(':') + 1)
        .trim()
        .toUpperCase()
      if (open.at(-1) === ended) open.pop()
      else isNested = false
      if (current !== null && current.name === ended) {
        first ??= current
        if (!current.lines.has('RECURRENCE-ID')) master ??= current
        current = null
      }
    } else if (current !== null && open.at(-1) === current.name && wanted.has(name)) {
      const lines = current.lines.get(name)
      if (lines === undefined) current.lines.set(name, [line])
      else if (repeated.has(name)) lines.push(line)
    }
  }
  const component = master ?? first ?? current
  return { component, isWhole: isCalendar && isNested && open.length === 0 && component !== null }
}

/** CAL-ADDRESS (RFC 5545 §3.3.3) with its common name. */
const readParticipant = ({ parameters, value }: ContentLine): string => {
  const isMail = /^mailto:/i.test(value)
  const address = cleanText(isMail ? value.slice(7) : (parameters.EMAIL ?? value))
  const name = cleanText(parameters.CN ?? '')
  if (name === '' || name === address) return address
  return address === '' ? name : `${name} <${address}>`
}

/**
 * The listed and searched fields of a calendar object (RFC 5545). Never throws; of a broken object comes what can be read.
 * A recurring event is listed by its first occurrence.
 */
export const readCalendarFields = (bytes: Uint8Array): ItemFields => {
  const { component, isWhole } = findComponent(toLatin1(bytes))
  const all = (name: string): ContentLine[] => (component?.lines.get(name) ?? []).map(readContentLine)
  const text = (name: string): string => readText(all(name)[0]?.value ?? '')
  const moment = (name: string): string | null => {
    const line = all(name)[0]
    return line === undefined ? null : readMoment(line.value, line.parameters.TZID)
  }
  const date = moment('DTSTART')
  const duration = all('DURATION')[0]
  const participants = all('ATTENDEE').map(readParticipant)
  return {
    title: text('SUMMARY'),
    from: all('ORGANIZER').map(readParticipant)[0] ?? '',
    to: participants.filter((participant) => participant !== '').join(', '),
    date,
    endDate: moment('DTEND') ?? moment('DUE') ?? (date !== null && duration ? addDuration(date, duration.value) : null),
    place: text('LOCATION'),
    phone: '',
    company: '',
    categories: all('CATEGORIES')
      .flatMap(({ value }) => readTextList(value))
      .join(', '),
    hasAttachment: component?.lines.has('ATTACH') ?? false,
    uniqueId: text('UID') || null,
    component: component?.name ?? null,
    isWellFormed: isWhole,
  }
}
