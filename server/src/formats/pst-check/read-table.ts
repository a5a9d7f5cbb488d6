import { hex, isAll, u16, u32 } from './bytes.ts'
import type { NumberSet } from './columns.ts'
import { BrokenStructure } from './findings.ts'
import { mostPayloadBytes } from './geometry.ts'
import { type Heap, heapKinds, openHeap } from './open-heap.ts'
import { openStream, type Stream } from './open-stream.ts'
import { openSubnodes, type Subnodes } from './open-subnodes.ts'
import {
  fixedBytes,
  inlineBytes,
  isKnownType,
  readValue,
  reportUnusedSubnodes,
  types,
  type Value,
} from './read-value.ts'
import type { Store } from './store.ts'
import { openBth, walkBth } from './walk-bth.ts'

export type Column = { readonly tag: number; readonly at: number; readonly sizeBytes: number; readonly bit: number }

export type Row = { readonly rowId: number; readonly cells: ReadonlyMap<number, Value>; readonly where: string }

export type Table = {
  readonly place: string
  readonly columns: readonly Column[]
  readonly rowCount: number
  /** Every row once, in the order of the matrix; then what is left over is reported. */
  eachRow(visit: (row: Row) => void | Promise<void>): Promise<void>
}

const rowIdTag = 0x67f20003
const rowVersionTag = 0x67f30003

export const tagName = (tag: number): string => `column 0x${tag.toString(16).toUpperCase().padStart(8, '0')}`

/** Bytes of a cell of each type: those of a variable size have a reference. */
const cellBytes = (type: number): number => {
  const size = inlineBytes[type] ?? fixedBytes[type] ?? 4
  return size > 8 ? 4 : size
}

type Layout = { readonly columns: readonly Column[]; readonly rowBytes: number; readonly bitmapAt: number }

const checkColumns = (store: Store, info: Uint8Array, place: string): Layout => {
  const { fault } = store.findings
  const count = info[1]!
  const [ends8, ends2, ends1, rowBytes] = [u16(info, 2), u16(info, 4), u16(info, 6), u16(info, 8)]
  if (ends8 > ends2 || ends2 > ends1 || ends1 > rowBytes)
    fault('L5', place, `the ends ${ends8}, ${ends2}, ${ends1}, ${rowBytes} of its groups of cells do not ascend`)
  if (rowBytes !== ends1 + Math.ceil(count / 8))
    fault(
      'L5',
      place,
      `its rows are said to have ${rowBytes} bytes, and ${count} columns after ${ends1} make ${ends1 + Math.ceil(count / 8)}`,
    )
  const columns = Array.from({ length: count }, (_, index) => {
    const at = 22 + 8 * index
    return { tag: u32(info, at), at: u16(info, at + 4), sizeBytes: info[at + 6]!, bit: info[at + 7]! }
  })
  const taken = new Uint8Array(rowBytes)
  const bits = new Set<number>()
  for (const [index, { tag, at, sizeBytes, bit }] of columns.entries()) {
    const where = `${place}, ${tagName(tag)}`
    const type = tag & 0xffff
    if (index > 0 && tag <= columns[index - 1]!.tag) fault('L5', where, 'it does not come after the column before it')
    if (!isKnownType(type)) fault('L5', where, `its type ${hex(type)} is not one of a PST file`)
    if (sizeBytes !== cellBytes(type))
      fault('L5', where, `its cells are said to have ${sizeBytes} bytes, not ${cellBytes(type)}`)
    const [from, to] = sizeBytes >= 4 ? [0, ends8] : sizeBytes === 2 ? [ends8, ends2] : [ends2, ends1]
    if (at < from || at + sizeBytes > to)
      fault('L5', where, `its cells at ${at} lie outside their group, ${from} to ${to}`)
    if (!isAll(taken.subarray(at, at + sizeBytes), 0)) fault('L5', where, 'its cells lie over those of another column')
    taken.fill(1, at, at + sizeBytes)
    if (bit >= count || bits.has(bit)) fault('L5', where, `bit ${bit} of a row is not its own`)
    bits.add(bit)
  }
  if (!isAll(taken.subarray(0, ends1), 1)) fault('L5', place, 'there are bytes in its rows that belong to no column')
  for (const [tag, at, bit] of [
    [rowIdTag, 0, 0],
    [rowVersionTag, 4, 1],
  ] as const) {
    const column = columns.find((one) => one.tag === tag)
    if (column === undefined) throw new BrokenStructure('L5', place, `it has no ${tagName(tag)}`)
    if (column.at !== at || column.bit !== bit)
      fault('L5', `${place}, ${tagName(tag)}`, `its cells must be at ${at} with bit ${bit}`)
  }
  return { columns, rowBytes, bitmapAt: ends1 }
}

