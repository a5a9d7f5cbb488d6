import fc from 'fast-check'
import ICAL from 'ical.js'
import { describe, expect, it } from 'vitest'
import { countDays, decodeTaskRecurrence, occurrencesOf, toMs } from '../../../../test/mapi/decode-recurrence.ts'
import { collect } from '../../../../testkit/collect.ts'
import { PidLidReminderSignalTime } from '../../../formats/mapi/properties-appointment.ts'
import { PidTagAttachLongFilename } from '../../../formats/mapi/properties-attachment.ts'
import { PidTagIconIndex, PidTagSearchKey, PidTagSubject } from '../../../formats/mapi/properties-message.ts'
import * as t from '../../../formats/mapi/properties-task.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const dayMs = 86_400_000

const tasksOf = async (...tasks: readonly (readonly string[])[]) => {
  const lines = tasks.flatMap((task) => ['BEGIN:VTODO', 'UID:task', ...task, 'END:VTODO'])
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n')
  const projected = await collect(projectCalendar(rawItemOf(Buffer.from(text)), signal))
  return {
    codes: projected.flatMap(({ degraded }) => degraded.map(({ code }) => code)),
    tasks: projected.map(({ message }) => {
      const { properties, attachments } = message
      const blob = properties.get(t.PidLidTaskRecurrence)
      const day = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString().slice(0, 10))
      return {
        properties,
        start: day(properties.get(t.PidLidTaskStartDate)),
        due: day(properties.get(t.PidLidTaskDueDate)),
        isComplete: properties.get(t.PidLidTaskComplete),
        recurrence: blob === undefined ? null : decodeTaskRecurrence(blob),
        files: attachments.map((file) => file.properties.get(PidTagAttachLongFilename)),
      }
    }),
  }
}

const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const daysOf = (task: Awaited<ReturnType<typeof tasksOf>>['tasks'][number] | undefined, count: number): string[] =>
  occurrencesOf(task!.recurrence!, count).map(iso)

