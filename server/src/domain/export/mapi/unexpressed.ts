import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import type { Losses } from './losses.ts'

/** What other clients and servers remember for themselves; it says nothing of the event. */
const bookkeeping =
  /^(?:PRODID|VERSION|CALSCALE|METHOD|DTSTAMP|X-MOZ-(?:GENERATION|LASTACK|SNOOZE.*|RECEIVED-.*|FAKED-MASTER)|X-EVOLUTION-.*|X-OX-.*|X-LIC-.*|X-ENTOURAGE_.*|X-KDE-.*|X-DAVX5-.*)$/

const maxNamed = 30

/** Tells what of a component stands in none of the properties made of it: names only, the values are in the original. */
export const tellUnexpressed = (component: CalendarComponent, expressed: ReadonlySet<string>, losses: Losses): void => {
  const names = [...new Set(component.lines.map(({ name }) => name.slice(0, 60)))].filter(
    (name) => !expressed.has(name),
  )
  const lost = names.filter((name) => !bookkeeping.test(name))
  if (lost.length > 0) losses.add('properties_kept_in_original', lost.slice(0, maxNamed).join(', '))
  const components = [...new Set(component.components.map(({ name }) => name.slice(0, 60)))].filter(
    (name) => name !== 'VALARM',
  )
  if (components.length > 0) losses.add('properties_kept_in_original', components.slice(0, maxNamed).join(', '))
}