/** Where the rows lie. */
type Matrix = { readonly rowCount: number; rowAt(number: number): Promise<Uint8Array> }

const openMatrix = async (
  store: Store,
  heap: Heap,
  subnodes: Subnodes,
  hnid: number,
  rowBytes: number,
  place: string,
): Promise<Matrix> => {
  const { fault } = store.findings
  if (hnid === 0) return { rowCount: 0, rowAt: async () => new Uint8Array(rowBytes) }
  const broken = (text: string) => new BrokenStructure('L5', place, text)
  if (rowBytes === 0) throw broken('its rows have no bytes')
  if ((hnid & 31) === 0) {
    const bytes = await heap.take(hnid)
    if (bytes.length % rowBytes !== 0) throw broken(`${bytes.length} bytes are no whole rows of ${rowBytes}`)
    return {
      rowCount: bytes.length / rowBytes,
      rowAt: async (number) => bytes.subarray(number * rowBytes, (number + 1) * rowBytes),
    }
  }
  const subnode = subnodes.get(hnid)
  if (subnode === undefined) throw new BrokenStructure('L2', place, `there is no subnode ${hex(hnid)} for its rows`)
  if (subnode.isUsed) fault('L2', place, `subnode ${hex(hnid)} is used twice`)
  subnode.isUsed = true
  if ((hnid & 31) !== 0x1f) fault('L5', place, `subnode ${hex(hnid)} of its rows is not of the type for long values`)
  if (subnode.subBid !== 0) fault('L5', place, `subnode ${hex(hnid)} holds its rows and has subnodes`)
  const stream: Stream = await openStream(store, subnode.dataBid, `${place}, rows`)
  const perBlock = Math.floor(mostPayloadBytes / rowBytes)
  const { leaves } = stream
  if (leaves.length === 0) throw broken('its rows are said to be in a subnode that is empty')
  const lastBytes = store.blocks.sizeOf(leaves.at(-1)!)
  // Where the last block is full to its end, it may be padded as the others are.
  const ofLast = lastBytes === mostPayloadBytes ? perBlock : lastBytes / rowBytes
  if (!Number.isInteger(ofLast)) throw broken(`${lastBytes} bytes in its last block are no whole rows of ${rowBytes}`)
  for (const leaf of leaves.subarray(0, -1)) {
    const payload = await store.readBlock(leaf)
    if (!isAll(payload.subarray(perBlock * rowBytes), 0))
      fault('L5', place, 'a block of its rows has bytes other than zero behind them')
  }
  return {
    rowCount: (leaves.length - 1) * perBlock + ofLast,
    rowAt: async (number) => {
      const payload = await store.readBlock(leaves[Math.floor(number / perBlock)]!)
      const at = (number % perBlock) * rowBytes
      return payload.subarray(at, at + rowBytes)
    },
  }
}

/** The row ids by place in the matrix, as the index of the table has them. */
const readIndex = async (
  store: Store,
  heap: Heap,
  hid: number,
  rowCount: number,
  place: string,
): Promise<Uint32Array> => {
  const { fault } = store.findings
  const rowIds = new Uint32Array(rowCount)
  const has = new Uint8Array(rowCount)
  let count = 0
  await walkBth(store, heap, await openBth(heap, hid, 4, 4), (record) => {
    const rowId = u32(record, 0)
    const ordinal = u32(record, 4)
    count++
    if (ordinal >= rowCount)
      return fault('L5', place, `its index has row ${hex(rowId)} at ${ordinal}, and there are ${rowCount} rows`)
    if (has[ordinal] !== 0) return fault('L5', place, `its index has two row ids for row ${ordinal}`)
    has[ordinal] = 1
    rowIds[ordinal] = rowId
  })
  if (count !== rowCount) fault('L5', place, `its index has ${count} rows, and its matrix ${rowCount}`)
  return rowIds
}

