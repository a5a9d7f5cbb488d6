import { namedZone, readZones, zoneOfText } from '../../../formats/ics/calendar-zone.ts'
import { type CalendarComponent, readComponents } from '../../../formats/ics/read-components.ts'
import type { Projected } from '../../../formats/mapi/message.ts'
import type { RawItem } from '../raw-item.ts'
import { alsoTell } from './also-tell.ts'
import { textOf } from './calendar-values.ts'
import { createKeepOriginal, type KeepOriginal } from './keep-original.ts'
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

/** Overrides whose series is elsewhere are made in such numbers: all items of a series are in memory together. */
const maxTogether = 1_000

const isOverride = ({ lines }: CalendarComponent): boolean => lines.some(({ name }) => name === 'RECURRENCE-ID')

/** A series with what overrides it. Some programs give all events one UID: each of them is a series then, the first has the overrides. */
const splitSeries = (components: readonly CalendarComponent[]): CalendarComponent[][] => {
  const [master, ...others] = components.filter((component) => !isOverride(component))
  const overrides = components.filter(isOverride)
  if (master !== undefined) return [[master, ...overrides], ...others.map((other) => [other])]
  return Array.from({ length: Math.ceil(overrides.length / maxTogether) }, (_, no) =>
    overrides.slice(no * maxTogether, (no + 1) * maxTogether),
  )
}

/** Events or tasks by their UID, in the order of the object; one without a UID stands for itself. */
const seriesOf = (events: readonly CalendarComponent[]): CalendarComponent[][] => {
  const series = new Map<unknown, CalendarComponent[]>()
  for (const event of events) {
    const key = textOf(event, 'UID') || event
    const known = series.get(key)
    if (known === undefined) series.set(key, [event])
    else known.push(event)
  }
  return [...series.values()].flatMap(splitSeries)
}

/** What holds no event, task or journal, as an item that holds the file. */
const projectUnreadable = (calendars: readonly CalendarComponent[], keepOriginal: KeepOriginal): Projected => {
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
  return { message: createItem(properties, [], keepOriginal([])), degraded: losses.list() }
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

/** The items of each UID, and each journal, one after the other. */
function* projectEach(
  calendars: readonly CalendarComponent[],
  contextOf: (calendar: CalendarComponent) => CalendarContext,
): Generator<readonly Projected[]> {
  for (const calendar of calendars) {
    const context = contextOf(calendar)
    const all = (name: string) => calendar.components.filter((component) => component.name === name)
    for (const series of seriesOf(all('VEVENT'))) yield projectSeries(series, context)
    for (const tasks of seriesOf(all('VTODO'))) yield projectTasks(tasks, context)
    for (const journal of all('VJOURNAL')) yield projectJournal(journal, context)
  }
}

/**
 * A calendar object (RFC 5545, RFC 4791 §4.1) as appointments, tasks, journal entries and notes of MAPI, one or more, each made when it is asked for:
 * an object may be a whole calendar. Throws nothing but what `raw` throws and the reason of `signal`: what MAPI cannot express stays in the object,
 * which is attached then, and is told.
 */
export async function* projectCalendar(
  raw: RawItem,
  signal: AbortSignal,
  { userName = '', timezone = '', floatingZone = 'UTC' }: CalendarHome = {},
): AsyncGenerator<Projected> {
  const { calendars, isWhole } = readComponents(await readBeginning(raw, maxObjectBytes, signal))
  const keepOriginal = createKeepOriginal('original.ics', 'text/calendar', raw)
  const floatingZones = [zoneOfText(timezone), namedZone(floatingZone)]
  const losses = createLosses()
  if (!isWhole) losses.add('calendar_not_whole')
  if (raw.sizeBytes > maxObjectBytes) losses.add('object_too_large')
  tellOthers(calendars, losses)
  let isFirst = true
  const contextOf = (calendar: CalendarComponent): CalendarContext => ({
    zones: readZones(calendar, ...floatingZones),
    userName,
    signal,
    keepOriginal,
  })
  for (const projected of projectEach(calendars, contextOf)) {
    signal.throwIfAborted()
    yield* isFirst ? alsoTell(projected, losses, keepOriginal) : projected
    isFirst &&= projected.length === 0
  }
  if (isFirst) yield projectUnreadable(calendars, keepOriginal)
}
