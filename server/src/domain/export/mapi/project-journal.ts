import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { momentOf } from '../../../formats/ics/zoned-moment.ts'
import type { Projected } from '../../../formats/mapi/message.ts'
import { PidLidCommonEnd, PidLidCommonStart } from '../../../formats/mapi/properties-appointment.ts'
import {
  PidLidLogDuration,
  PidLidLogEnd,
  PidLidLogFlags,
  PidLidLogStart,
  PidLidLogType,
  PidLidLogTypeDesc,
} from '../../../formats/mapi/properties-log.ts'
import {
  PidLidNoteColor,
  PidLidNoteHeight,
  PidLidNoteWidth,
  PidLidNoteX,
  PidLidNoteY,
} from '../../../formats/mapi/properties-note.ts'
import { readLongText } from '../../../formats/mime-dir/long-text.ts'
import { calendarAttachments } from './calendar-attachments.ts'
import { categoriesOf, linesOf, sensitivityOf, textOf } from './calendar-values.ts'
import { createLosses } from './losses.ts'
import { createItem, createItemProperties } from './mapi-item.ts'
import { type CalendarContext, withLosses } from './project-series.ts'
import { tellZones } from './tell-zones.ts'
import { tellUnexpressed } from './unexpressed.ts'

const expressed: ReadonlySet<string> = new Set([
  'UID',
  'SUMMARY',
  'DESCRIPTION',
  'DTSTART',
  'CLASS',
  'CATEGORIES',
  'ATTACH',
  'URL',
  'CREATED',
  'LAST-MODIFIED',
  'SEQUENCE',
])

const journalIcon = 0x602
const noteIcon = 0x300
const yellow = 3

/** A VJOURNAL (RFC 5545 §3.6.3): of a day it is a journal entry ([MS-OXOJRNL]), without one a sticky note ([MS-OXONOTE]). */
export const projectJournal = (component: CalendarComponent, context: CalendarContext): Projected[] => {
  const { zones } = context
  const losses = createLosses()
  tellUnexpressed(component, expressed, zones, losses, { isJournal: true })
  const start = momentOf(component.lines, 'DTSTART', zones)
  tellZones(component, ['DTSTART'], zones, losses)
  const utcOf = (name: string): number | undefined => momentOf(component.lines, name, zones)?.utcMs
  const subject = textOf(component, 'SUMMARY')
  // A journal may have several descriptions, other than an event.
  const text = linesOf(component, 'DESCRIPTION')
    .map(({ value }) => readLongText(value).trim())
    .join('\n\n')
  const basics = {
    subject,
    identity: `${textOf(component, 'UID')} ${textOf(component, 'RECURRENCE-ID')}`,
    categories: categoriesOf(component),
    sensitivity: sensitivityOf(component),
    createdMs: utcOf('CREATED') ?? utcOf('DTSTAMP'),
    modifiedMs: utcOf('LAST-MODIFIED') ?? utcOf('DTSTAMP'),
  }
  const properties =
    start === null
      ? // The subject of a note is the first line of its text.
        createItemProperties({
          ...basics,
          messageClass: 'IPM.StickyNote',
          iconIndex: noteIcon,
          body: [subject, text].filter((part) => part !== '').join('\n'),
        })
          .set(PidLidNoteColor, yellow)
          .set(PidLidNoteWidth, 200)
          .set(PidLidNoteHeight, 166)
          .set(PidLidNoteX, 80)
          .set(PidLidNoteY, 80)
      : createItemProperties({ ...basics, messageClass: 'IPM.Activity', iconIndex: journalIcon, body: text })
          .set(PidLidLogType, 'Note')
          .set(PidLidLogTypeDesc, 'Note')
          .set(PidLidLogStart, start.utcMs)
          .set(PidLidLogEnd, start.utcMs)
          .set(PidLidLogDuration, 0)
          .set(PidLidLogFlags, 0)
          .set(PidLidCommonStart, start.utcMs)
          .set(PidLidCommonEnd, start.utcMs)
  return withLosses([createItem(properties, [], calendarAttachments(component, losses))], losses, context)
}
