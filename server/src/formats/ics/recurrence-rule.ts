/** A weekday with the ordinal before it, 0 for none. 0 is Sunday. */
export type OrdinalDay = { readonly ordinal: number; readonly weekday: number }

export type Frequency = 'SECONDLY' | 'MINUTELY' | 'HOURLY' | 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'

/** RECUR (RFC 5545 §3.3.10). Lists are empty where the part is absent. */
export type RecurrenceRule = {
  readonly frequency: Frequency
  readonly interval: number
  readonly count: number | null
  /** As it stands: a DATE or DATE-TIME. */
  readonly until: string | null
  readonly weekStart: number
  readonly byDay: readonly OrdinalDay[]
  readonly byMonthDay: readonly number[]
  readonly byYearDay: readonly number[]
  readonly byWeekNo: readonly number[]
  readonly byMonth: readonly number[]
  readonly bySetPos: readonly number[]
  readonly byHour: readonly number[]
  readonly byMinute: readonly number[]
  readonly bySecond: readonly number[]
}

export const weekdays: readonly string[] = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const frequencies: ReadonlySet<string> = new Set([
  'SECONDLY',
  'MINUTELY',
  'HOURLY',
  'DAILY',
  'WEEKLY',
  'MONTHLY',
  'YEARLY',
])
const known: ReadonlySet<string> = new Set([
  'FREQ',
  'INTERVAL',
  'COUNT',
  'UNTIL',
  'WKST',
  'BYDAY',
  'BYMONTHDAY',
  'BYYEARDAY',
  'BYWEEKNO',
  'BYMONTH',
  'BYSETPOS',
  'BYHOUR',
  'BYMINUTE',
  'BYSECOND',
])
const maxListed = 400
/** No rule of any sense is longer. */
const maxLength = 10_000

/** Null where it is no rule by which one could count: unknown parts (RFC 7529 has some), numbers out of range. */
export const readRecurrenceRule = (value: string): RecurrenceRule | null => {
  if (value.length > maxLength) return null
  const parts = new Map<string, string>()
  for (const part of value.trim().toUpperCase().split(';')) {
    if (part === '') continue
    const [name, text, ...more] = part.split('=')
    if (name === undefined || text === undefined || more.length > 0 || !known.has(name.trim())) return null
    parts.set(name.trim(), text.trim())
  }
  let isSound = true
  const fail = <T>(instead: T): T => {
    isSound = false
    return instead
  }
  const numbers = (name: string, low: number, high: number): number[] => {
    const text = parts.get(name)
    if (text === undefined) return []
    const listed = text.split(',').map(Number)
    const isFit = listed.every((no) => Number.isInteger(no) && Math.abs(no) >= low && Math.abs(no) <= high)
    return isFit && listed.length <= maxListed && !/(?:^|,)(?:,|$)/.test(text) ? listed : fail([])
  }
  const positive = (name: string): number | null => {
    const text = parts.get(name)
    if (text === undefined) return null
    return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : fail(null)
  }
  const days = (parts.get('BYDAY') ?? '').split(',').filter((day) => day !== '')
  const rule: RecurrenceRule = {
    frequency: parts.get('FREQ') as Frequency,
    interval: positive('INTERVAL') ?? 1,
    count: positive('COUNT'),
    until: parts.get('UNTIL') ?? null,
    weekStart: parts.has('WKST') ? weekdays.indexOf(parts.get('WKST')!) : 1,
    byDay: days.slice(0, maxListed).map((day) => {
      const match = /^([+-]?\d{1,2})?(SU|MO|TU|WE|TH|FR|SA)$/.exec(day)
      return match === null
        ? fail({ ordinal: 0, weekday: 0 })
        : { ordinal: Number(match[1] ?? 0), weekday: weekdays.indexOf(match[2]!) }
    }),
    byMonthDay: numbers('BYMONTHDAY', 1, 31),
    byYearDay: numbers('BYYEARDAY', 1, 366),
    byWeekNo: numbers('BYWEEKNO', 1, 53),
    byMonth: numbers('BYMONTH', 1, 12),
    bySetPos: numbers('BYSETPOS', 1, 366),
    byHour: numbers('BYHOUR', 0, 23),
    byMinute: numbers('BYMINUTE', 0, 59),
    bySecond: numbers('BYSECOND', 0, 60),
  }
  return isSound && frequencies.has(rule.frequency) && rule.weekStart >= 0 ? rule : null
}
