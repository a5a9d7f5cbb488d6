import { expandRule } from './expand-rule.ts'
import type { CalendarComponent } from './read-components.ts'
import { readRecurrenceRule } from './recurrence-rule.ts'

/** A change of the offset, at an instant. */
export type Transition = { readonly atMs: number; readonly beforeMs: number; readonly afterMs: number }

const maxTransitions = 2000
/** No definition is followed further. */
const endMs = Date.UTC(2200, 0, 1)

const readOffset = (value: string | undefined): number | null => {
  const match = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec((value ?? '').trim())
  if (match === null) return null
  const ms = ((Number(match[2]) * 60 + Number(match[3])) * 60 + Number(match[4] ?? 0)) * 1000
  return match[1] === '-' ? -ms : ms
}

const readLocal = (value: string): number | null => {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?/.exec(value.trim())
  if (match === null) return null
  const [year, month, day, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return Date.UTC(year!, month! - 1, day!, hour, minute, second)
}

/** The changes a VTIMEZONE tells (RFC 5545 §3.6.5), in order and bounded; empty when it tells none. */
export const readTransitions = (zone: CalendarComponent): readonly Transition[] => {
  const found: Transition[] = []
  for (const observance of zone.components) {
    if (observance.name !== 'STANDARD' && observance.name !== 'DAYLIGHT') continue
    const value = (name: string): string | undefined => observance.lines.find((line) => line.name === name)?.value
    const beforeMs = readOffset(value('TZOFFSETFROM'))
    const afterMs = readOffset(value('TZOFFSETTO'))
    const startMs = readLocal(value('DTSTART') ?? '')
    if (beforeMs === null || afterMs === null || startMs === null) continue
    const onsets = new Set([startMs])
    for (const { name, value: listed } of observance.lines) {
      if (name !== 'RDATE') continue
      for (const date of listed.split(',', maxTransitions)) onsets.add(readLocal(date) ?? startMs)
    }
    const rule = readRecurrenceRule(value('RRULE') ?? '')
    const until = rule?.until == null ? null : readLocal(rule.until)
    if (rule !== null) {
      for (const onset of expandRule(rule, startMs, Math.min(until === null ? endMs : until + beforeMs, endMs))) {
        if (onsets.size >= maxTransitions) break
        onsets.add(onset)
      }
    }
    for (const onset of onsets) found.push({ atMs: onset - beforeMs, beforeMs, afterMs })
  }
  return found.sort((one, other) => one.atMs - other.atMs).slice(0, maxTransitions)
}
