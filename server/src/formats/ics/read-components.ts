import { toLatin1, unfoldLines } from '../mime-dir/content-lines.ts'
import { type ContentLine, lineName, readContentLine } from './content-lines.ts'

export type CalendarComponent = {
  /** In upper case. */
  readonly name: string
  readonly lines: readonly ContentLine[]
  readonly components: readonly CalendarComponent[]
  /** Of a VTIMEZONE, as it stood: unfolded, one character a byte. Of others nothing. */
  readonly source: readonly string[]
}

const maxDepth = 20
const maxLines = 200_000

type Open = { name: string; lines: ContentLine[]; components: CalendarComponent[]; source: string[] }

const begun = (line: string): string =>
  line
    .slice(line.indexOf(':') + 1)
    .trim()
    .toUpperCase()

/**
 * All components of an object (RFC 5545 §3.4), those of VCALENDARs at the top. Never throws: what is not closed ends with the object, an END that
 * closes nothing is passed over. `isWhole` says whether all of it was well-formed and none beyond the bounds.
 */
export const readComponents = (
  bytes: Uint8Array,
): { readonly calendars: readonly CalendarComponent[]; readonly isWhole: boolean } => {
  const root: Open = { name: '', lines: [], components: [], source: [] }
  const open: Open[] = [root]
  let isWhole = true
  let count = 0
  for (const line of unfoldLines(toLatin1(bytes))) {
    if (++count > maxLines) return { calendars: root.components, isWhole: false }
    if (line.trim() === '') continue
    const name = lineName(line)
    if (name === 'BEGIN') {
      if (open.length > maxDepth) return { calendars: root.components, isWhole: false }
      const component: Open = { name: begun(line), lines: [], components: [], source: [] }
      open.at(-1)!.components.push(component)
      open.push(component)
    }
    for (const component of open) if (component.name === 'VTIMEZONE') component.source.push(line)
    if (name === 'END') {
      const at = open.findLastIndex((component) => component.name === begun(line))
      if (at !== open.length - 1) isWhole = false
      if (at > 0) open.length = at
    } else if (name !== 'BEGIN') {
      if (name === '' || open.length === 1) isWhole = false
      else open.at(-1)!.lines.push(readContentLine(line))
    }
  }
  const calendars = root.components.filter((component) => component.name === 'VCALENDAR')
  const isAll = calendars.length > 0 && calendars.length === root.components.length
  return { calendars, isWhole: isWhole && open.length === 1 && isAll }
}
