import { type CalendarComponent, readComponents } from './read-components.ts'
import { offsetAt, zoneOf } from './read-moment.ts'
import { readTransitions } from './zone-transitions.ts'

const dayMs = 86_400_000

/** A time zone by which times of an object are meant. Local times are milliseconds as if they were UTC. */
export type CalendarZone = {
  /** Of IANA where it is known there, else the TZID as it stands. */
  readonly name: string
  /** By its name, so that another of this name is the same. */
  readonly isKnown: boolean
  offsetMsAt(utcMs: number): number
  /** A time that occurs twice is its first occurrence, one that is left out counts as before the gap (RFC 5545 §3.3.5). */
  toUtcMs(localMs: number): number
}

/** A time that occurs twice is its first occurrence, one that is left out counts as before the gap. */
const toUtcBy = (offsetMsAt: (utcMs: number) => number, localMs: number): number => {
  const before = offsetMsAt(localMs - dayMs)
  const after = offsetMsAt(localMs + dayMs)
  if (before === after || offsetMsAt(localMs - before) === before) return localMs - before
  return offsetMsAt(localMs - after) === after ? localMs - after : localMs - before
}

type YearOffsets = { readonly first: number; readonly changes: { readonly atMs: number; readonly offsetMs: number }[] }

/** The offsets of a year, found in steps of five days and then to the second: asking for each time anew takes most of an export. */
const offsetsOfYear = (offsetMsAt: (utcMs: number) => number, year: number): YearOffsets => {
  const end = Date.UTC(year + 1, 0, 1)
  let low = Date.UTC(year, 0, 1)
  const first = offsetMsAt(low)
  const changes: YearOffsets['changes'] = []
  for (let offsetMs = first; low < end; ) {
    const next = Math.min(low + 5 * dayMs, end)
    const after = offsetMsAt(next)
    let from = low
    let to = next
    while (after !== offsetMs && to - from > 1000) {
      const middle = from + Math.floor((to - from) / 2000) * 1000
      if (offsetMsAt(middle) === offsetMs) from = middle
      else to = middle
    }
    if (after !== offsetMs) changes.push({ atMs: to, offsetMs: after })
    low = next
    offsetMs = after
  }
  return { first, changes }
}

const maxKeptYears = 500
const maxKeptZones = 300
/** Each may have two thousand changes. */
const maxKeptDefinitions = 50
const maxTextLength = 100_000
const zones = new Map<string, CalendarZone | null>()

const openZone = (tzid: string): CalendarZone | null => {
  const zone = zoneOf(tzid)
  if (zone === null) return null
  const years = new Map<number, YearOffsets>()
  const offsetMsAt = (utcMs: number): number => {
    const year = new Date(utcMs).getUTCFullYear()
    let offsets = years.get(year)
    if (offsets === undefined) {
      offsets = offsetsOfYear((ms) => offsetAt(zone, ms), year)
      if (years.size >= maxKeptYears) years.clear()
      years.set(year, offsets)
    }
    return offsets.changes.findLast(({ atMs }) => atMs <= utcMs)?.offsetMs ?? offsets.first
  }
  return {
    name: zone.resolvedOptions().timeZone,
    isKnown: true,
    offsetMsAt,
    toUtcMs: (localMs) => toUtcBy(offsetMsAt, localMs),
  }
}

/** A zone of IANA or Windows by its name; null when there is none. */
export const namedZone = (tzid: string): CalendarZone | null => {
  const known = zones.get(tzid)
  if (known !== undefined) return known
  const zone = openZone(tzid)
  if (zones.size >= maxKeptZones) zones.clear()
  zones.set(tzid, zone)
  return zone
}

export const utcZone: CalendarZone = { name: 'UTC', isKnown: true, offsetMsAt: () => 0, toUtcMs: (localMs) => localMs }

/** A zone by its definition in the object itself (RFC 5545 §3.6.5); null where that makes no sense. */
const defined = (tzid: string, component: CalendarComponent): CalendarZone | null => {
  const transitions = readTransitions(component)
  const [first] = transitions
  if (first === undefined) return null
  const offsetMsAt = (utcMs: number): number => {
    // The number of changes that are behind: there may be two thousand, and they are asked for thousands of times.
    let low = 0
    for (let high = transitions.length; low < high; ) {
      const middle = (low + high) >> 1
      if (transitions[middle]!.atMs <= utcMs) low = middle + 1
      else high = middle
    }
    return low === 0 ? first.beforeMs : transitions[low - 1]!.afterMs
  }
  return {
    name: tzid,
    isKnown: false,
    offsetMsAt,
    toUtcMs: (localMs) => toUtcBy(offsetMsAt, localMs),
  }
}

