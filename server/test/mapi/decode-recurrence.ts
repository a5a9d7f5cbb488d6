/** Reads an AppointmentRecurrencePattern ([MS-OXOCAL] §2.2.1.44.5) for the tests. Shares nothing with what writes it. */
export type DecodedException = {
  readonly start: number
  readonly end: number
  readonly originalStart: number
  readonly flags: number
  readonly narrowSubject?: string
  readonly narrowLocation?: string
  readonly reminderDelta?: number
  readonly reminderSet?: number
  readonly busyStatus?: number
  readonly allDay?: number
  readonly subject?: string
  readonly location?: string
}

export type DecodedRecurrence = ReturnType<typeof decodeRecurrence>

const epochMs = Date.UTC(1601, 0, 1)
/** Minutes since 1601 as milliseconds since 1970. */
export const toMs = (minutes: number): number => epochMs + minutes * 60_000

const createReader = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  const u32 = () => {
    at += 4
    return view.getUint32(at - 4, true)
  }
  return {
    u16: () => {
      at += 2
      return view.getUint16(at - 2, true)
    },
    u32,
    text: (length: number, encoding: 'latin1' | 'utf16le') => {
      at += length
      return Buffer.from(bytes.subarray(at - length, at)).toString(encoding)
    },
    list: (count: number) => Array.from({ length: count }, u32),
    expectThat: (isSo: boolean, what: string) => {
      if (!isSo) throw new Error(`${what} at ${at}`)
    },
    isAtEnd: () => at === bytes.length,
  }
}

const readPattern = ({ u16, u32, list, expectThat }: ReturnType<typeof createReader>) => {
  expectThat(u16() === 0x3004 && u16() === 0x3004, 'versions')
  const frequency = u16()
  const patternType = u16()
  expectThat(u16() === 0, 'calendar')
  const firstDateTime = u32()
  const period = u32()
  expectThat(u32() === 0, 'sliding flag')
  const specific = list([0, 1, 1, 2][patternType]!)
  const endType = u32()
  const occurrenceCount = u32()
  const firstDayOfWeek = u32()
  const deleted = list(u32())
  const modified = list(u32())
  const startDate = u32()
  const endDate = u32()
  return {
    frequency,
    patternType,
    firstDateTime,
    period,
    specific,
    endType,
    occurrenceCount,
    firstDayOfWeek,
    deleted,
    modified,
    startDate,
    endDate,
  }
}

/** Reads the RecurrencePattern of a task, which ends with its dates; its occurrences are days. */
export const decodeTaskRecurrence = (bytes: Uint8Array): DecodedRecurrence => {
  const reader = createReader(bytes)
  const pattern = readPattern(reader)
  reader.expectThat(reader.isAtEnd(), 'end of a pattern')
  return { ...pattern, startOffset: 0, endOffset: 0, exceptions: [] }
}

export const decodeRecurrence = (bytes: Uint8Array) => {
  const reader = createReader(bytes)
  const { u16, u32, text, list, expectThat } = reader
  const pattern = readPattern(reader)
  expectThat(u32() === 0x3006 && u32() === 0x3009, 'second versions')
  const startOffset = u32()
  const endOffset = u32()
  const exceptionCount = u16()
  const narrow = () => {
    const length = u16()
    expectThat(u16() === length - 1, 'lengths of a text')
    return text(length - 1, 'latin1')
  }
  const exceptions: DecodedException[] = []
  for (let no = 0; no < exceptionCount; no++) {
    const [start, end, originalStart] = list(3) as [number, number, number]
    const flags = u16()
    exceptions.push({
      start,
      end,
      originalStart,
      flags,
      ...(flags & 1 ? { narrowSubject: narrow() } : {}),
      ...(flags & 2 ? { meetingType: u32() } : {}),
      ...(flags & 4 ? { reminderDelta: u32() } : {}),
      ...(flags & 8 ? { reminderSet: u32() } : {}),
      ...(flags & 0x10 ? { narrowLocation: narrow() } : {}),
      ...(flags & 0x20 ? { busyStatus: u32() } : {}),
      ...(flags & 0x40 ? { attachment: u32() } : {}),
      ...(flags & 0x80 ? { allDay: u32() } : {}),
    })
  }
  expectThat(u32() === 0, 'first reserved block')
  const extended = exceptions.map((exception) => {
    expectThat(u32() === 4 && u32() === 0 && u32() === 0, 'change highlight')
    if ((exception.flags & 0x11) === 0) return exception
    expectThat(
      u32() === exception.start && u32() === exception.end && u32() === exception.originalStart,
      'times once more',
    )
    const wide = () => text(u16() * 2, 'utf16le')
    const texts = {
      ...(exception.flags & 1 ? { subject: wide() } : {}),
      ...(exception.flags & 0x10 ? { location: wide() } : {}),
    }
    expectThat(u32() === 0, 'reserved block of an exception')
    return { ...exception, ...texts }
  })
  expectThat(u32() === 0 && reader.isAtEnd(), 'end')
  return {
    ...pattern,
    startOffset,
    endOffset,
    exceptions: extended,
  }
}

const dayMinutes = 1440

/** Whether the pattern has this day (midnight, minutes since 1601), as [MS-OXOCAL] §2.2.1.44.1 tells. */
const isOn = (recurrence: DecodedRecurrence, day: number): boolean => {
  const { patternType, period, firstDateTime, firstDayOfWeek, specific } = recurrence
  const date = new Date(toMs(day))
  const weekday = date.getUTCDay()
  if (patternType === 0) return day % period === firstDateTime
  if (patternType === 1) {
    const weekStart = day - ((weekday + 7 - firstDayOfWeek) % 7) * dayMinutes
    return weekStart % (period * 7 * dayMinutes) === firstDateTime && ((specific[0]! >> weekday) & 1) === 1
  }
  const months = (date.getUTCFullYear() - 1601) * 12 + date.getUTCMonth()
  const first = new Date(toMs(firstDateTime))
  if (months % period !== (first.getUTCFullYear() - 1601) * 12 + first.getUTCMonth()) return false
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  if (patternType === 2) return date.getUTCDate() === Math.min(specific[0]!, length)
  const [mask, nth] = specific as [number, number]
  const fitting: number[] = []
  for (let no = 1; no <= length; no++) {
    const other = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), no)).getUTCDay()
    if ((mask >> other) & 1) fitting.push(no)
  }
  return date.getUTCDate() === (nth === 5 ? fitting.at(-1) : fitting[nth - 1])
}

/** Local times (milliseconds as if they were UTC) of the first occurrences, exceptions at their new times. */
export const occurrencesOf = (recurrence: DecodedRecurrence, count: number): number[] => {
  const found: number[] = []
  const { startDate, endDate, startOffset, deleted, exceptions } = recurrence
  const taken = new Set(deleted)
  const last = Math.min(endDate, startDate + 400 * 366 * dayMinutes)
  for (let day = startDate; day <= last && found.length < count + exceptions.length; day += dayMinutes) {
    if (isOn(recurrence, day) && !taken.has(day)) found.push(toMs(day + startOffset))
  }
  return [...found, ...exceptions.map(({ start }) => toMs(start))].sort((one, other) => one - other).slice(0, count)
}

/** Days of the pattern from its start to its end, the deleted ones included. */
export const countDays = (recurrence: DecodedRecurrence): number => {
  let count = 0
  for (let day = recurrence.startDate; day <= recurrence.endDate; day += dayMinutes) {
    if (isOn(recurrence, day)) count++
  }
  return count
}
