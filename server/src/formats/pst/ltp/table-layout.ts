/** Row id and row version: each table has them, in this order at the begin of each row ([MS-PST] §2.3.4.1). */
export const rowIdTag = 0x67f20003
export const rowVersionTag = 0x67f30003

export type Column = {
  /** Property id and type. */
  readonly tag: number
  readonly id: number
  readonly typeCode: number
  /** Where its cell lies in a row. */
  readonly offset: number
  readonly cellBytes: number
  /** Its bit in the cell existence bitmap. */
  readonly bit: number
}

export type TableLayout = {
  /** Ascending by tag. */
  readonly columns: readonly Column[]
  /** Ends of the 4 and 8-byte cells, the 2-byte cells, the 1-byte cells and the row. */
  readonly ends: readonly [number, number, number, number]
  readonly rowBytes: number
}

const eightBytes = new Set([0x0005, 0x0006, 0x0007, 0x0014, 0x0040])
const cellBytesOf = (typeCode: number): number =>
  typeCode === 0x000b ? 1 : typeCode === 0x0002 ? 2 : eightBytes.has(typeCode) ? 8 : 4

/** Places the columns so that wide cells come first, as SCANPST asks for ("TCI_1b"). */
export const tableLayout = (tags: readonly number[]): TableLayout => {
  const others = [...new Set(tags)].filter((tag) => tag !== rowIdTag && tag !== rowVersionTag).sort((a, b) => a - b)
  const ordered = [rowIdTag, rowVersionTag, ...others].map((tag, bit) => ({
    tag,
    id: tag >>> 16,
    typeCode: tag & 0xffff,
    cellBytes: cellBytesOf(tag & 0xffff),
    bit,
  }))
  let offset = 0
  const place = (widths: readonly number[]): Column[] =>
    ordered
      .filter(({ cellBytes }) => widths.includes(cellBytes))
      .map((column) => {
        const placed = { ...column, offset }
        offset += column.cellBytes
        return placed
      })
  const wide = place([4, 8])
  const wideEnd = offset
  const medium = place([2])
  const mediumEnd = offset
  const narrow = place([1])
  const narrowEnd = offset
  const rowBytes = narrowEnd + Math.ceil(ordered.length / 8)
  return {
    columns: [...wide, ...medium, ...narrow].sort((one, other) => one.tag - other.tag),
    ends: [wideEnd, mediumEnd, narrowEnd, rowBytes],
    rowBytes,
  }
}
