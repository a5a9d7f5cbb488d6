import { type CalendarZone, type CalendarZones, utcZone } from './calendar-zone.ts'
import type { ContentLine } from './content-lines.ts'

/** A DATE or DATE-TIME with the zone it is meant in. */
export type ZonedMoment = {
  readonly isDate: boolean
  /** Milliseconds of the local time, as if it were UTC. */
  readonly localMs: number
  readonly zone: CalendarZone
  readonly utcMs: number
  /** A time without a zone (RFC 5545 §3.3.5, form 1). */
  readonly isFloating: boolean
  /** The zone is not known: taken as the one of the calendar. */
  readonly isZoneUnknown: boolean
}

/** In a zone, at this local time. */
export const momentAt = (zone: CalendarZone, localMs: number, isDate: boolean): ZonedMoment => ({
  isDate,
  localMs,
  zone,
  utcMs: zone.toUtcMs(localMs),
  isFloating: false,
  isZoneUnknown: false,
})

/** The same instant by the clock of another zone. A date stays a date, and in its own zone a time that the clock leaves out stays what it is. */
export const inZone = (moment: ZonedMoment, zone: CalendarZone): ZonedMoment => {
  if (moment.isDate) return momentAt(zone, moment.localMs, true)
  if (moment.zone === zone && zone.toUtcMs(moment.localMs) === moment.utcMs) return moment
  return { ...moment, zone, localMs: moment.utcMs + zone.offsetMsAt(moment.utcMs) }
}

/** So much later by the clock that never changes. */
export const later = (moment: ZonedMoment, ms: number): ZonedMoment =>
  inZone({ ...moment, utcMs: moment.utcMs + ms }, moment.zone)

/** One value (RFC 5545 §3.3.4, §3.3.5); null when it is no date, or of a year that MAPI cannot tell (before 1602, after 4500). */
export const readZonedMoment = (value: string, tzid: string | undefined, zones: CalendarZones): ZonedMoment | null => {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z|[+-]\d{4})?)?$/i.exec(value.trim())
  if (match === null) return null
  const [, year, month, day, hour, minute, second = '0', offset] = match
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (Number(year) < 1602 || Number(year) > 4500 || new Date(midnight).getUTCMonth() !== Number(month) - 1) return null
  if (hour === undefined) return momentAt(zones.own, midnight, true)
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null
  const localMs = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
  if (offset !== undefined) {
    const minutes = offset.length === 5 ? Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3)) : 0
    return momentAt(utcZone, localMs - (offset[0] === '-' ? -minutes : minutes) * 60_000, false)
  }
  const zone = tzid === undefined || tzid === '' ? null : zones.zone(tzid)
  return {
    ...momentAt(zone ?? zones.own, localMs, false),
    isFloating: tzid === undefined || tzid === '',
    isZoneUnknown: tzid !== undefined && tzid !== '' && zone === null,
  }
}

/** The first line of this name, as a moment. */
export const momentOf = (lines: readonly ContentLine[], name: string, zones: CalendarZones): ZonedMoment | null => {
  const line = lines.find((candidate) => candidate.name === name)
  return line === undefined ? null : readZonedMoment(line.value, line.parameters.TZID, zones)
}

/** DURATION (RFC 5545 §3.3.6): days count by the calendar, the rest by the clock. Null when it is none. */
export const readDuration = (value: string): { readonly days: number; readonly ms: number } | null => {
  const match = /^([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/i.exec(
    value.trim(),
  )
  if (match === null) return null
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(2).map((part) => Number(part ?? 0))
  const sign = match[1] === '-' ? -1 : 1
  return { days: sign * (weeks * 7 + days), ms: sign * ((hours * 60 + minutes) * 60 + seconds) * 1000 }
}
