import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { inZone, later, momentAt, momentOf } from '../../../formats/ics/zoned-moment.ts'
import type { MapiMessage, Projected } from '../../../formats/mapi/message.ts'
import { PidLidFExceptionalAttendees } from '../../../formats/mapi/properties-appointment.ts'
import { minutesSince1601 } from '../../../formats/mapi/recurrence-blob.ts'
import { appointmentProperties } from './appointment-properties.ts'
import { boundTexts } from './bound-texts.ts'
import { calendarAttachments } from './calendar-attachments.ts'
import { linesOf } from './calendar-values.ts'
import { exceptionAttachment, recurrenceException } from './exception-attachment.ts'
import type { KeepOriginal } from './keep-original.ts'
import { createLosses, type Losses } from './losses.ts'
import { createItem } from './mapi-item.ts'
import { dayOf, expand } from './occurrences.ts'
import { type EventFacts, readEvent } from './read-event.ts'
import { setRecurrence } from './recurrence-properties.ts'
import { type Override, overrideOf, type PatternPlan, planSeries } from './series-plan.ts'
import { seriesZone } from './series-zone.ts'
import { tellUnexpressed } from './unexpressed.ts'

const expressed: ReadonlySet<string> = new Set([
  'UID',
  'SUMMARY',
  'LOCATION',
  'DESCRIPTION',
  'X-ALT-DESC',
  'STYLED-DESCRIPTION',
  'DTSTART',
  'DTEND',
  'DURATION',
  'RRULE',
  'RDATE',
  'EXDATE',
  'RECURRENCE-ID',
  'CLASS',
  'PRIORITY',
  'TRANSP',
  'STATUS',
  'SEQUENCE',
  'CATEGORIES',
  'ORGANIZER',
  'ATTENDEE',
  'ATTACH',
  'URL',
  'CONFERENCE',
  'CREATED',
  'LAST-MODIFIED',
  'X-MICROSOFT-CDO-BUSYSTATUS',
  'X-MICROSOFT-CDO-INTENDEDSTATUS',
  'X-MICROSOFT-CDO-ALLDAYEVENT',
  'X-MICROSOFT-CDO-IMPORTANCE',
])

/** Exceptions of one series; each is a message of its own. */
const maxExceptions = 1_000

export type CalendarContext = {
  readonly zones: CalendarZones
  /** Whose calendar it is, as the archive calls them; empty where nobody knows. */
  readonly userName: string
  readonly signal: AbortSignal
  /** Attaches the object as a file, for what cannot be expressed. */
  readonly keepOriginal: KeepOriginal
}

type Event = { readonly component: CalendarComponent; readonly facts: EventFacts }

/** The occurrence of a series at this local time, with all that the series says. */
const occurrenceAt = (facts: EventFacts, localMs: number): EventFacts => {
  const start = momentAt(facts.start.zone, localMs, facts.start.isDate)
  const end = facts.start.isDate
    ? momentAt(start.zone, localMs + facts.end.localMs - facts.start.localMs, true)
    : inZone(later(start, facts.end.utcMs - facts.start.utcMs), facts.end.zone)
  return { ...facts, start, end }
}

/** The times of an override by the clock of the series. */
const byClockOf = (facts: EventFacts, series: EventFacts): EventFacts => ({
  ...facts,
  start: inZone(facts.start, series.start.zone),
  end: inZone(facts.end, series.start.zone),
})

const singleOf = ({ component, facts }: Event, at: number | null, losses: Losses): MapiMessage => {
  const occurrence = at === null ? undefined : momentAt(facts.start.zone, at, facts.start.isDate)
  const { properties, recipients } = appointmentProperties(facts, { isSeries: false, occurrence })
  return createItem(properties, recipients, calendarAttachments(component, losses))
}

/** Categories and sensitivity are those of the series for all its occurrences ([MS-OXOCAL] §2.2.10.2). */
const hasOwnMarks = (changed: EventFacts, series: EventFacts): boolean =>
  changed.sensitivity !== series.sensitivity || changed.categories.join('\n') !== series.categories.join('\n')

/** As many of a series without an end as the rules of its zone are told for. */
const lastingMs = 30 * 365.25 * 86_400_000
const maxLasting = 12_000

const lastingOccurrences = ({ rule, occurrences, hasEnd }: PatternPlan): readonly number[] => {
  if (hasEnd || rule.count !== null || rule.until !== null) return occurrences
  const [first] = occurrences
  return expand(rule, first!, null, { maxCount: maxLasting, lastMs: first! + lastingMs }).occurrences
}