/** L5 and L6. `versions` are the row versions of the whole file. Throws when the node holds no table. */
export const openTable = async (
  store: Store,
  { dataBid, subBid }: { readonly dataBid: number; readonly subBid: number },
  place: string,
  versions: NumberSet,
): Promise<Table> => {
  const { findings, header } = store
  const { fault } = findings
  const heap = await openHeap(store, await openStream(store, dataBid, place), heapKinds.table, place)
  const subnodes = await openSubnodes(store, subBid, place)
  const info = await heap.take(heap.rootHid)
  if (info.length < 22 || info[0] !== 0x7c || info.length !== 22 + 8 * info[1]!)
    throw new BrokenStructure('L5', place, `item ${hex(heap.rootHid)} of its heap is no description of a table`)
  const { columns, rowBytes, bitmapAt } = checkColumns(store, info, place)
  if (u32(info, 18) !== 0) fault('L5', place, 'the field that nobody uses is not zero')
  const matrix = await openMatrix(store, heap, subnodes, u32(info, 14), rowBytes, place)
  const rowIds = await readIndex(store, heap, u32(info, 10), matrix.rowCount, place)
  const holder = { heap, subnodes, place }

  const checkVersion = (row: Uint8Array, where: string): void => {
    const version = u32(row, 4)
    if (version >= header.unique)
      fault('L6', where, `its row version ${version} is not below ${header.unique} of the header`)
    else if (!versions.add(version)) fault('L6', where, `its row version ${version} is that of another row too`)
  }
  const readRow = async (row: Uint8Array, ordinal: number): Promise<Row> => {
    const rowId = u32(row, 0)
    const where = `${place}, row ${hex(rowId)}`
    if (rowId !== rowIds[ordinal]) fault('L5', where, `its index has it as ${hex(rowIds[ordinal]!)}`)
    checkVersion(row, where)
    const cells = new Map<number, Value>()
    let bits = 0
    for (const { tag, at, sizeBytes, bit } of columns) {
      if ((row[bitmapAt + (bit >>> 3)]! & (0x80 >> (bit & 7))) === 0) continue
      bits++
      const type = tag & 0xffff
      const bytes = row.subarray(at, at + sizeBytes)
      if (type in inlineBytes || (type in fixedBytes && sizeBytes === 8)) {
        if (type === types.boolean && bytes[0]! > 1)
          fault('L5', `${where}, ${tagName(tag)}`, `it is ${bytes[0]}, and must be 0 or 1`)
        cells.set(tag, { type, sizeBytes, bytes, stream: null })
        continue
      }
      const value = await findings.during(() =>
        readValue(store, holder, 'L5', type, u32(row, at), `${where}, ${tagName(tag)}`),
      )
      if (value !== null) cells.set(tag, value)
    }
    let marked = 0
    for (const byte of row.subarray(bitmapAt)) for (let rest = byte; rest > 0; rest &= rest - 1) marked++
    if (marked !== bits) fault('L5', where, 'it has bits of cells that no column has')
    if (!cells.has(rowIdTag) || !cells.has(rowVersionTag))
      fault('L5', where, 'its id or its version is marked as absent')
    return { rowId, cells, where }
  }
  return {
    place,
    columns,
    rowCount: matrix.rowCount,
    eachRow: async (visit) => {
      for (let ordinal = 0; ordinal < matrix.rowCount; ordinal++) {
        store.signal.throwIfAborted()
        await visit(await readRow(await matrix.rowAt(ordinal), ordinal))
      }
      heap.finish()
      reportUnusedSubnodes(store, subnodes, place)
    },
  }
}
