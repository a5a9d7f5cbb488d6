import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { ContentLine } from '../../../formats/ics/content-lines.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { readDuration, readZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import { htmlLineOf, styledDescriptions } from './calendar-values.ts'
import type { Losses } from './losses.ts'

/** What other clients and servers remember for themselves; it says nothing of the event. */
const bookkeeping =
  /^(?:PRODID|VERSION|CALSCALE|METHOD|DTSTAMP|X-MOZ-(?:GENERATION|LASTACK|SNOOZE.*|RECEIVED-.*|FAKED-MASTER)|X-EVOLUTION-.*|X-OX-.*|X-LIC-.*|X-ENTOURAGE_.*|X-KDE-.*|X-DAVX5-.*)$/

const maxNamed = 30

/** Of these every line counts, of the others the first. */
const several: ReadonlySet<string> = new Set([
  'RRULE',
  'EXRULE',
  'RDATE',
  'EXDATE',
  'CATEGORIES',
  'ATTENDEE',
  'ATTACH',
  'CONFERENCE',
  'URL',
])

/** How the values of a property are read; what cannot be read would count as if it were not there. */
const isDate = (value: string, zones: CalendarZones): boolean => readZonedMoment(value, undefined, zones) !== null
const isNumber = (value: string): boolean => /^\s*[+-]?\d{1,9}\s*$/.test(value)
const readable: ReadonlyMap<string, (value: string, zones: CalendarZones) => boolean> = new Map([
  ...['DTSTART', 'DTEND', 'DUE', 'COMPLETED', 'CREATED', 'LAST-MODIFIED', 'RECURRENCE-ID'].map(
    (name) => [name, isDate] as const,
  ),
  ...['EXDATE', 'RDATE'].map(
    (name) =>
      [
        name,
        (value: string, zones: CalendarZones) => value.split(',').every((date) => isDate(date.split('/')[0]!, zones)),
      ] as const,
  ),
  ...['PRIORITY', 'SEQUENCE', 'PERCENT-COMPLETE'].map((name) => [name, isNumber] as const),
  ['DURATION', (value) => readDuration(value) !== null],
])

const namesOf = (names: readonly string[]): string[] => [...new Set(names.map((name) => name.slice(0, 60)))]

const tell = (code: 'properties_kept_in_original' | 'value_unreadable', names: string[], losses: Losses): void => {
  if (names.length > 0) losses.add(code, names.slice(0, maxNamed).join(', '))
}

/** A second line of what there is once, if it says something else; or a rendering of a text that is not taken as its HTML. */
const lostLines = (component: CalendarComponent, isJournal: boolean): ((line: ContentLine) => boolean) => {
  const firsts = new Map<string, string>()
  for (const { name, value } of component.lines) if (!firsts.has(name)) firsts.set(name, value)
  const html = isJournal ? undefined : htmlLineOf(component)
  const joined = isJournal ? 'DESCRIPTION' : ''
  return (line) => {
    const { name, value, parameters } = line
    if (styledDescriptions.includes(name) || parameters.ALTREP !== undefined) return line !== html
    return !several.has(name) && name !== joined && value !== firsts.get(name) && value.trim() !== ''
  }
}

/**
 * Tells what of a component stands in none of the properties made of it: names only, the values are in the original. Of a journal all descriptions
 * are taken, but neither HTML nor alarms (RFC 5545 §3.6.3 has none).
 */
export const tellUnexpressed = (
  component: CalendarComponent,
  expressed: ReadonlySet<string>,
  zones: CalendarZones,
  losses: Losses,
  { isJournal = false }: { readonly isJournal?: boolean } = {},
): void => {
  const isLost = lostLines(component, isJournal)
  const lost = component.lines.filter(
    (line) => !bookkeeping.test(line.name) && (!expressed.has(line.name) || isLost(line)),
  )
  tell('properties_kept_in_original', namesOf(lost.map(({ name }) => name)), losses)
  const unreadable = component.lines.filter(
    ({ name, value }) => expressed.has(name) && value.trim() !== '' && readable.get(name)?.(value, zones) === false,
  )
  tell('value_unreadable', namesOf(unreadable.map(({ name }) => name)), losses)
  const components = component.components.filter(({ name }) => isJournal || name !== 'VALARM')
  tell('properties_kept_in_original', namesOf(components.map(({ name }) => name)), losses)
}
