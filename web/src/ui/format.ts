/** A formatted amount with its unit apart, so that the unit can be set in a lighter tone. */
export type Amount = { readonly value: string; readonly unit: string }

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

const split = (format: Intl.NumberFormat, value: number): Amount => {
  const parts = format.formatToParts(value)
  const unit = parts.filter(({ type }) => type === 'unit')
  const rest = parts.filter(({ type }) => type !== 'unit' && type !== 'literal')
  return { value: rest.map(({ value }) => value).join(''), unit: unit.map(({ value }) => value).join('') }
}

/** Decimal units (1 MB = 1,000,000 bytes), as disks and browsers' download lists count. */
export const bytesAmount = (bytes: number, locale?: string): Amount => {
  const power = Math.min(byteUnits.length - 1, bytes < 1_000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1_000 ** power
  return split(
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: byteUnits[power]!,
      unitDisplay: power === 0 ? 'long' : 'short',
      maximumFractionDigits: power === 0 || value >= 100 ? 0 : 1,
    }),
    value,
  )
}

export const bytesText = (bytes: number, locale?: string): string => {
  const { value, unit } = bytesAmount(bytes, locale)
  return `${value}\u00a0${unit}`
}

export const countText = (count: number, locale?: string): string => new Intl.NumberFormat(locale).format(count)

/** The two largest units that matter: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export const durationText = (ms: number): string => {
  if (ms < 50) return 'under 0.1 s'
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

const sameDay = (one: Date, other: Date): boolean => one.toDateString() === other.toDateString()

/** `14:12` today, `Mon 14:12` within the last six days, `17 Nov` this year, `17 Nov 2025` before that. */
export const momentText = (at: Date, now: Date, locale?: string): string => {
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  if (sameDay(at, now)) return new Intl.DateTimeFormat(locale, clock).format(at)
  const ageDays = (now.getTime() - at.getTime()) / 86_400_000
  if (ageDays >= 0 && ageDays < 6) {
    const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' }).format(at)
    return `${weekday} ${new Intl.DateTimeFormat(locale, clock).format(at)}`
  }
  const sameYear = at.getFullYear() === now.getFullYear()
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
}

/** The whole instant with seconds and zone, for hover, focus and pages that are evidence. */
export const instantText = (at: Date, locale?: string): string =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at)

export const clockText = (at: Date, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(
    at,
  )

/** A moment of a log, where the second counts: `22 Nov 14:12:03`, with the year where it is another one. */
export const logMomentText = (at: Date, now: Date, locale?: string): string => {
  const day = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    ...(at.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
  }).format(at)
  return `${day} ${clockText(at, locale)}`
}

/** A day of a range, which is counted in UTC whatever the reader's zone is. */
export const utcDayText = (instant: string, locale?: string): string =>
  new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(instant),
  )

/** `backup@vault.example.org`, with the port where it is not the usual one. */
export const sshServerText = ({ username, host, port }: { username: string; host: string; port: number }): string =>
  `${username}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`

export const listText = (words: readonly string[], locale?: string): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(words)