const seriesOf = (
  master: Event,
  plan: PatternPlan,
  readOverride: (override: Override) => EventFacts,
  losses: Losses,
): MapiMessage => {
  const first = plan.occurrences[0]!
  const facts = occurrenceAt(master.facts, first)
  const { start } = facts
  const last = plan.hasEnd ? plan.occurrences.at(-1)! : null
  const lastYear = last === null ? Number.POSITIVE_INFINITY : new Date(last).getUTCFullYear()
  const zone = seriesZone(start.zone, plan.occurrences, lastYear, () => lastingOccurrences(plan))
  if (zone.shifted > 0) losses.add('zone_rule_differs', `${zone.shifted}`)
  const exceptions = plan.overridden.map(({ at, override }) => {
    const changed = byClockOf(readOverride(override), facts)
    const originalStart = momentAt(start.zone, at, start.isDate)
    const files = calendarAttachments(override.component, losses)
    const entry = recurrenceException(changed, facts, originalStart, files.length > 0)
    if (hasOwnMarks(changed, facts)) losses.add('occurrence_marks')
    const attachment = exceptionAttachment(changed, originalStart, files, entry.isBodyChanged === true)
    return { attachment, entry, hasPeople: changed.role.isMeeting }
  })
  const { properties, recipients } = appointmentProperties(facts, { isSeries: true, lastYear })
  setRecurrence(
    properties,
    {
      pattern: plan.pattern,
      start: minutesSince1601(first),
      durationMinutes: Math.round(
        (facts.isAllDay ? facts.end.localMs - start.localMs : facts.end.utcMs - start.utcMs) / 60_000,
      ),
      firstDayOfWeek: plan.rule.weekStart,
      end:
        last === null
          ? { kind: 'never' }
          : {
              kind: plan.rule.count === null ? 'until' : 'count',
              occurrences: plan.occurrences.length,
              lastDay: minutesSince1601(dayOf(last)),
            },
      deletedDays: plan.deleted.map((at) => minutesSince1601(dayOf(at))),
      exceptions: exceptions.map(({ entry }) => entry),
    },
    start,
    last,
    zone,
  )
  const hasPeople = exceptions.some((exception) => exception.hasPeople)
  // It is for the organizer alone ([MS-OXOCAL] §2.2.2.3).
  if (hasPeople && !facts.role.isReceived) properties.set(PidLidFExceptionalAttendees, true)
  const files = calendarAttachments(master.component, losses)
  return createItem(properties, recipients, [...files, ...exceptions.map(({ attachment }) => attachment)])
}

/** All that one event with a start makes: the series, then what stands alone of it. */
const projectMaster = (
  master: Event,
  overrides: readonly Override[],
  context: CalendarContext,
  losses: Losses,
): MapiMessage[] => {
  const { zones, signal } = context
  const { facts } = master
  const read = new Map<Override, EventFacts>()
  const readOverride = (override: Override): EventFacts => {
    let known = read.get(override)
    if (known === undefined) {
      known = readEvent(override.component, context, losses, override.at)
      read.set(override, known)
      tellUnexpressed(override.component, expressed, zones, losses)
    }
    return known
  }
  const isSeries = ['RRULE', 'RDATE'].some((name) => linesOf(master.component, name).length > 0)
  if (!isSeries && overrides.length === 0) return [singleOf(master, null, losses)]
  const moved = (override: Override) => byClockOf(readOverride(override), facts)
  const plan = planSeries(master.component, facts.start, overrides.slice(0, maxExceptions), moved, zones, losses)
  if (overrides.length > maxExceptions) losses.add('exceptions_cut_off', `${overrides.length - maxExceptions}`)
  const messages: MapiMessage[] = []
  if (plan.series !== null) messages.push(seriesOf(master, plan.series, readOverride, losses))
  for (const at of plan.singles) {
    signal.throwIfAborted()
    messages.push(singleOf({ ...master, facts: occurrenceAt(facts, at) }, at, losses))
  }
  for (const override of plan.loose) {
    signal.throwIfAborted()
    messages.push(
      singleOf({ component: override.component, facts: readOverride(override) }, override.at.localMs, losses),
    )
  }
  if (messages.length > 0) return messages
  losses.add('series_empty')
  return [singleOf(master, null, losses)]
}

/** Attaches the original to the first of these items where anything was lost; it tells of all of them. */
export const withLosses = (
  messages: readonly MapiMessage[],
  losses: Losses,
  { keepOriginal }: CalendarContext,
): Projected[] => {
  for (const message of messages) boundTexts(message, losses)
  return messages.map((message, no) =>
    no > 0
      ? { message, degraded: [] }
      : {
          message: losses.any
            ? createItem(message.properties, message.recipients, keepOriginal(message.attachments))
            : message,
          degraded: losses.list(),
        },
  )
}

/** The appointments of one UID: a single event, a series with its exceptions, or exceptions whose series is elsewhere. */
export const projectSeries = (components: readonly CalendarComponent[], context: CalendarContext): Projected[] => {
  const { zones } = context
  const losses = createLosses()
  const isOverride = (component: CalendarComponent): boolean => linesOf(component, 'RECURRENCE-ID').length > 0
  const masters = components.filter((component) => !isOverride(component))
  const overriding = components.filter(isOverride)
  if (overriding.some((component) => linesOf(component, 'RECURRENCE-ID')[0]!.parameters.RANGE !== undefined)) {
    losses.add('range_not_expressible')
  }
  const messages: MapiMessage[] = []
  for (const [no, component] of masters.entries()) {
    const master = { component, facts: readEvent(component, context, losses) }
    tellUnexpressed(component, expressed, zones, losses)
    const overrides = no > 0 ? [] : overriding.map((one) => overrideOf(one, master.facts.start, zones))
    messages.push(
      ...projectMaster(
        master,
        overrides.filter((one) => one !== null),
        context,
        losses,
      ),
    )
  }
  // One of an occurrence that cannot be told has nothing but itself.
  const isAlone = (component: CalendarComponent): boolean =>
    masters.length === 0 || momentOf(component.lines, 'RECURRENCE-ID', zones) === null
  for (const component of overriding.filter(isAlone)) {
    const facts = readEvent(component, context, losses)
    tellUnexpressed(component, expressed, zones, losses)
    messages.push(singleOf({ component, facts }, overrideOf(component, facts.start, zones)?.at.localMs ?? null, losses))
  }
  return withLosses(messages, losses, context)
}
