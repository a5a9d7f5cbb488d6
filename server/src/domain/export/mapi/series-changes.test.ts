import fc from 'fast-check'
import { expect, it } from 'vitest'
import { collect } from '../../../../testkit/collect.ts'
import { PidLidAppointmentRecur } from '../../../formats/mapi/properties-appointment.ts'
import { PidTagSubject } from '../../../formats/mapi/properties-message.ts'
import { checkRecurrence } from '../../../formats/pst-check/check-recurrence.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const hourMs = 3_600_000
const startMs = Date.UTC(2026, 2, 2, 9)
const compact = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d+Z$/g, '')

const rules = [
  'FREQ=DAILY',
  'FREQ=DAILY;COUNT=9',
  'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=6',
  'FREQ=WEEKLY;INTERVAL=2;UNTIL=20260601',
  'FREQ=MONTHLY;BYDAY=1MO;COUNT=4',
  'FREQ=MONTHLY;BYMONTHDAY=31',
  'FREQ=YEARLY',
]
/** Where an occurrence of the rule may lie, and where it may not. */
const slot = fc.oneof(
  fc.integer({ min: 0, max: 9 }).map((days) => startMs + days * 24 * hourMs),
  fc.constantFrom(startMs + 7 * 24 * hourMs, startMs + 14 * 24 * hourMs, Date.UTC(2026, 3, 6, 9), startMs + hourMs),
)
const change = fc.record({
  at: slot,
  to: slot,
  hours: fc.integer({ min: 0, max: 60 }),
  isDate: fc.boolean(),
  isInUtc: fc.boolean(),
  isCancelled: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
  sequence: fc.integer({ min: 0, max: 2 }),
})

it('every change of an occurrence is somewhere, and every pattern is sound', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...rules),
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
      fc.array(change, { maxLength: 6 }),
      fc.array(slot, { maxLength: 4 }),
      fc.array(slot, { maxLength: 2 }),
      async (rule, zone, changes, gone, added) => {
        const local = (ms: number): string => `;TZID=${zone}:${compact(ms)}`
        const event = (...lines: readonly string[]) => ['BEGIN:VEVENT', 'UID:1', ...lines, 'END:VEVENT']
        const text = [
          'BEGIN:VCALENDAR',
          'VERSION:2.0',
          ...event(
            'SUMMARY:series',
            `DTSTART${local(startMs)}`,
            'DURATION:PT1H',
            `RRULE:${rule}`,
            ...gone.map((at) => `EXDATE${local(at)}`),
            ...added.map((at) => `RDATE${local(at)}`),
          ),
          ...changes.flatMap(({ at, to, hours, isDate, isInUtc, isCancelled, sequence }, no) =>
            event(
              `SUMMARY:change ${no}.`,
              `SEQUENCE:${sequence}`,
              isDate ? `RECURRENCE-ID;VALUE=DATE:${compact(at).slice(0, 8)}` : `RECURRENCE-ID${local(at)}`,
              isInUtc ? `DTSTART:${compact(to)}Z` : `DTSTART${local(to)}`,
              `DURATION:PT${hours}H`,
              ...(isCancelled ? ['STATUS:CANCELLED'] : []),
            ),
          ),
          'END:VCALENDAR',
          '',
        ].join('\r\n')
        const projected = await collect(projectCalendar(rawItemOf(Buffer.from(text)), signal))
        const subjects = projected.flatMap(({ message }) => [
          message.properties.get(PidTagSubject),
          ...message.attachments.map(({ content }) =>
            content.kind === 'message' ? content.message.properties.get(PidTagSubject) : undefined,
          ),
        ])
        const standing = changes.flatMap(({ isCancelled }, no) => (isCancelled ? [] : [`change ${no}.`]))
        expect(subjects.filter((subject) => subject?.startsWith('change'))).toEqual(expect.arrayContaining(standing))
        // None of them twice.
        for (const subject of standing) expect(subjects.filter((other) => other === subject)).toHaveLength(1)
        const faults: string[] = []
        for (const { message } of projected) {
          const blob = message.properties.get(PidLidAppointmentRecur)
          if (blob !== undefined)
            checkRecurrence(
              blob,
              (fault) => faults.push(fault),
              () => {},
            )
        }
        expect(faults).toEqual([])
      },
    ),
    { numRuns: 150 },
  )
})
