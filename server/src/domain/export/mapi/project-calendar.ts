import { namedZone, readZones, zoneOfText } from '../../../formats/ics/calendar-zone.ts'
import { type CalendarComponent, readComponents } from '../../../formats/ics/read-components.ts'
import type { MapiAttachment, Projected } from '../../../formats/mapi/message.ts'
import type { RawItem } from '../raw-item.ts'
import { alsoTell } from './also-tell.ts'
import { textOf } from './calendar-values.ts'
import { originalAttachment } from './file-attachment.ts'
import { createLosses, type Losses } from './losses.ts'
import { createItem, createItemProperties } from './mapi-item.ts'
import { projectJournal } from './project-journal.ts'
import { type CalendarContext, projectSeries } from './project-series.ts'
import { projectTasks } from './project-task.ts'
import { readBeginning } from './whole-item.ts'

/** The object is in memory several times over while it is read; 10 MB is the usual limit of servers. */
const maxObjectBytes = 16 * 1024 * 1024
const appointmentIcon = 0x400
const maxNamed = 30

/** Events or tasks by their UID, in the order of the object; one without a UID stands for itself. */
const seriesOf = (events: readonly CalendarComponent[]): CalendarComponent[][] => {
  const series = new Map<unknown, CalendarComponent[]>()
  for (const event of events) {
    const key = textOf(event, 'UID') || event
    const known = series.get(key)
    if (known === undefined) series.set(key, [event])
    else known.push(event)
  }
  return [...series.values()]
}

/** What holds no event, task or journal, as an item that holds the file. */
const projectUnreadable = (calendars: readonly CalendarComponent[], original: () => MapiAttachment): Projected => {
  const losses = createLosses()
  losses.add(
    'no_calendar',
    [...new Set(calendars.flatMap(({ components }) => components.map(({ name }) => name)))].join(', ') || undefined,
  )
  const properties = createItemProperties({
    messageClass: 'IPM.Appointment',
    iconIndex: appointmentIcon,
    subject: '',
    identity: 'no calendar',
  })
  return { message: createItem(properties, [], [original()]), degraded: losses.list() }
}

/** Components that become items, and what these need. */
const known: ReadonlySet<string> = new Set(['VEVENT', 'VTODO', 'VJOURNAL', 'VTIMEZONE'])

/** Tells what else there is in the object: free times, availability, a poll. */
const tellOthers = (calendars: readonly CalendarComponent[], losses: Losses): void => {
  const others = calendars.flatMap(({ components }) => components.map(({ name }) => name.slice(0, 60)))
  const names = [...new Set(others)].filter((name) => !known.has(name))
  if (names.length > 0) losses.add('properties_kept_in_original', names.slice(0, maxNamed).join(', '))
}

/** Where a calendar object comes from. */
export type CalendarHome = {
  /** Whose calendar it is: an address, or what stands before the @ of one. */
  readonly userName?: string
  /** The time zone of its collection, as the server says it (RFC 4791 §5.2.2). */
  readonly timezone?: string | undefined
  /** A name of IANA, for dates and times without a zone where neither the object nor its collection names one. */
  readonly floatingZone?: string
}

/**
 * A calendar object (RFC 5545, RFC 4791 §4.1) as appointments, tasks, journal entries and notes of MAPI, one or more. Throws nothing but what `raw`
 * throws and the reason of `signal`: what MAPI cannot express stays in the object, which is attached to the first item then, and is told.
 */
export const projectCalendar = async (
  raw: RawItem,
  signal: AbortSignal,
  { userName = '', timezone = '', floatingZone = 'UTC' }: CalendarHome = {},
): Promise<readonly Projected[]> => {
  const bytes = await readBeginning(raw, maxObjectBytes, signal)
  const { calendars, isWhole } = readComponents(bytes)
  const original = () => originalAttachment('original.ics', 'text/calendar', raw)
  const floatingZones = [zoneOfText(timezone), namedZone(floatingZone)]
  const projected: Projected[] = []
  for (const calendar of calendars) {
    const context: CalendarContext = { zones: readZones(calendar, ...floatingZones), userName, signal, original }
    const all = (name: string) => calendar.components.filter((component) => component.name === name)
    for (const series of seriesOf(all('VEVENT'))) projected.push(...projectSeries(series, context))
    for (const tasks of seriesOf(all('VTODO'))) projected.push(...projectTasks(tasks, context))
    for (const journal of all('VJOURNAL')) projected.push(...projectJournal(journal, context))
  }
  if (projected.length === 0) return [projectUnreadable(calendars, original)]
  const losses = createLosses()
  if (!isWhole) losses.add('calendar_not_whole')
  if (raw.sizeBytes > maxObjectBytes) losses.add('object_too_large')
  tellOthers(calendars, losses)
  return alsoTell(projected, losses, original)
}
