import { createLittleEndianWriter, type LittleEndianWriter } from './little-endian.ts'

/** When a zone changes its offset: the `week`th (5: last) `dayOfWeek` (0: Sunday) of a month (1 to 12), by the clock that ends then. */
export type ZoneChange = {
  readonly month: number
  readonly dayOfWeek: number
  readonly week: number
  readonly hour: number
  readonly minute: number
}

/** The rule of a zone as Windows has it: UTC is local time plus bias. */
export type ZoneRule = {
  readonly biasMinutes: number
  /** Added to the bias in summer; -60 as a rule. */
  readonly daylightBiasMinutes: number
  /** Null where the offset stays. */
  readonly changes: { readonly toStandard: ZoneChange; readonly toDaylight: ZoneChange } | null
}

/** SYSTEMTIME ([MS-DTYP] §2.3.13) in its relative form; all zero for no change. */
const writeChange = (writer: LittleEndianWriter, change: ZoneChange | undefined): LittleEndianWriter =>
  writer
    .u16(0)
    .u16(change?.month ?? 0)
    .u16(change?.dayOfWeek ?? 0)
    .u16(change?.week ?? 0)
    .u16(change?.hour ?? 0)
    .u16(change?.minute ?? 0)
    .u16(0)
    .u16(0)

const writeBiases = (writer: LittleEndianWriter, { biasMinutes, daylightBiasMinutes, changes }: ZoneRule) =>
  writer
    .i32(biasMinutes)
    .i32(0)
    .i32(changes === null ? 0 : daylightBiasMinutes)

/** PidLidTimeZoneStruct ([MS-OXOCAL] §2.2.1.39), 48 bytes. */
export const encodeTimeZoneStruct = (rule: ZoneRule): Uint8Array => {
  const writer = writeBiases(createLittleEndianWriter(), rule)
  writeChange(writer.u16(0), rule.changes?.toStandard)
  return writeChange(writer.u16(0), rule.changes?.toDaylight).finish()
}

const maxKeyNameLength = 260

/** The rule of a zone from January 1 of this year until the next period begins. */
export type ZonePeriod = { readonly year: number; readonly rule: ZoneRule }

const flagEffective = 2
const flagOfSeries = 1

/**
 * PidLidAppointmentTimeZoneDefinition{StartDisplay,EndDisplay,Recur} ([MS-OXOCAL] §2.2.1.41) with a TZRule for each period, in order. `keyName` is
 * the name Windows has for the zone; `effective` is the one of the periods by which times are counted, the only one that is flagged; those of
 * a series are flagged with both.
 */
export const encodeTimeZoneDefinition = (
  keyName: string,
  periods: readonly ZonePeriod[],
  { effective, isOfSeries }: { readonly effective: ZonePeriod; readonly isOfSeries: boolean },
): Uint8Array => {
  const name = keyName.slice(0, maxKeyNameLength)
  const writer = createLittleEndianWriter()
    .u8(2)
    .u8(1)
    .u16(6 + 2 * name.length)
    .u16(2)
    .u16(name.length)
    .utf16(name)
    .u16(periods.length)
  for (const period of periods) {
    const { year, rule } = period
    const flags = flagEffective | (isOfSeries ? flagOfSeries : 0)
    writer
      .u8(2)
      .u8(1)
      .u16(62)
      .u16(period === effective ? flags : 0)
      .u16(year)
      .bytes(new Uint8Array(14))
    writeBiases(writer, rule)
    writeChange(writer, rule.changes?.toStandard)
    writeChange(writer, rule.changes?.toDaylight)
  }
  return writer.finish()
}
