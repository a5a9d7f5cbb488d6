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

/**
 * PidLidAppointmentTimeZoneDefinition{StartDisplay,EndDisplay,Recur} ([MS-OXOCAL] §2.2.1.41) with one rule. `keyName` is the name Windows has
 * for the zone; `year` is the first the rule holds for; the effective rule of a series is the one its occurrences were made with.
 */
export const encodeTimeZoneDefinition = (
  keyName: string,
  rule: ZoneRule,
  { year, isOfSeries }: { readonly year: number; readonly isOfSeries: boolean },
): Uint8Array => {
  const name = keyName.slice(0, maxKeyNameLength)
  const writer = createLittleEndianWriter()
    .u8(2)
    .u8(1)
    .u16(6 + 2 * name.length)
    .u16(2)
    .u16(name.length)
    .utf16(name)
    .u16(1)
    .u8(2)
    .u8(1)
    .u16(62)
    .u16(isOfSeries ? 3 : 2)
    .u16(year)
    .bytes(new Uint8Array(14))
  writeBiases(writer, rule)
  writeChange(writer, rule.changes?.toStandard)
  return writeChange(writer, rule.changes?.toDaylight).finish()
}
