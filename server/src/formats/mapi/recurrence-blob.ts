import { createLittleEndianWriter, type LittleEndianWriter } from './little-endian.ts'

/** All local moments are minutes since 1601-01-01 00:00 in the zone of the series. */
type LocalMinutes = number

/** What repeats. A day mask has Sunday as 1, Monday as 2, … Saturday as 64. */
export type RecurrencePattern =
  | { readonly kind: 'daily'; readonly everyDays: number }
  | { readonly kind: 'weekly'; readonly everyWeeks: number; readonly dayMask: number }
  /** A `day` a month does not have is its last. */
  | { readonly kind: 'monthDay'; readonly unit: 'month' | 'year'; readonly every: number; readonly day: number }
  /** `nth` is 1 to 4, or 5 for the last of the days in the mask. */
  | {
      readonly kind: 'monthNth'
      readonly unit: 'month' | 'year'
      readonly every: number
      readonly dayMask: number
      readonly nth: number
    }

/** A changed occurrence ([MS-OXOCAL] §2.2.1.44.2). What is absent is as in the series. */
export type RecurrenceException = {
  readonly start: LocalMinutes
  readonly end: LocalMinutes
  readonly originalStart: LocalMinutes
  readonly subject?: string
  readonly location?: string
  readonly reminderDeltaMinutes?: number
  readonly isReminderSet?: boolean
  readonly busyStatus?: number
  readonly isAllDay?: boolean
  readonly hasAttachment?: boolean
  /** The body of the embedded message differs. */
  readonly isBodyChanged?: boolean
  /** PidLidAppointmentStateFlags, where they differ. */
  readonly stateFlags?: number
}

/** When something repeats, without what is special on single days. */
export type RecurrenceCourse = {
  readonly pattern: RecurrencePattern
  /** Of the first occurrence. */
  readonly start: LocalMinutes
  /** 0 is Sunday. */
  readonly firstDayOfWeek: number
  readonly end:
    | { readonly kind: 'never' }
    /** `lastDay` is the midnight before the last occurrence. */
    | { readonly kind: 'until' | 'count'; readonly occurrences: number; readonly lastDay: LocalMinutes }
}

export type Recurrence = RecurrenceCourse & {
  readonly durationMinutes: number
  /** Days (midnights) on which the pattern has an occurrence that is taken away, without the changed ones. */
  readonly deletedDays: readonly LocalMinutes[]
  readonly exceptions: readonly RecurrenceException[]
}

const dayMinutes = 1440
const weekMinutes = 7 * dayMinutes
const epochMs = Date.UTC(1601, 0, 1)

/** Minutes since 1601 of a local time, given as if it were UTC. */
export const minutesSince1601 = (localMs: number): number => Math.floor((localMs - epochMs) / 60_000)

const dayOf = (minutes: LocalMinutes): LocalMinutes => minutes - (minutes % dayMinutes)

const neverEnds = 0x5ae980df

const frequencies = { daily: 0x200a, weekly: 0x200b, month: 0x200c, year: 0x200d } as const
const patternTypes = { daily: 0, weekly: 1, monthDay: 2, monthNth: 3 } as const
const endTypes = { until: 0x2021, count: 0x2022, never: 0x2023 } as const

/** The period and the offset by which a reader finds the periods that count ([MS-OXOCAL] §2.2.1.44.1). */
const periodOf = ({ pattern, start, firstDayOfWeek }: RecurrenceCourse): { period: number; first: number } => {
  if (pattern.kind === 'daily') {
    const period = pattern.everyDays * dayMinutes
    return { period, first: dayOf(start) % period }
  }
  if (pattern.kind === 'weekly') {
    // 1601-01-01 was a Monday.
    const weekday = (Math.floor(start / dayMinutes) + 1) % 7
    const weekStart = dayOf(start) - ((weekday - firstDayOfWeek + 7) % 7) * dayMinutes
    return { period: pattern.everyWeeks, first: weekStart % (pattern.everyWeeks * weekMinutes) }
  }
  const period = pattern.every * (pattern.unit === 'year' ? 12 : 1)
  const date = new Date(epochMs + start * 60_000)
  const months = (date.getUTCFullYear() - 1601) * 12 + date.getUTCMonth()
  return { period, first: minutesSince1601(Date.UTC(1601, months % period, 1)) }
}

const flagged = {
  subject: 0x0001,
  meetingType: 0x0002,
  reminderDelta: 0x0004,
  reminder: 0x0008,
  location: 0x0010,
  busyStatus: 0x0020,
  attachment: 0x0040,
  subType: 0x0080,
  body: 0x0200,
} as const

const flagsOf = (exception: RecurrenceException): number =>
  (exception.subject === undefined ? 0 : flagged.subject) |
  (exception.stateFlags === undefined ? 0 : flagged.meetingType) |
  (exception.reminderDeltaMinutes === undefined ? 0 : flagged.reminderDelta) |
  (exception.isReminderSet === undefined ? 0 : flagged.reminder) |
  (exception.location === undefined ? 0 : flagged.location) |
  (exception.busyStatus === undefined ? 0 : flagged.busyStatus) |
  (exception.hasAttachment === undefined ? 0 : flagged.attachment) |
  (exception.isAllDay === undefined ? 0 : flagged.subType) |
  (exception.isBodyChanged === true ? flagged.body : 0)