describe('recurring tasks', () => {
  it('is one task with the pattern of its due dates', async () => {
    const { tasks, codes } = await tasksOf([
      'SUMMARY:Water the plants',
      'DTSTART;VALUE=DATE:20260706',
      'DUE;VALUE=DATE:20260707',
      'RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=5',
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      'TRIGGER:-PT6H',
      'END:VALARM',
    ])
    expect([tasks.length, codes]).toEqual([1, []])
    const [task] = tasks
    expect([task!.start, task!.due, task!.isComplete]).toEqual(['2026-07-06', '2026-07-07', false])
    expect(daysOf(task, 9)).toEqual(['2026-07-07', '2026-07-10', '2026-07-14', '2026-07-17', '2026-07-21'])
    expect(task!.recurrence).toMatchObject({ endType: 0x2022, occurrenceCount: 5, deleted: [], modified: [] })
    const { properties } = task!
    expect(properties.get(t.PidLidTaskFRecurring)).toBe(true)
    expect(properties.get(t.PidLidTaskDeadOccurrence)).toBe(false)
    expect(properties.get(t.PidLidTaskState)).toBe(1)
    expect(properties.get(t.PidLidTaskFFixOffline)).toBe(true)
    expect(properties.get(PidTagIconIndex)).toBe(0x501)
    expect(properties.get(PidLidReminderSignalTime)).toBe(Date.UTC(2026, 6, 5, 18))
  })

  it('repeats the due date of a task without a start', async () => {
    const { tasks, codes } = await tasksOf(['DUE;TZID=Europe/Vienna:20260131T090000', 'RRULE:FREQ=DAILY;INTERVAL=3'])
    expect(codes).toEqual(['task_times'])
    expect([tasks[0]!.start, tasks[0]!.due]).toEqual([null, '2026-01-31'])
    expect(daysOf(tasks[0], 3)).toEqual(['2026-01-31', '2026-02-03', '2026-02-06'])
    expect(tasks[0]!.recurrence!.endType).toBe(0x2023)
  })

  it('goes on behind what is done, which is a task of its own', async () => {
    const { tasks, codes } = await tasksOf(
      ['SUMMARY:Open', 'DTSTART;VALUE=DATE:20260706', 'RRULE:FREQ=DAILY;COUNT=5', 'EXDATE;VALUE=DATE:20260707'],
      [
        'SUMMARY:Done',
        'DTSTART;VALUE=DATE:20260706',
        'RECURRENCE-ID;VALUE=DATE:20260706',
        'COMPLETED:20260706T080000Z',
      ],
    )
    expect(codes).toEqual([])
    expect(tasks.map(({ start, isComplete }) => [start, isComplete])).toEqual([
      ['2026-07-08', false],
      ['2026-07-06', true],
    ])
    expect(daysOf(tasks[0], 9)).toEqual(['2026-07-08', '2026-07-09', '2026-07-10'])
    expect(tasks[0]!.recurrence!.occurrenceCount).toBe(3)
    expect(tasks[1]!.recurrence).toBe(null)
    expect(tasks[1]!.properties.get(PidTagSubject)).toBe('Done')
    const keys = tasks.map(({ properties }) => Buffer.from(properties.get(PidTagSearchKey)!).toString('hex'))
    expect(new Set(keys).size).toBe(2)
  })

  it('tells of dates that a series of tasks cannot leave out', async () => {
    const { tasks, codes } = await tasksOf(
      ['DTSTART;VALUE=DATE:20260706', 'RRULE:FREQ=DAILY', 'EXDATE;VALUE=DATE:20260709'],
      ['DTSTART;VALUE=DATE:20260720', 'RECURRENCE-ID;VALUE=DATE:20260711'],
    )
    expect(codes).toEqual(['task_exceptions'])
    expect(tasks.map(({ start, files }) => [start, files])).toEqual([
      ['2026-07-06', ['original.ics']],
      ['2026-07-20', []],
    ])
    expect(tasks[0]!.recurrence).toMatchObject({ deleted: [], modified: [] })
  })

  it('has nothing left to make of the last occurrence, nor of a series that is done', async () => {
    const last = await tasksOf(['DUE;VALUE=DATE:20260706', 'RRULE:FREQ=DAILY;COUNT=2', 'EXDATE;VALUE=DATE:20260706'])
    expect(last.tasks[0]!.due).toBe('2026-07-07')
    expect(last.tasks[0]!.properties.get(t.PidLidTaskDeadOccurrence)).toBe(true)
    const done = await tasksOf(['DUE;VALUE=DATE:20260706', 'RRULE:FREQ=DAILY', 'STATUS:COMPLETED'])
    expect(done.tasks[0]!.isComplete).toBe(true)
    expect(done.tasks[0]!.properties.get(t.PidLidTaskDeadOccurrence)).toBe(true)
  })

  it('is no series where every occurrence is done', async () => {
    const { tasks, codes } = await tasksOf(
      ['DUE;VALUE=DATE:20260706', 'RRULE:FREQ=DAILY;COUNT=1'],
      ['DUE;VALUE=DATE:20260706', 'RECURRENCE-ID;VALUE=DATE:20260706', 'STATUS:COMPLETED'],
    )
    expect(codes).toEqual([])
    expect(tasks.map(({ isComplete, recurrence }) => [isComplete, recurrence])).toEqual([[true, null]])
  })

  it.each([
    ['on two days of a month', ['DTSTART;VALUE=DATE:20260701', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=1,15;COUNT=4'], 4],
    [
      'due days after its nth weekday',
      ['DTSTART;VALUE=DATE:20260707', 'DUE;VALUE=DATE:20260709', 'RRULE:FREQ=MONTHLY;BYDAY=1TU;COUNT=3'],
      3,
    ],
    ['due beyond the days each month has', ['DTSTART:20260725T080000Z', 'DURATION:P5D', 'RRULE:FREQ=MONTHLY'], 13],
    ['due years later', ['DTSTART:20260725T080000Z', 'DURATION:P999999W', 'RRULE:FREQ=DAILY;COUNT=3'], 3],
    ['twice a day', ['DTSTART:20260725T080000Z', 'RRULE:FREQ=HOURLY;INTERVAL=12'], 50],
  ])('is single tasks where there is no pattern: %s', async (_, lines, count) => {
    const { tasks, codes } = await tasksOf(lines)
    expect(codes).toContain('series_as_single')
    expect(tasks).toHaveLength(count)
    expect(tasks.every(({ recurrence }) => recurrence === null)).toBe(true)
    expect(tasks[0]!.files).toEqual(['original.ics'])
  })

  it('is there once without any date', async () => {
    const { tasks, codes } = await tasksOf(['SUMMARY:Some day', 'RRULE:FREQ=DAILY'])
    expect([codes, tasks.length, tasks[0]!.files]).toEqual([['task_recurrence'], 1, ['original.ics']])
    expect(tasks[0]!.properties.get(t.PidLidTaskFRecurring)).toBe(false)
  })

  it('keeps changed occurrences whose series is elsewhere', async () => {
    const { tasks } = await tasksOf(['DUE;VALUE=DATE:20260706', 'RECURRENCE-ID;VALUE=DATE:20260705'])
    expect(tasks.map(({ due }) => due)).toEqual(['2026-07-06'])
  })

  it('has the due dates of another reading of the rule, for all rules', async () => {
    const rule = fc.oneof(
      fc.integer({ min: 1, max: 9 }).map((every) => `FREQ=DAILY;INTERVAL=${every}`),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.subarray(weekdays, { minLength: 1 }), fc.constantFrom(...weekdays))
        .map(([every, days, first]) => `FREQ=WEEKLY;INTERVAL=${every};BYDAY=${days.join(',')};WKST=${first}`),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }))
        .map(([every, day]) => `FREQ=MONTHLY;INTERVAL=${every};BYMONTHDAY=${day}`),
    )
    await fc.assert(
      fc.asyncProperty(
        rule,
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 1, max: 30 }),
        async (text, startDay, days, count) => {
          const from = ICAL.Time.fromDateString(iso(Date.UTC(2020, 0, 1) + startDay * dayMs))
          const iterator = ICAL.Recur.fromString(`${text};COUNT=${count}`).iterator(from)
          const starts: number[] = []
          for (let at = iterator.next(); at; at = iterator.next()) starts.push(Date.UTC(at.year, at.month - 1, at.day))
          // A start that does not follow its rule is a task of its own.
          const first = starts[0]!
          const compact = (ms: number) => iso(ms).replaceAll('-', '')
          const { tasks, codes } = await tasksOf([
            `DTSTART;VALUE=DATE:${compact(first)}`,
            `DUE;VALUE=DATE:${compact(first + days * dayMs)}`,
            `RRULE:${text};COUNT=${starts.length}`,
          ])
          expect(codes).toEqual([])
          const { recurrence } = tasks[0]!
          expect(toMs(recurrence!.startDate)).toBe(first + days * dayMs)
          expect(countDays(recurrence!)).toBe(starts.length)
          expect(occurrencesOf(recurrence!, 99)).toEqual(starts.map((at) => at + days * dayMs))
        },
      ),
      { numRuns: 300 },
    )
  })
})
