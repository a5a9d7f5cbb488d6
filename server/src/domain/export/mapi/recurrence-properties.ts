import type { ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import {
  PidLidAppointmentRecur,
  PidLidAppointmentTimeZoneDefinitionRecur,
  PidLidClipEnd,
  PidLidClipStart,
  PidLidRecurrencePattern,
  PidLidRecurrenceType,
  PidLidTimeZoneStruct,
} from '../../../formats/mapi/properties-appointment.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { encodeRecurrence, type Recurrence, type RecurrencePattern } from '../../../formats/mapi/recurrence-blob.ts'
import { encodeTimeZoneDefinition, encodeTimeZoneStruct } from '../../../formats/mapi/time-zone.ts'
import { dayOf } from './occurrences.ts'
import type { SeriesZone } from './series-zone.ts'

const recurrenceTypes = { daily: 1, weekly: 2, month: 3, year: 4 } as const
/** What stands for a series without an end ([MS-OXOCAL] §2.2.1.15). */
const neverMs = Date.UTC(4500, 7, 31, 23, 59)

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const ordinals = ['', 'first', 'second', 'third', 'fourth', 'last']

const every = (count: number, unit: string): string => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`)
const namesOf = (mask: number): string => dayNames.filter((_, day) => (mask & (1 << day)) !== 0).join(', ')

/** A sentence for people, as the property wants it. */
const describe = (pattern: RecurrencePattern): string => {
  if (pattern.kind === 'daily') return every(pattern.everyDays, 'day')
  if (pattern.kind === 'weekly') return `${every(pattern.everyWeeks, 'week')} on ${namesOf(pattern.dayMask)}`
  const period = every(pattern.every, pattern.unit)
  if (pattern.kind === 'monthDay') return `${period} on ${pattern.day === 31 ? 'the last day' : `day ${pattern.day}`}`
  return `${period} on the ${ordinals[pattern.nth]} ${namesOf(pattern.dayMask)}`
}

/** What makes an appointment a series ([MS-OXOCAL] §2.2.1.44). `last` is the local time of the last occurrence, null for no end. */
export const setRecurrence = (
  properties: PropertyBag,
  recurrence: Recurrence,
  start: ZonedMoment,
  last: number | null,
  zone: SeriesZone,
): void => {
  const { pattern } = recurrence
  const type = pattern.kind === 'daily' || pattern.kind === 'weekly' ? pattern.kind : pattern.unit
  properties
    .set(PidLidAppointmentRecur, encodeRecurrence(recurrence))
    .set(PidLidRecurrenceType, recurrenceTypes[type])
    .set(PidLidRecurrencePattern, describe(pattern))
    .set(PidLidTimeZoneStruct, encodeTimeZoneStruct(zone.effective.rule))
    .set(
      PidLidAppointmentTimeZoneDefinitionRecur,
      encodeTimeZoneDefinition(zone.keyName, zone.periods, { effective: zone.effective, isOfSeries: true }),
    )
    .set(PidLidClipStart, start.zone.toUtcMs(dayOf(start.localMs)))
    .set(PidLidClipEnd, last === null ? neverMs : start.zone.toUtcMs(dayOf(last)))
}
