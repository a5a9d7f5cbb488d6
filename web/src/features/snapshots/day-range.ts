import { utcDayText } from '../../ui/format.ts'

/** Days as a date field holds them (`2026-01-31`), both included and counted in UTC. */
export type DayRange = { readonly firstDay: string; readonly lastDay: string }

const dayMs = 86_400_000
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)

/** The range of the contract, whose end is the first instant that no longer belongs to it. */
export const toInstants = ({ firstDay, lastDay }: DayRange): { start?: string; end?: string } => ({
  ...(firstDay ? { start: `${firstDay}T00:00:00.000Z` } : {}),
  ...(lastDay ? { end: new Date(Date.parse(`${lastDay}T00:00:00Z`) + dayMs).toISOString() } : {}),
})

export const dayPresets: readonly { readonly label: string; readonly range: (nowMs: number) => DayRange }[] = [
  { label: 'Last 30 days', range: (nowMs) => ({ firstDay: dayOf(nowMs - 29 * dayMs), lastDay: dayOf(nowMs) }) },
  { label: 'This year', range: (nowMs) => ({ firstDay: `${dayOf(nowMs).slice(0, 4)}-01-01`, lastDay: dayOf(nowMs) }) },
  { label: 'Everything since 2000', range: (nowMs) => ({ firstDay: '2000-01-01', lastDay: dayOf(nowMs) }) },
]

const isMidnight = (instant: string): boolean => Date.parse(instant) % dayMs === 0
const secondText = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')} UTC`

/** The range of a snapshot for a reader: whole days where it is made of whole days, instants otherwise. */
export const rangeText = (start: string | null, end: string | null, locale?: string): string | null => {
  if (start === null && end === null) return null
  const from = start === null ? 'the beginning' : isMidnight(start) ? utcDayText(start, locale) : secondText(start)
  const to =
    end === null
      ? 'the end'
      : isMidnight(end)
        ? utcDayText(new Date(Date.parse(end) - 1).toISOString(), locale)
        : secondText(end)
  return from === to ? from : `${from} to ${to}`
}
