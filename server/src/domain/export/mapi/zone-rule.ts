import type { CalendarZone } from '../../../formats/ics/calendar-zone.ts'
import { namedZone } from '../../../formats/ics/calendar-zone.ts'
import { windowsZoneNames } from '../../../formats/ics/windows-zone-names.ts'
import type { ZoneChange, ZonePeriod, ZoneRule } from '../../../formats/mapi/time-zone.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const stepMs = 5 * dayMs

type Transition = { readonly atMs: number; readonly before: number; readonly after: number }

/** Where the offset changes within a year: steps of days, then halving down to the minute. */
const transitionsIn = (zone: CalendarZone, year: number): Transition[] => {
  const found: Transition[] = []
  const end = Date.UTC(year + 1, 0, 1)
  let low = Date.UTC(year, 0, 1)
  let before = zone.offsetMsAt(low)
  while (low < end) {
    const next = Math.min(low + stepMs, end)
    const after = zone.offsetMsAt(next)
    if (after !== before) {
      let from = low
      let to = next
      while (to - from > minuteMs) {
        const middle = from + Math.floor((to - from) / 2 / minuteMs) * minuteMs
        if (zone.offsetMsAt(middle) === before) from = middle
        else to = middle
      }
      found.push({ atMs: to, before, after })
    }
    low = next
    before = after
  }
  return found
}

const daysInMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()

/** The weeks that could be meant by the day on which a change falls: its number, and 5 where it is the last. */
const weeksOf = (local: Date): number[] => {
  const day = local.getUTCDate()
  const week = Math.ceil(day / 7)
  return day + 7 > daysInMonth(local) ? [5, ...(week < 5 ? [week] : [])] : [week]
}

const localOf = ({ atMs, before }: Transition): Date => new Date(atMs + before)

/** The change in weekly terms; of "last" and "fourth" the one that more of the following years agree with. */
const changeOf = (zone: CalendarZone, transition: Transition): ZoneChange => {
  const local = localOf(transition)
  const candidates = weeksOf(local)
  let week = candidates[0]!
  if (candidates.length > 1) {
    const later = [1, 2, 3, 4].flatMap((ahead) =>
      transitionsIn(zone, local.getUTCFullYear() + ahead)
        .filter((other) => other.after === transition.after)
        .map((other) => weeksOf(localOf(other))),
    )
    const votes = candidates.map((candidate) => later.filter((weeks) => weeks.includes(candidate)).length)
    if (votes[1]! > votes[0]!) week = candidates[1]!
  }
  return {
    month: local.getUTCMonth() + 1,
    dayOfWeek: local.getUTCDay(),
    week,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
  }
}

const bias = (offsetMs: number): number => -Math.round(offsetMs / minuteMs)

const computeRule = (zone: CalendarZone, year: number): ZoneRule => {
  const transitions = transitionsIn(zone, year)
  const [one, two] = transitions
  if (
    one === undefined ||
    two === undefined ||
    transitions.length > 2 ||
    one.after !== two.before ||
    two.after !== one.before
  ) {
    return { biasMinutes: bias(zone.offsetMsAt(Date.UTC(year, 11, 31))), daylightBiasMinutes: 0, changes: null }
  }
  const [toDaylight, toStandard] = one.after > one.before ? [one, two] : [two, one]
  return {
    biasMinutes: bias(toStandard.after),
    daylightBiasMinutes: bias(toDaylight.after) - bias(toStandard.after),
    changes: { toDaylight: changeOf(zone, toDaylight), toStandard: changeOf(zone, toStandard) },
  }
}

const maxKept = 500
const rules = new Map<string, ZoneRule>()
const keyNames = new Map<string, string>()

const ruleOf = (zone: CalendarZone, year: number): ZoneRule => {
  // A zone by its definition has a name that means nothing beyond its object.
  if (!zone.isKnown) return computeRule(zone, year)
  const key = `${zone.name} ${year}`
  const known = rules.get(key)
  if (known !== undefined) return known
  const rule = computeRule(zone, year)
  if (rules.size >= maxKept) rules.clear()
  rules.set(key, rule)
  return rule
}

const continentOf = (name: string): string => name.slice(0, name.indexOf('/'))

/** The name Windows has for a zone: its own, else that of one with the same rule, first of those on the same continent. */
const findKeyName = (zone: CalendarZone, year: number, rule: ZoneRule): string => {
  const own = windowsZoneNames.find(({ ianaName }) => ianaName === zone.name)
  if (own !== undefined) return own.windowsName
  const wanted = JSON.stringify(rule)
  const equals = windowsZoneNames.filter(({ ianaName }) => {
    const other = namedZone(ianaName)
    return other !== null && JSON.stringify(ruleOf(other, year)) === wanted
  })
  const near = equals.find(({ ianaName }) => continentOf(ianaName) === continentOf(zone.name))
  return (near ?? equals[0])?.windowsName ?? zone.name
}

/** Later rules are not told: the further ahead, the less they are worth. */
const maxYears = 30

/** The rules of a zone from a year to another, both included, in order. */
export const zonePeriodsOf = (zone: CalendarZone, firstYear: number, lastYear: number): ZonePeriod[] => {
  const periods: ZonePeriod[] = [{ year: firstYear, rule: ruleOf(zone, firstYear) }]
  for (let year = firstYear + 1; year <= Math.min(lastYear, firstYear + maxYears); year++) {
    const rule = ruleOf(zone, year)
    if (JSON.stringify(rule) !== JSON.stringify(periods.at(-1)!.rule)) periods.push({ year, rule })
  }
  return periods
}

export type WindowsZone = { readonly keyName: string; readonly rule: ZoneRule }

/** A zone as Windows tells it, by its rule in this year. */
export const windowsZoneOf = (zone: CalendarZone, year: number): WindowsZone => {
  const rule = ruleOf(zone, year)
  const key = `${zone.name} ${year} ${JSON.stringify(rule)}`
  let keyName = keyNames.get(key)
  if (keyName === undefined) {
    keyName = findKeyName(zone, year, rule)
    if (keyNames.size >= maxKept) keyNames.clear()
    keyNames.set(key, keyName)
  }
  return { keyName, rule }
}
