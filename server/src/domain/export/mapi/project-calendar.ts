import { readZones } from '../../../formats/ics/calendar-zone.ts'
import { type CalendarComponent, readComponents } from '../../../formats/ics/read-components.ts'
import type { Projected } from '../../../formats/mapi/message.ts'
import type { RawItem } from '../raw-item.ts'
import { textOf } from './calendar-values.ts'
import { originalAttachment } from './file-attachment.ts'
import { type CalendarContext, projectSeries } from './project-series.ts'
import { readBeginning } from './whole-item.ts'

const maxObjectBytes = 64 * 1024 * 1024

/** Events by their UID, in the order of the object; one without a UID stands for itself. */
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

/**
 * A calendar object (RFC 5545, RFC 4791 §4.1) as appointments, tasks and journal entries of MAPI. Dates, and times without a zone, are taken by the
 * zone of the calendar, else by `floatingZone` (an IANA name). Never throws but for `signal`: what cannot be read is attached as it is, and told.
 */
export const projectCalendar = async (
  raw: RawItem,
  signal: AbortSignal,
  floatingZone = 'UTC',
): Promise<readonly Projected[]> => {
  const bytes = await readBeginning(raw, maxObjectBytes, signal)
  const { calendars } = readComponents(bytes)
  const original = () => originalAttachment('original.ics', 'text/calendar', raw)
  const projected: Projected[] = []
  for (const calendar of calendars) {
    const context: CalendarContext = { zones: readZones(calendar, floatingZone), signal, original }
    const events = calendar.components.filter(({ name }) => name === 'VEVENT')
    for (const series of seriesOf(events)) projected.push(...projectSeries(series, context))
  }
  return projected
}
