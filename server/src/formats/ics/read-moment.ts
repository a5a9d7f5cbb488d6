import { windowsZones } from './windows-zones.ts'

const maxCachedZones = 300
const formats = new Map<string, Intl.DateTimeFormat | null>()

const formatFor = (timeZone: string): Intl.DateTimeFormat | null => {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  let format: Intl.DateTimeFormat | null = null
  try {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    // No zone of that name: the caller takes the time as UTC.
  }
  if (formats.size >= maxCachedZones) formats.clear()
  formats.set(timeZone, format)
  return format
}

/** TZIDs as they are met: IANA names, the same behind a vendor's prefix (`/example.org/2024/Europe/Berlin`), Windows names. */
export const zoneOf = (tzid: string): Intl.DateTimeFormat | null => {
  const name = tzid.trim()
  if (name === '' || name.length > 200) return null
  const windows = windowsZones.get(name.toLowerCase())
  if (windows !== undefined) return formatFor(windows)
  const direct = /^[+-]/.test(name) ? null : formatFor(name)
  if (direct !== null || !name.includes('/')) return direct
  const tail = /([A-Za-z_]+\/[A-Za-z_]+\/[A-Za-z_]+)$/.exec(name)?.[1]
  const pair = /([A-Za-z_]+\/[A-Za-z_+\-0-9]+)$/.exec(name)?.[1]
  return (tail === undefined ? null : formatFor(tail)) ?? (pair === undefined ? null : formatFor(pair))
}

/** Milliseconds to add to UTC at this instant. */
export const offsetAt = (zone: Intl.DateTimeFormat, ms: number): number => {
  const part: Record<string, string> = {}
  for (const { type, value } of zone.formatToParts(ms)) part[type] = value
  const year = Number(part.year)
  const local = new Date(0)
  local.setUTCFullYear(part.era === 'BC' ? 1 - year : year, Number(part.month) - 1, Number(part.day))
  local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second))
  return local.getTime() - Math.floor(ms / 1000) * 1000
}

const dayMs = 86_400_000

/** A time that occurs twice is its first occurrence, one that is left out counts as before the gap (RFC 5545 §3.3.5). */
const localToUtc = (zone: Intl.DateTimeFormat, localMs: number): number => {
  const before = offsetAt(zone, localMs - dayMs)
  const after = offsetAt(zone, localMs + dayMs)
  if (before === after || offsetAt(zone, localMs - before) === before) return localMs - before
  return offsetAt(zone, localMs - after) === after ? localMs - after : localMs - before
}

const iso = (ms: number): string | null => {
  if (Number.isNaN(ms) || Math.abs(ms) > 8.64e15) return null
  const text = new Date(ms).toISOString()
  return /^\d{4}-/.test(text) ? text : null
}

/**
 * DATE or DATE-TIME (RFC 5545 §3.3.4, §3.3.5): a bare date for whole days, else an instant in UTC. A TZID that nobody knows,
 * and a floating time, are taken as UTC: a VTIMEZONE is not evaluated. Null when it is no date.
 */
export const readMoment = (value: string, tzid = ''): string | null => {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z|[+-]\d{4})?)?$/i.exec(value.trim())
  if (!match) return null
  const [, year, month, day, hour, minute, second = '0', zone] = match
  const midnight = new Date(0)
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (midnight.getUTCMonth() !== Number(month) - 1) return null
  if (hour === undefined) return midnight.toISOString().slice(0, 10)
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null
  const localMs = midnight.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
  if (zone !== undefined) {
    const minutes = zone.length === 5 ? Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3)) : 0
    return iso(localMs - (zone[0] === '-' ? -minutes : minutes) * 60_000)
  }
  const known = zoneOf(tzid)
  return iso(known === null ? localMs : localToUtc(known, localMs))
}

/** DURATION (RFC 5545 §3.3.6) added to what `readMoment` gave; null when it is none. */
export const addDuration = (start: string, duration: string): string | null => {
  const match = /^([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/i.exec(
    duration.trim(),
  )
  if (!match) return null
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(2).map((part) => Number(part ?? 0))
  const ms = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000
  const end = iso(Date.parse(start) + (match[1] === '-' ? -ms : ms))
  return start.length === 10 && ms % dayMs === 0 ? (end?.slice(0, 10) ?? null) : end
}
