import fc from 'fast-check'
import ICAL from 'ical.js'
import { expect, it } from 'vitest'
import { decodeRecurrence, occurrencesOf } from '../../../../test/mapi/decode-recurrence.ts'
import { collect } from '../../../../testkit/collect.ts'
import { namedZone } from '../../../formats/ics/calendar-zone.ts'
import { PidLidAppointmentRecur, PidLidAppointmentStartWhole } from '../../../formats/mapi/properties-appointment.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const dayMs = 86_400_000
const zone = namedZone('Europe/Berlin')!
const compact = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+Z$/g, '')

/** Of another implementation, from the start on; it is right only where the start follows the rule. */
const reference = (rule: string, startMs: number, count: number): number[] => {
  const iterator = ICAL.Recur.fromString(rule).iterator(
    ICAL.Time.fromDateTimeString(new Date(startMs).toISOString().slice(0, 19)),
  )
  const found: number[] = []
  for (let at = iterator.next(); at && found.length < count; at = iterator.next())
    found.push(Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second))
  return found
}

const rules = [
  ['FREQ=DAILY;INTERVAL=3', '2026-03-20'],
  ['FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR', '2026-03-20'],
  ['FREQ=WEEKLY;BYDAY=FR,SU;WKST=SU', '2026-03-20'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU', '2026-03-22'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO', '2026-03-22'],
  ['FREQ=MONTHLY;BYDAY=-1SU', '2026-03-29'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-01-30'],
  ['FREQ=MONTHLY;BYDAY=FR;BYSETPOS=1,-1', '2026-03-06'],
  ['FREQ=MONTHLY;BYMONTHDAY=31', '2026-01-31'],
  ['FREQ=MONTHLY;BYMONTHDAY=-1', '2026-01-31'],
  ['FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR', '2026-02-13'],
  ['FREQ=YEARLY;BYMONTH=3,10', '2026-03-29'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2024-02-29'],
  ['FREQ=YEARLY;BYYEARDAY=60,200', '2026-03-01'],
] as const

it('a series and its single items are on the very dates that rule, RDATE and EXDATE say, or it is told that some are not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...rules),
      // Among them hours that the clock leaves out or has twice.
      fc.constantFrom(0, 2.5, 9, 23.5),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom('count', 'until a date', 'until an instant', 'until a local time'),
      fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 3 }),
      fc.array(fc.integer({ min: -5, max: 60 }), { maxLength: 3 }),
      async ([rule, day], hour, isDate, isInUtc, count, ending, left, added) => {
        const startMs = Date.parse(`${day}T00:00:00Z`) + (isDate ? 0 : hour * 3_600_000)
        const ruled = reference(rule, startMs, count)
        const last = ruled.at(-1)!
        const end = {
          count: `COUNT=${count}`,
          'until a date': `UNTIL=${compact(last).slice(0, 8)}`,
          'until an instant': isDate ? `UNTIL=${compact(last).slice(0, 8)}` : `UNTIL=${compact(zone.toUtcMs(last))}Z`,
          'until a local time': isDate ? `UNTIL=${compact(last).slice(0, 8)}` : `UNTIL=${compact(last)}`,
        }[ending]!
        const value = (ms: number): string =>
          isDate ? `;VALUE=DATE:${compact(ms).slice(0, 8)}` : `;TZID=Europe/Berlin:${compact(ms)}`
        const extra = added.map((days) => startMs + days * dayMs)
        const gone = left.flatMap((no) => ruled[no] ?? [])
        const text = [
          'BEGIN:VCALENDAR',
          'VERSION:2.0',
          'X-WR-TIMEZONE:Europe/Berlin',
          'BEGIN:VEVENT',
          'UID:1',
          `DTSTART${value(startMs)}`,
          `RRULE:${rule};${end}`,
          ...gone.map((at) => `EXDATE${isInUtc && !isDate ? `:${compact(zone.toUtcMs(at))}Z` : value(at)}`),
          ...extra.map((at) => `RDATE${value(at)}`),
          'END:VEVENT',
          'END:VCALENDAR',
          '',
        ].join('\r\n')
        const projected = await collect(projectCalendar(rawItemOf(Buffer.from(text)), signal))
        const codes = projected.flatMap(({ degraded }) => degraded.map(({ code }) => code))
        const found = projected.flatMap(({ message }) => {
          const blob = message.properties.get(PidLidAppointmentRecur)
          if (blob !== undefined) return occurrencesOf(decodeRecurrence(blob), 100).map((ms) => zone.toUtcMs(ms))
          return [message.properties.get(PidLidAppointmentStartWhole)!]
        })
        const expected = [...new Set([startMs, ...ruled, ...extra])].filter((ms) => !gone.includes(ms))
        const instants = expected.map((ms) => zone.toUtcMs(ms)).sort((one, other) => one - other)
        const isCut = codes.includes('series_cut_off')
        if (codes.includes('series_empty')) {
          expect(isCut ? [] : expected).toEqual([])
          return
        }
        expect(isCut ? instants.slice(0, found.length) : instants).toEqual(found.sort((one, other) => one - other))
      },
    ),
    { numRuns: 150 },
  )
})
