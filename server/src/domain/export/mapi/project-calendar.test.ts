import { describe, expect, it } from 'vitest'
import {
  PidLidAppointmentDuration,
  PidLidAppointmentEndWhole,
  PidLidAppointmentStartWhole,
  PidLidAppointmentSubType,
  PidLidReminderDelta,
  PidLidReminderSet,
} from '../../../formats/mapi/properties-appointment.ts'
import { PidTagMessageClass, PidTagSubject } from '../../../formats/mapi/properties-message.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectCalendar } from './project-calendar.ts'

const signal = new AbortController().signal
const calendarOf = (lines: readonly string[], zone?: string) =>
  projectCalendar(
    rawItemOf(Buffer.from(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', ...lines, 'END:VCALENDAR', ''].join('\r\n'))),
    signal,
    zone,
  )
const eventOf = async (lines: readonly string[], zone?: string) => {
  const projected = await calendarOf(['BEGIN:VEVENT', 'UID:1@example.org', ...lines, 'END:VEVENT'], zone)
  expect(projected).toHaveLength(1)
  return { ...projected[0]!, properties: projected[0]!.message.properties }
}

describe('single events', () => {
  it('makes an appointment of a plain event', async () => {
    const { properties, degraded } = await eventOf([
      'SUMMARY:Träffen\\, idag',
      'DTSTART;TZID=Europe/Vienna:20260701T100000',
      'DURATION:PT1H30M',
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      'TRIGGER:-PT10M',
      'END:VALARM',
    ])
    expect(properties.get(PidTagMessageClass)).toBe('IPM.Appointment')
    expect(properties.get(PidTagSubject)).toBe('Träffen, idag')
    expect(properties.get(PidLidAppointmentStartWhole)).toBe(Date.UTC(2026, 6, 1, 8))
    expect(properties.get(PidLidAppointmentEndWhole)).toBe(Date.UTC(2026, 6, 1, 9, 30))
    expect(properties.get(PidLidAppointmentDuration)).toBe(90)
    expect(properties.get(PidLidAppointmentSubType)).toBe(false)
    expect(properties.get(PidLidReminderSet)).toBe(true)
    expect(properties.get(PidLidReminderDelta)).toBe(10)
    expect(degraded).toEqual([])
  })

  it('lets a day begin and end at midnight of the zone', async () => {
    const { properties } = await eventOf(['DTSTART;VALUE=DATE:20260328', 'DTEND;VALUE=DATE:20260330'], 'Europe/Berlin')
    expect(properties.get(PidLidAppointmentStartWhole)).toBe(Date.UTC(2026, 2, 27, 23))
    expect(properties.get(PidLidAppointmentEndWhole)).toBe(Date.UTC(2026, 2, 29, 22))
    expect(properties.get(PidLidAppointmentDuration)).toBe(2 * 1440)
    expect(properties.get(PidLidAppointmentSubType)).toBe(true)
  })
})
