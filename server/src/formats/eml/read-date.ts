const months = 'janfebmaraprmayjunjulaugsepoctnovdec'

/** Zones by name, in minutes east of UTC: those of RFC 5322 §4.3, and others that mail programs write. Unknown ones count as UTC. */
const zones: ReadonlyMap<string, number> = new Map(
  Object.entries({
    edt: -240,
    est: -300,
    cdt: -300,
    cst: -360,
    mdt: -360,
    mst: -420,
    pdt: -420,
    pst: -480,
    wet: 0,
    west: 60,
    bst: 60,
    cet: 60,
    met: 60,
    mez: 60,
    cest: 120,
    mest: 120,
    mesz: 120,
    eet: 120,
    eest: 180,
    msk: 180,
    ist: 330,
    jst: 540,
    kst: 540,
  }),
)

const standard =
  /^(?:[a-z]+\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{2,6})(?:[\s,]+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2})(?:[.,]\d+)?)?\s*([ap]m\b)?\s*(.*))?$/i
/** asctime and its American cousins: `Tue Jul  1 10:52:37 2003`, with a zone before or after the year. */
const monthFirst =
  /^(?:[a-z]+\.?,?\s+)??([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(?:(\d{4}),?\s+)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?\s*([ap]m\b)?\s*(.*)$/i
const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[t\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,]\d+)?)?\s*(.*))?$/i

/** Minutes east of UTC. */
const zoneMinutes = (text: string): number => {
  const numeric = /^(?:(?:gmt|utc?)\s*)?([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)/i.exec(text)
  if (numeric) {
    const hours = Number(numeric[2])
    const minutes = Number(numeric[3] ?? 0)
    // Nobody lives further from Greenwich; such a zone says nothing (RFC 5322 §4.3 asks for -0000 then).
    return hours > 15 || minutes > 59 ? 0 : (numeric[1] === '-' ? -1 : 1) * (hours * 60 + minutes)
  }
  const name = /^[a-z]+/i.exec(text)
  return name ? (zones.get(name[0].toLowerCase()) ?? 0) : 0
}

const wholeYear = (text: string): number => {
  const year = Number(text)
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year // RFC 5322 §4.3
  return text.length === 3 ? 1900 + year : year
}

const instant = (
  year: number,
  month: number,
  day: number,
  time: { hour: number; minute: number; second: number; half: string | undefined; zone: string },
): string | null => {
  const { minute, half, zone } = time
  const hour = half === undefined ? time.hour : (time.hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0)
  if (month < 0 || month > 11 || day < 1 || hour > 24 || minute > 59 || time.second > 61) return null
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month, day)
  if (midnight.getUTCMonth() !== month) return null // 31 February
  const ms = midnight.getTime() + ((hour * 60 + minute - zoneMinutes(zone)) * 60 + time.second) * 1000
  const text = Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? '' : new Date(ms).toISOString()
  return /^\d{4}-/.test(text) ? text : null // years beyond 9999 sort wrongly and mean nothing
}

const clock = (hour?: string, minute?: string, second?: string, half?: string, zone = '') => ({
  hour: Number(hour ?? 0),
  minute: Number(minute ?? 0),
  second: Number(second ?? 0),
  half,
  zone,
})

const monthNo = (name: string): number => {
  const at = months.indexOf(name.toLowerCase())
  return at % 3 === 0 ? at / 3 : -1
}

/**
 * A Date field (RFC 5322 §3.3 and its obsolete forms in §4.3, asctime, ISO 8601) as ISO 8601 in UTC; null when it is no date.
 * Without a zone it is taken as UTC.
 */
export const readDate = (value: string): string | null => {
  let text = value.length > 200 ? value.slice(0, 200) : value
  if (text.includes('(')) text = text.replace(/\([^()]*\)?/g, ' ')
  text = text.trim()
  const usual = standard.exec(text)
  if (usual) {
    const [, day, month, year, hour, minute, second, half, zone] = usual
    return instant(wholeYear(year!), monthNo(month!), Number(day), clock(hour, minute, second, half, zone))
  }
  const american = monthFirst.exec(text)
  if (american) {
    const [, month, day, early, hour, minute, second, half, rest] = american
    const year = early ?? /\b\d{4}\b(?!.*\b\d{4}\b)/.exec(rest!.replace(/[+-]\d{4}/g, ' '))?.[0]
    if (year === undefined) return null
    const zone = rest!.replace(new RegExp(`(?<![+-])\\b${year}\\b`), ' ').trim()
    return instant(Number(year), monthNo(month!), Number(day), clock(hour, minute, second, half, zone))
  }
  const sorted = iso.exec(text)
  if (sorted) {
    const [, year, month, day, hour, minute, second, zone] = sorted
    return instant(Number(year), Number(month) - 1, Number(day), clock(hour, minute, second, undefined, zone))
  }
  return null
}
