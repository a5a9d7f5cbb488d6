import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import { type ContentLine, readText } from '../../../formats/ics/content-lines.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { readDuration, readZonedMoment, type ZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import { linesOf, textOf, wordOf } from './calendar-values.ts'
import type { Losses } from './losses.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
const maxMinutes = 2 ** 31 - 1
const maxNamed = 30

/** Milliseconds before the start at which an alarm goes off; null when it says nothing that can be read. */
const leadOf = (
  alarm: CalendarComponent,
  start: ZonedMoment,
  end: ZonedMoment,
  zones: CalendarZones,
): number | null => {
  const trigger = linesOf(alarm, 'TRIGGER')[0]
  if (trigger === undefined) return null
  const duration = readDuration(trigger.value)
  if (duration === null) {
    const moment = readZonedMoment(trigger.value, trigger.parameters.TZID, zones)
    return moment === null ? null : start.utcMs - moment.utcMs
  }
  const base = trigger.parameters.RELATED?.toUpperCase() === 'END' ? end : start
  return start.utcMs - base.utcMs - duration.days * dayMs - duration.ms
}

/** What an alarm says that is in the reminder, or is of no use to anybody but the client that wrote it. */
const expressed =
  /^(?:TRIGGER|ACTION|REPEAT|DURATION|UID|SUMMARY|ACKNOWLEDGED|X-WR-ALARMUID|X-MOZ-LASTACK|X-LIC-.*|X-EVOLUTION-.*|X-KDE-.*|X-APPLE-(?:LOCAL-)?DEFAULT-ALARM)$/
/** What clients write where nobody wrote anything. */
const usualTexts = /^(?:|reminder|alarm|event reminder|this is an event reminder|.*mozilla.*)$/i
/** A sound by its name alone is one that comes with the client. */
const usualSound = /^[\w .-]{0,40}$/

/** Tells what an alarm has beside its time: a text or a sound of its own, a place instead of a time (RFC 9074 §8). */
const tellAlarm = (alarm: CalendarComponent, component: CalendarComponent, losses: Losses): void => {
  const isKept = ({ name, value }: ContentLine): boolean => {
    if (expressed.test(name)) return true
    if (name === 'DESCRIPTION')
      return usualTexts.test(readText(value)) || readText(value) === textOf(component, 'SUMMARY')
    return name === 'ATTACH' && usualSound.test(value)
  }
  const lost = [...alarm.lines.filter((line) => !isKept(line)), ...alarm.components].map(({ name }) =>
    name.slice(0, 60),
  )
  if (lost.length > 0)
    losses.add(
      'properties_kept_in_original',
      [...new Set(lost)]
        .slice(0, maxNamed)
        .map((name) => `VALARM ${name}`)
        .join(', '),
    )
}

/**
 * The minutes before the start at which to remind; null for no reminder. MAPI has one for an item, and only before its start: of several alarms
 * (RFC 5545 §3.6.6) it is the first that can be expressed.
 */
export const readReminder = (
  component: CalendarComponent,
  start: ZonedMoment,
  end: ZonedMoment,
  zones: CalendarZones,
  losses: Losses,
): number | null => {
  const alarms = component.components.filter(
    // Action NONE is how a client marks that its default reminder was taken away.
    (alarm) => alarm.name === 'VALARM' && wordOf(alarm, 'ACTION') !== 'NONE',
  )
  const leads = alarms.map((alarm) => leadOf(alarm, start, end, zones))
  const at = leads.findIndex((lead) => lead !== null && lead >= 0 && lead / minuteMs <= maxMinutes)
  if (leads.some((lead) => lead === null || lead < 0)) losses.add('reminder_not_expressible')
  if (alarms.length > 1) losses.add('several_reminders', `${alarms.length}`)
  const alarm = alarms[at]
  if (alarm === undefined) return null
  if (!['DISPLAY', 'AUDIO', ''].includes(wordOf(alarm, 'ACTION'))) losses.add('reminder_action')
  if (linesOf(alarm, 'REPEAT').length > 0) losses.add('reminder_repeated')
  tellAlarm(alarm, component, losses)
  return Math.round(leads[at]! / minuteMs)
}
