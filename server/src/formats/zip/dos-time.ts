/** 1980-01-01T00:00:00, the earliest moment the format knows, and what an entry without a time carries. */
const earliest = (1 << 21) | (1 << 16)
/** 2107-12-31T23:59:58. */
const latest = ((((127 << 9) | (12 << 5) | 31) << 16) | ((23 << 11) | (59 << 5) | 29)) >>> 0

/**
 * Date (high word) and time (low word) of an entry (APPNOTE 4.4.6), in UTC so that the same entry gives the same bytes
 * everywhere. Two seconds of resolution; what lies outside 1980 to 2107 becomes the nearest moment inside.
 */
export const toDosTime = (moment: Date | null): number => {
  if (moment === null || Number.isNaN(moment.getTime()) || moment.getUTCFullYear() < 1980) return earliest
  if (moment.getUTCFullYear() > 2107) return latest
  const date = ((moment.getUTCFullYear() - 1980) << 9) | ((moment.getUTCMonth() + 1) << 5) | moment.getUTCDate()
  const time = (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1)
  return ((date << 16) | time) >>> 0
}

/** The moment a DOS date and time mean, read as UTC; null when there is no such moment (month 0, 30 February). */
export const fromDosTime = (value: number): Date | null => {
  const date = value >>> 16
  const time = value & 0xffff
  const moment = new Date(
    Date.UTC(1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2),
  )
  return toDosTime(moment) === value ? moment : null
}