export type CalendarZones = {
  /** Null when neither the world nor the object knows it. */
  zone(tzid: string): CalendarZone | null
  /** Whether the object defines a zone that is known by its name, and at one of these instants with another offset. */
  isDefinedOtherwise(tzid: string, instants: readonly number[]): boolean
  /** By which dates and floating times are taken: that of the calendar (X-WR-TIMEZONE), the only one it defines, or the first of those given. */
  readonly own: CalendarZone
}

const definedZones = new Map<string, CalendarZone | null>()

/** The objects of a calendar define the same zones again and again. */
const definedOnce = (tzid: string, component: CalendarComponent): CalendarZone | null => {
  const text = component.source.join('\n')
  if (text.length > maxTextLength) return defined(tzid, component)
  let zone = definedZones.get(text)
  if (zone === undefined) {
    zone = defined(tzid, component)
    if (definedZones.size >= maxKeptDefinitions) definedZones.clear()
    definedZones.set(text, zone)
  }
  return zone
}

const definitionsIn = (calendar: CalendarComponent): Map<string, CalendarComponent> => {
  const definitions = new Map<string, CalendarComponent>()
  for (const component of calendar.components) {
    if (component.name !== 'VTIMEZONE') continue
    const tzid = component.lines.find(({ name }) => name === 'TZID')?.value.trim()
    if (tzid !== undefined) definitions.set(tzid, component)
  }
  return definitions
}

const zonesOfTexts = new Map<string, CalendarZone | null>()

const readZoneText = (text: string): CalendarZone | null => {
  const calendar = readComponents(Buffer.from(text, 'utf8')).calendars[0]
  if (calendar === undefined) return namedZone(text.trim())
  const [definition] = definitionsIn(calendar)
  return definition === undefined ? null : (namedZone(definition[0]) ?? defined(...definition))
}

/** The zone of a collection: a calendar object with its definition (RFC 4791 §5.2.2), or as some servers have it its mere name. Null when it is neither. */
export const zoneOfText = (text: string): CalendarZone | null => {
  if (text.length > maxTextLength) return null
  const known = zonesOfTexts.get(text)
  if (known !== undefined) return known
  const zone = readZoneText(text)
  if (zonesOfTexts.size >= maxKeptZones) zonesOfTexts.clear()
  zonesOfTexts.set(text, zone)
  return zone
}

/** The zones of a VCALENDAR. A name that IANA or Windows has counts for more than the definition, which often tells one year only. */
export const readZones = (
  calendar: CalendarComponent,
  ...floatingZones: readonly (CalendarZone | null)[]
): CalendarZones => {
  const definitions = definitionsIn(calendar)
  const known = new Map<string, CalendarZone | null>()
  const zone = (tzid: string): CalendarZone | null => {
    const name = tzid.trim()
    let found = known.get(name)
    if (found === undefined) {
      const definition = definitions.get(name)
      found = namedZone(name) ?? (definition === undefined ? null : definedOnce(name, definition))
      known.set(name, found)
    }
    return found
  }
  const ownName = calendar.lines.find(({ name }) => name === 'X-WR-TIMEZONE')?.value
  const only = definitions.size === 1 ? [...definitions.keys()][0] : undefined
  return {
    zone,
    isDefinedOtherwise: (tzid, instants) => {
      const definition = definitions.get(tzid.trim())
      const named = definition === undefined ? null : zone(tzid)
      const stated = definition === undefined || named?.isKnown !== true ? null : definedOnce(tzid.trim(), definition)
      return stated !== null && instants.some((utcMs) => stated.offsetMsAt(utcMs) !== named!.offsetMsAt(utcMs))
    },
    own:
      (ownName === undefined ? null : zone(ownName)) ??
      (only === undefined ? null : zone(only)) ??
      floatingZones.find((one) => one !== null) ??
      utcZone,
  }
}
