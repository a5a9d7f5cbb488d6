import { Buffer } from 'node:buffer'

type Component = {
  readonly start: number
  readonly end: number
  readonly name: string
  /** UID, or TZID of a zone; null for none. */
  readonly id: string | null
  readonly zones: ReadonlySet<string>
}
type Calendar = {
  /** From BEGIN:VCALENDAR to the first component. */
  readonly head: readonly [number, number]
  readonly components: readonly Component[]
  /** The line of END:VCALENDAR. */
  readonly foot: readonly [number, number]
}

const mark = /^(BEGIN|END):[ \t]*([\w-]{1,100})\s*$/i
const maxDepth = 100

/** The value of a property of the component itself, unfolded (RFC 5545 §3.1); those of components within do not count. */
const ownValue = (text: string, property: string): string | null => {
  let depth = 0
  const unfolded = text.replace(/\r?\n[ \t]/g, '')
  for (const line of unfolded.split(/\r?\n/)) {
    if (/^BEGIN:/i.test(line)) depth++
    else if (/^END:/i.test(line)) depth--
    else if (depth === 1) {
      const found = new RegExp(`^${property}(?:;[^:]*)?:(.*)$`, 'i').exec(line)
      if (found) return found[1]!.trim()
    }
  }
  return null
}

const zonesNamed = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.replace(/\r?\n[ \t]/g, '').matchAll(/;TZID=("[^"\r\n]*"|[^;:\r\n]*)/gi)].map(([, zone]) =>
      zone!.replace(/"/g, '').trim(),
    ),
  )

/** Null when it is not whole. */
const calendarsOf = (text: string): Calendar[] | null => {
  const calendars: Calendar[] = []
  const open: string[] = []
  let head = 0
  let headEnd = 0
  let start = 0
  let components: Component[] = []
  for (let at = text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0; at < text.length; ) {
    const stop = text.indexOf('\n', at)
    const next = stop < 0 ? text.length : stop + 1
    const found = mark.exec(text.slice(at, Math.min(next, at + 250)))
    const [, kind = '', component = ''] = found ?? []
    const name = component.toUpperCase()
    if (kind.toUpperCase() === 'BEGIN') {
      if ((open.length === 0) !== (name === 'VCALENDAR') || open.length === maxDepth) return null
      if (open.length === 0) {
        head = at
        components = []
      }
      if (open.length === 1) {
        start = at
        if (components.length === 0) headEnd = at
      }
      open.push(name)
    } else if (found) {
      if (open.pop() !== name) return null
      if (open.length === 1) {
        const own = text.slice(start, next)
        const id = ownValue(own, name === 'VTIMEZONE' ? 'TZID' : 'UID')
        components.push({ start, end: next, name, id, zones: zonesNamed(own) })
      }
      if (open.length === 0) calendars.push({ head: [head, headEnd], components, foot: [at, next] })
    } else if (open.length === 0 && text.slice(at, next).trim() !== '') return null
    at = next
  }
  return open.length === 0 ? calendars : null
}

/**
 * The objects of a calendar that somebody has written into one file, each as CalDAV keeps it: all components of one UID (RFC 4791 §4.1),
 * with the calendar's properties and the time zones they name. What has no UID stands alone. All lines keep their bytes.
 * Null when there are not at least two, or when the file is not whole: then it is to be taken as it is.
 */
export const splitCalendar = (bytes: Uint8Array): readonly Uint8Array[] | null => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const calendars = calendarsOf(buffer.toString('latin1'))
  if (calendars === null) return null
  const objects: Uint8Array[] = []
  for (const { head, components, foot } of calendars) {
    const zones = components.filter(({ name }) => name === 'VTIMEZONE')
    const groups = new Map<string, Component[]>()
    for (const component of components) {
      if (component.name === 'VTIMEZONE') continue
      const key = component.id === null ? `alone ${component.start}` : `${component.name} ${component.id}`
      const group = groups.get(key)
      if (group) group.push(component)
      else groups.set(key, [component])
    }
    for (const group of groups.values()) {
      const named = new Set(group.flatMap((component) => [...component.zones]))
      const parts = [...zones.filter(({ id }) => id !== null && named.has(id)), ...group]
      objects.push(
        Buffer.concat([
          buffer.subarray(...head),
          ...parts.map(({ start, end }) => buffer.subarray(start, end)),
          buffer.subarray(...foot),
        ]),
      )
    }
  }
  return objects.length > 1 ? objects : null
}
