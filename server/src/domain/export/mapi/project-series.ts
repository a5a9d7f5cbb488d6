import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { momentOf } from '../../../formats/ics/zoned-moment.ts'
import type { MapiAttachment, Projected } from '../../../formats/mapi/message.ts'
import { appointmentProperties } from './appointment-properties.ts'
import { calendarAttachments } from './calendar-attachments.ts'
import { createLosses } from './losses.ts'
import { createItem } from './mapi-item.ts'
import { readEvent } from './read-event.ts'
import { tellUnexpressed } from './unexpressed.ts'

const expressed: ReadonlySet<string> = new Set([
  'UID',
  'SUMMARY',
  'LOCATION',
  'DESCRIPTION',
  'X-ALT-DESC',
  'STYLED-DESCRIPTION',
  'DTSTART',
  'DTEND',
  'DURATION',
  'RRULE',
  'RDATE',
  'EXDATE',
  'RECURRENCE-ID',
  'CLASS',
  'PRIORITY',
  'TRANSP',
  'STATUS',
  'SEQUENCE',
  'CATEGORIES',
  'ORGANIZER',
  'ATTENDEE',
  'ATTACH',
  'URL',
  'CONFERENCE',
  'CREATED',
  'LAST-MODIFIED',
  'DTSTAMP',
  'X-MICROSOFT-CDO-BUSYSTATUS',
  'X-MICROSOFT-CDO-INTENDEDSTATUS',
  'X-MICROSOFT-CDO-ALLDAYEVENT',
  'X-MICROSOFT-CDO-IMPORTANCE',
])

export type SeriesContext = {
  readonly zones: CalendarZones
  readonly signal: AbortSignal
  /** The object as a file, for what cannot be expressed. */
  original(): MapiAttachment
}

/** The appointments of one UID: a single event, a series with its exceptions, or exceptions whose series is elsewhere. */
export const projectSeries = (components: readonly CalendarComponent[], context: SeriesContext): Projected[] => {
  return components.map((component) => {
    const losses = createLosses()
    const facts = readEvent(component, context.zones, losses)
    tellUnexpressed(component, expressed, losses)
    const occurrence = momentOf(component.lines, 'RECURRENCE-ID', context.zones) ?? undefined
    const { properties, recipients } = appointmentProperties(facts, { isSeries: false, occurrence })
    const attachments = calendarAttachments(component, losses)
    if (losses.any) attachments.push(context.original())
    return { message: createItem(properties, recipients, attachments), degraded: losses.list() }
  })
}