/** The 8-bit copy of a text: whoever knows the extended part reads that instead, so what Latin-1 lacks is a question mark. */
const narrow = (text: string): Uint8Array =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of Latin-1 begins at zero
  Buffer.from(text.replace(/[^\x00-\xff]/g, '?'), 'latin1')

const writeNarrow = (writer: LittleEndianWriter, text: string): void => {
  const bytes = narrow(text)
  writer
    .u16(bytes.length + 1)
    .u16(bytes.length)
    .bytes(bytes)
}

const writeException = (writer: LittleEndianWriter, exception: RecurrenceException): void => {
  writer.u32(exception.start).u32(exception.end).u32(exception.originalStart).u16(flagsOf(exception))
  if (exception.subject !== undefined) writeNarrow(writer, exception.subject)
  if (exception.stateFlags !== undefined) writer.u32(exception.stateFlags)
  if (exception.reminderDeltaMinutes !== undefined) writer.i32(exception.reminderDeltaMinutes)
  if (exception.isReminderSet !== undefined) writer.u32(exception.isReminderSet ? 1 : 0)
  if (exception.location !== undefined) writeNarrow(writer, exception.location)
  if (exception.busyStatus !== undefined) writer.u32(exception.busyStatus)
  if (exception.hasAttachment !== undefined) writer.u32(exception.hasAttachment ? 1 : 0)
  if (exception.isAllDay !== undefined) writer.u32(exception.isAllDay ? 1 : 0)
}

/** [MS-OXOCAL] §2.2.1.44.4: the texts once more, in UTF-16. */
const writeExtendedException = (writer: LittleEndianWriter, exception: RecurrenceException): void => {
  writer.u32(4).u32(0).u32(0)
  if (exception.subject === undefined && exception.location === undefined) return
  writer.u32(exception.start).u32(exception.end).u32(exception.originalStart)
  for (const text of [exception.subject, exception.location]) {
    if (text !== undefined) writer.u16(text.length).utf16(text)
  }
  writer.u32(0)
}

/** The texts of an exception have a length of 16 bits, and an end mark is counted. */
export const maxExceptionTextLength = 0xfffe

/** A RecurrencePattern ([MS-OXOCAL] §2.2.1.44.1). `deleted` are the days without their occurrence, `changed` those on which changed ones begin. */
const writePattern = (
  writer: LittleEndianWriter,
  course: RecurrenceCourse,
  deleted: readonly LocalMinutes[],
  changed: readonly LocalMinutes[],
): LittleEndianWriter => {
  const { pattern, start, end } = course
  const { period, first } = periodOf(course)
  writer
    .u16(0x3004)
    .u16(0x3004)
    .u16(pattern.kind === 'daily' || pattern.kind === 'weekly' ? frequencies[pattern.kind] : frequencies[pattern.unit])
    .u16(patternTypes[pattern.kind])
    .u16(0)
    .u32(first)
    .u32(period)
    .u32(0)
  if (pattern.kind === 'weekly') writer.u32(pattern.dayMask)
  if (pattern.kind === 'monthDay') writer.u32(pattern.day)
  if (pattern.kind === 'monthNth') writer.u32(pattern.dayMask).u32(pattern.nth)
  writer
    .u32(endTypes[end.kind])
    .u32(end.kind === 'never' ? 10 : end.occurrences)
    .u32(course.firstDayOfWeek)
  for (const days of [deleted, changed]) {
    writer.u32(days.length)
    for (const day of days.toSorted((one, other) => one - other)) writer.u32(day)
  }
  return writer.u32(dayOf(start)).u32(end.kind === 'never' ? neverEnds : end.lastDay)
}

/** PidLidTaskRecurrence ([MS-OXOTASK] §2.2.2.2.15): the pattern alone, which of a task has neither deleted nor changed occurrences. */
export const encodeTaskRecurrence = (course: RecurrenceCourse): Uint8Array =>
  writePattern(createLittleEndianWriter(), course, [], []).finish()

/**
 * PidLidAppointmentRecur: an AppointmentRecurrencePattern ([MS-OXOCAL] §2.2.1.44.5). The days of `deletedDays` and the original days of the
 * exceptions must be occurrences of the pattern, and no two exceptions may fall on one day.
 */
export const encodeRecurrence = (recurrence: Recurrence): Uint8Array => {
  const exceptions = recurrence.exceptions.toSorted((one, other) => one.start - other.start)
  const deleted = [...recurrence.deletedDays, ...exceptions.map(({ originalStart }) => dayOf(originalStart))]
  const changed = exceptions.map(({ start }) => dayOf(start))
  const startOffset = recurrence.start % dayMinutes
  const writer = writePattern(createLittleEndianWriter(), recurrence, deleted, changed)
    .u32(0x3006)
    .u32(0x3009)
    .u32(startOffset)
    .u32(startOffset + recurrence.durationMinutes)
    .u16(exceptions.length)
  for (const exception of exceptions) writeException(writer, exception)
  writer.u32(0)
  for (const exception of exceptions) writeExtendedException(writer, exception)
  return writer.u32(0).finish()
}
