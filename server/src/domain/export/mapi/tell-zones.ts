import type { CalendarZones } from '../../../formats/ics/calendar-zone.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import { readZonedMoment } from '../../../formats/ics/zoned-moment.ts'
import { linesOf } from './calendar-values.ts'
import type { Losses } from './losses.ts'

const halfYearMs = 182 * 86_400_000

/** Tells where the times of these properties are not what the object itself says of them. */
export const tellZones = (
  component: CalendarComponent,
  names: readonly string[],
  zones: CalendarZones,
  losses: Losses,
): void => {
  const isSeries = linesOf(component, 'RRULE').length > 0
  for (const line of names.flatMap((name) => linesOf(component, name).slice(0, 1))) {
    const { TZID } = line.parameters
    const moment = readZonedMoment(line.value, TZID, zones)
    if (moment === null || moment.isDate) continue
    if (moment.isFloating) losses.add('floating_time')
    if (moment.isZoneUnknown) losses.add('zone_unknown')
    // Of a series the other half of the year counts as well: most zones that differ do so in summer.
    const instants = isSeries ? [moment.utcMs, moment.utcMs + halfYearMs] : [moment.utcMs]
    if (TZID !== undefined && !moment.isZoneUnknown && zones.isDefinedOtherwise(TZID, instants))
      losses.add('zone_defined_otherwise')
  }
}
