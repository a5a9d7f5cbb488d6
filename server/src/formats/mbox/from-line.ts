const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * asctime(3) at the end of the line (RFC 4155, appendix A), and what else is written there: without seconds, with a zone before or
 * behind the year, with the comma of a Date field, with "remote from host" of UUCP behind it.
 */
const dated =
  /(?:^|\s)(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat),?\s+(?:([A-Z][a-z]{2})\s+(\d{1,2})|(\d{1,2})\s+([A-Z][a-z]{2})\s+(\d{4})),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s+([A-Z]{1,5}|[+-]\d{4}))?(?:\s+(\d{4}))?(?:\s+([A-Z]{1,5}|[+-]\d{4}))?(?:\s+remote from \S+)?\s*$/

export type FromLine = {
  /** What stands between "From " and the date; Mozilla writes a hyphen, and its date is that of its own writing. */
  readonly sender: string
  /** In ms since 1970; a moment without a zone is in UTC (RFC 4155, appendix A). Null when there is no date. */
  readonly receivedAtMs: number | null
}

const zoneMinutes = (zone: string | undefined): number => {
  const numeric = /^([+-])(\d{2})(\d{2})$/.exec(zone ?? '')
  return numeric ? (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3])) : 0
}

/** Takes a "From " line apart, without its line end; null when it does not begin as one. */
export const readFromLine = (line: string): FromLine | null => {
  if (!line.startsWith('From ')) return null
  const rest = line.slice(5)
  const match = dated.exec(rest)
  if (!match) return { sender: rest.trim(), receivedAtMs: null }
  const [, name, day, dayFirst, nameSecond, yearEarly, hour, minute, second, zone, year, zoneLast] = match
  const month = months.indexOf(name ?? nameSecond ?? '')
  const fullYear = Number(year ?? yearEarly)
  const date = Number(day ?? dayFirst)
  const sender = rest.slice(0, match.index).trim()
  const isDate = month >= 0 && fullYear >= 1900 && date >= 1 && Number(hour) < 24 && Number(minute) < 60
  const ms = Date.UTC(fullYear, month, date, Number(hour), Number(minute), Number(second ?? 0))
  // 31 February is none.
  if (!isDate || new Date(ms).getUTCMonth() !== month) return { sender, receivedAtMs: null }
  return { sender, receivedAtMs: ms - zoneMinutes(zone ?? zoneLast) * 60_000 }
}
