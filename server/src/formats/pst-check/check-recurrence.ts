import { hex, u16, u32 } from './bytes.ts'

/** Says what is wrong with a blob of PidLidAppointmentRecur ([MS-OXOCAL] 2.2.1.44); `note` is for what readers bear. */
export const checkRecurrence = (
  bytes: Uint8Array,
  report: (text: string) => void,
  note: (text: string) => void,
): void => {
  let at = 0
  const has = (count: number): boolean => at + count <= bytes.length
  const word = (): number => {
    at += 2
    return at <= bytes.length ? u16(bytes, at - 2) : 0
  }
  const long = (): number => {
    at += 4
    return at <= bytes.length ? u32(bytes, at - 4) : 0
  }
  const expect = (what: string, value: number, wanted: number): void => {
    if (value !== wanted) report(`${what} is ${hex(value)} and must be ${hex(wanted)}`)
  }
  expect('its reader version', word(), 0x3004)
  expect('its writer version', word(), 0x3004)
  const frequency = word()
  if (frequency < 0x200a || frequency > 0x200d) report(`its frequency ${hex(frequency)} is none`)
  const pattern = word()
  expect('its calendar', word(), 0)
  const firstMoment = long()
  const period = long()
  if (period === 0) report('its period is 0')
  expect('its sliding mark', long(), 0)
  const allowed: Readonly<Record<number, readonly number[]>> = { 8202: [0, 1], 8203: [1], 8204: [2, 3], 8205: [2, 3] }
  if (!(allowed[frequency] ?? [pattern]).includes(pattern)) {
    report(`its pattern ${pattern} does not go with the frequency ${hex(frequency)}`)
    return
  }
  if (pattern === 1 || pattern === 3) {
    const days = long()
    if (days === 0 || days > 0x7f) report(`its mask of week days is ${hex(days)}`)
  }
  if (pattern === 2 || pattern === 3) {
    const number = long()
    const most = pattern === 2 ? 31 : 5
    if (number === 0 || number > most) report(`its day ${number} is not between 1 and ${most}`)
  }
  const end = long()
  if (end !== 0x2021 && end !== 0x2022 && end !== 0x2023) report(`its kind of end ${hex(end)} is none`)
  if (long() < 1) report('its number of occurrences is 0')
  const firstDay = long()
  if (firstDay > 6) report(`its first day of the week is ${firstDay}`)
  const dates = (name: string): readonly number[] | null => {
    const count = long()
    if (!has(4 * count)) {
      report(`it is said to have ${count} ${name} dates, and ends before`)
      return null
    }
    const list = Array.from({ length: count }, long)
    if (list.some((date, index) => index > 0 && date <= list[index - 1]!)) report(`its ${name} dates are not sorted`)
    return list
  }
  const deleted = dates('deleted')
  const modified = deleted && dates('modified')
  if (!deleted || !modified) return
  const start = long()
  const last = long()
  if (start % 1440 !== 0 || start > last) report('its first day is not a day, or after its last')
  if (end === 0x2023) expect('its last day', last, 0x5ae980df)
  const wantedFirst = firstOf(frequency, pattern, period, start, firstDay)
  if (wantedFirst !== null) expect('its first moment', firstMoment, wantedFirst)
  expect('its second reader version', long(), 0x3006)
  expect('its second writer version', long(), 0x3009)
  const [startOffset, endOffset] = [long(), long()]
  if (endOffset < startOffset) report('it ends before it starts')
  const count = word()
  expect('its number of changed occurrences', count, modified.length)
  const flags: number[] = []
  let lastStart = -1
  for (let number = 0; number < count && has(14); number++) {
    const newStart = long()
    const newEnd = long()
    const original = long()
    if (newStart < lastStart) report('its changed occurrences are not sorted')
    lastStart = newStart
    if (newEnd < newStart) report(`its changed occurrence ${number} ends before it starts`)
    if (!deleted.includes(original - (original % 1440)))
      report(`the day of its changed occurrence ${number} is not among its deleted dates`)
    if (modified[number] !== newStart - (newStart % 1440))
      report(`the new day of its changed occurrence ${number} is not among its modified dates`)
    const changed = word()
    flags.push(changed)
    if (changed > 0x3ff) report(`the flags ${hex(changed)} of its changed occurrence ${number} are unknown`)
    for (let flag = 1; flag <= 0x100; flag *= 2) {
      if ((changed & flag) === 0) continue
      if (flag !== 1 && flag !== 0x10) {
        long()
        continue
      }
      const withEnd = word()
      const length = word()
      if (withEnd !== length + 1)
        report(`the lengths ${withEnd} and ${length} of a text of its changed occurrence ${number} do not fit`)
      at += length
    }
  }
  expect('its first reserved size', long(), 0)
  for (const [number, changed] of flags.entries()) {
    const highlight = long()
    at += highlight
    at += long()
    if ((changed & 0x11) === 0) continue
    at += 12
    for (const flag of [1, 0x10]) if ((changed & flag) !== 0) at += 2 * word()
    at += long()
    if (at > bytes.length) {
      report(`it ends inside its changed occurrence ${number}`)
      return
    }
  }
  expect('its second reserved size', long(), 0)
  if (at > bytes.length) report(`it has ${bytes.length} bytes, and needs ${at}`)
  else if (at < bytes.length) note(`${bytes.length - at} bytes follow its end`)
}

const minutesOfDay = 1440
const from1601 = Date.UTC(1601, 0, 1)

/** What FirstDateTime must be; null where it says nothing that is checked here. */
const firstOf = (
  frequency: number,
  pattern: number,
  period: number,
  start: number,
  firstDay: number,
): number | null => {
  if (period === 0) return null
  if (frequency === 0x200a && pattern === 0) return start % period
  if (pattern === 1) {
    // 1601-01-01 was a Monday. "Every weekday" is a week's pattern with a period of one.
    const weekDay = (start / minutesOfDay + 1) % 7
    const week = start - ((weekDay - firstDay + 7) % 7) * minutesOfDay
    return frequency === 0x200a ? null : week % (period * 7 * minutesOfDay)
  }
  if (start > 0x7fffffff) return null
  const day = new Date(from1601 + start * 60_000)
  const months = ((day.getUTCFullYear() - 1601) * 12 + day.getUTCMonth()) % period
  return (Date.UTC(1601, months, 1) - from1601) / 60_000
}
