import { withoutLoneCr } from '../mime-dir/content-lines.ts'
import { namedZone } from './calendar-zone.ts'
import { folded, renameZones } from './rename-zone.ts'

export type CalendarCombiner = {
  /** What to append for this object; empty when it is malformed. Its bytes are copied where they are kept. */
  add(object: Uint8Array): Uint8Array
  /** What to append at the end. */
  finish(): Uint8Array
  /** Objects left out because they are no whole VCALENDAR with a component in it. */
  leftOutCount(): number
  /** VTIMEZONEs of known zones left out although they differ from the one of the same TZID that was kept. */
  differingZoneCount(): number
}

/** Properties that the combined calendar writes itself, or that make no sense in it. */
const own: ReadonlySet<string> = new Set(['BEGIN', 'END', 'VERSION', 'PRODID', 'METHOD', 'CALSCALE', 'X-WR-CALNAME'])
const maxDepth = 100

const escaped = (text: string): string =>
  text
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n?|\n/g, '\\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters may not stand in a TEXT (RFC 5545 §3.3.11)
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')

type Component = { readonly start: number; readonly end: number; readonly tzid: string | null }

const tzidOf = (component: string): string => {
  const line = /^TZID(?:;[^:\r\n]*)?:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)/im.exec(component)
  return line === null ? '' : line[1]!.replace(/\r?\n[ \t]/g, '').trim()
}

/** The components of all calendars in the object, in order; null when it is not whole. */
const componentsOf = (text: string): Component[] | null => {
  const lineEnd = text.includes('\n') ? '\n' : '\r'
  const found: Component[] = []
  const open: string[] = []
  let start = 0
  let hasItem = false
  for (let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0; at < text.length; ) {
    const stop = text.indexOf(lineEnd, at)
    const next = stop < 0 ? text.length : stop + 1
    const first = text.charCodeAt(at) | 32
    const mark =
      first === 98 || first === 101
        ? /^(BEGIN|END):[ \t]*([\w-]{1,100})\s*$/i.exec(text.slice(at, Math.min(next, at + 250)))
        : null
    if (mark !== null) {
      const name = mark[2]!.toUpperCase()
      if (mark[1]!.length === 5) {
        if ((open.length === 0) !== (name === 'VCALENDAR') || open.length === maxDepth) return null
        if (open.length === 1) start = at
        open.push(name)
      } else {
        if (open.pop() !== name) return null
        if (open.length === 1) {
          const isZone = name === 'VTIMEZONE'
          found.push({ start, end: next, tzid: isZone ? tzidOf(text.slice(start, next)) : null })
          hasItem ||= !isZone
        }
      }
    }
    at = next
  }
  return open.length === 0 && hasItem ? found : null
}

/** FNV-1a, to notice that two definitions differ; blanks at line ends do not count. */
const fingerprint = (text: string): number => {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 13) hash = Math.imul(hash ^ code, 0x01000193)
  }
  return hash >>> 0
}

/**
 * Makes one calendar (RFC 5545 §3.4) out of many objects, to be written as a stream: append what `add` and `finish` return.
 * Components keep their bytes, but for lines that end in CR alone. Calendar properties of the objects, METHOD among them, are dropped: with a METHOD the file
 * would be an invitation instead of a calendar.
 *
 * A VTIMEZONE is written once for each TZID and definition. Where two objects define differently what IANA or Windows knows by that name,
 * the first is kept, and the other counted: nearly always they differ only in how far back they go, and readers know the zone. Any other
 * name means what its object says, “Customized Time Zone” as often as not another one each time: the second gets a name of its own, there
 * and in the lines that refer to it. The object on its own stays in the archive as it is. Memory grows with the number of definitions alone.
 */
export const createCalendarCombiner = ({
  name,
  properties = {},
}: {
  readonly name: string
  /** More calendar properties, such as X-APPLE-CALENDAR-COLOR; values are text. */
  readonly properties?: Readonly<Record<string, string>>
}): CalendarCombiner => {
  /** The definitions of each TZID by their fingerprints, with the name each has got. */
  const zones = new Map<string, Map<number, string>>()
  const names = new Set<string>()
  let leftOut = 0
  let differing = 0
  let isBegun = false
  const begin = (): Buffer => {
    if (isBegun) return Buffer.alloc(0)
    isBegun = true
    const more = Object.entries(properties).filter(([key]) => /^[a-z0-9-]+$/i.test(key) && !own.has(key.toUpperCase()))
    const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Stillbox//Archive//EN', 'CALSCALE:GREGORIAN']
    if (name !== '') lines.push(`X-WR-CALNAME:${escaped(name)}`)
    lines.push(...more.map(([key, value]) => `${key.toUpperCase()}:${escaped(value)}`))
    return Buffer.from(lines.map(folded).join(''))
  }
  const freeName = (tzid: string, definitions: number): string => {
    let name = tzid
    for (let number = Math.max(2, definitions); names.has(name); number++) name = `${tzid} (${number})`
    names.add(name)
    return name
  }
  /** The name a definition has here, and whether it is to be written. */
  const placeOf = (tzid: string, definition: string): { readonly name: string; readonly isNew: boolean } => {
    const known = zones.get(tzid) ?? new Map<number, string>()
    zones.set(tzid, known)
    const print = fingerprint(definition)
    const before = known.get(print)
    if (before !== undefined) return { name: before, isNew: false }
    if (known.size > 0 && namedZone(Buffer.from(tzid, 'latin1').toString('utf8')) !== null) {
      differing++
      return { name: tzid, isNew: false }
    }
    const name = freeName(tzid, known.size + 1)
    known.set(print, name)
    return { name, isNew: true }
  }
  return {
    add: (object) => {
      const bytes = withoutLoneCr(Buffer.from(object.buffer, object.byteOffset, object.byteLength))
      const text = bytes.toString('latin1')
      const found = componentsOf(text)
      if (found === null) {
        leftOut++
        return new Uint8Array(0)
      }
      const parts: Uint8Array[] = [begin()]
      const left = new Set<number>()
      const renamed = new Map<string, string>()
      for (const { start, end, tzid } of found) {
        if (tzid === null) continue
        const { name, isNew } = placeOf(tzid, text.slice(start, end))
        if (!isNew) left.add(start)
        if (name !== tzid) renamed.set(tzid, name)
      }
      for (const { start, end } of found) {
        if (left.has(start)) continue
        parts.push(
          renamed.size === 0
            ? bytes.subarray(start, end)
            : Buffer.from(renameZones(text.slice(start, end), renamed), 'latin1'),
        )
        const last = text.charCodeAt(end - 1)
        if (last !== 10 && last !== 13) parts.push(Buffer.from('\r\n'))
      }
      return Buffer.concat(parts)
    },
    finish: () => Buffer.concat([begin(), Buffer.from('END:VCALENDAR\r\n')]),
    leftOutCount: () => leftOut,
    differingZoneCount: () => differing,
  }
}
