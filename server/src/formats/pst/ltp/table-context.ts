import { Buffer } from 'node:buffer'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { type Subnode, sumOfSizes, writeSubnodes } from '../ndb/subnode-tree.ts'
import { createHeap, heapClients } from './heap.ts'
import { createValueStore } from './large-values.ts'
import type { StoredObject } from './property-context.ts'
import { createRowMatrix } from './row-matrix.ts'
import { inlineValue, type StoredValue, type StoredValues, typeCodeOf, writeValue } from './stored-value.ts'
import { rowIdTag, rowVersionTag, type TableLayout } from './table-layout.ts'
import { createTreeOnHeap } from './tree-on-heap.ts'

/** Where Outlook keeps a matrix that is too large for the heap. */
const matrixNid = 0x3f
const infoHeaderBytes = 22
const columnBytes = 8

export type TableContext = {
  /**
   * Adds a row. Cells are taken by property id, where the type is that of the column.
   * @param rowId unique in the table: the NID of the object that the row is of
   */
  addRow(rowId: number, values: StoredValues, more?: StoredValues): void
  readonly rowCount: number
  readonly heapBlocks: number
  /** What finishing writes at most. */
  readonly heldBytes: number
  finish(): StoredObject
}

/** A table context ([MS-PST] §2.3.4) that is written while rows come in, in any order of their ids. */
export const createTableContext = (database: NodeDatabase, layout: TableLayout): TableContext => {
  const heap = createHeap(database, heapClients.table)
  // The header of the index is the first item, as in files of Outlook: pst-extractor looks for it nowhere else.
  const index = createTreeOnHeap(heap, 4, 4)
  const infoHid = heap.add(knownTableInfo(layout))
  const values = createValueStore(database, heap)
  const matrix = createRowMatrix(database, layout.rowBytes)
  const bitmapAt = layout.ends[2]
  let rowIds = new Uint32Array(4)

  const writeCell = (stored: StoredValue, at: number, cellBytes: number): void => {
    // Putting a value may write blocks, but leaves the matrix where it is.
    switch (cellBytes) {
      case 8:
        writeValue(stored, matrix.bytes, at)
        break
      case 2:
        matrix.bytes.writeInt16LE(inlineValue(stored), at)
        break
      case 1:
        matrix.bytes[at] = inlineValue(stored)
        break
      default:
        if (stored.type === 'int32') matrix.bytes.writeInt32LE(stored.value, at)
        else matrix.bytes.writeUInt32LE(values.put(stored), at)
    }
  }

  return {
    addRow: (rowId, first, more) => {
      if (matrix.count === rowIds.length) {
        const longer = new Uint32Array(rowIds.length * 2)
        longer.set(rowIds)
        rowIds = longer
      }
      rowIds[matrix.count] = rowId
      matrix.next()
      const { at } = matrix
      for (const { tag, id, typeCode, offset, cellBytes, bit } of layout.columns) {
        if (tag === rowIdTag) matrix.bytes.writeUInt32LE(rowId, at + offset)
        else if (tag === rowVersionTag) matrix.bytes.writeUInt32LE(database.nextRowVersion(), at + offset)
        else {
          const stored = more?.get(id) ?? first.get(id)
          if (stored === undefined || typeCodeOf(stored) !== typeCode) continue
          writeCell(stored, at + offset, cellBytes)
        }
        matrix.bytes[at + bitmapAt + (bit >>> 3)]! |= 0x80 >>> (bit & 7)
      }
    },
    get rowCount() {
      return matrix.count
    },
    get heapBlocks() {
      return heap.blockCount
    },
    get heldBytes() {
      return heap.heldBytes + matrix.heldBytes + matrix.count * 9 + values.subnodes.length * 24
    },
    finish: () => {
      const count = matrix.count
      addIndex(index, rowIds.subarray(0, count))
      const indexHid = index.finish()
      const subnodes: Subnode[] = values.subnodes
      const rows = matrix.finish()
      let rowsHnid = 0
      if ('bid' in rows) {
        rowsHnid = matrixNid
        subnodes.push({ nid: matrixNid, bidData: rows.bid, bidSub: 0, sizeBytes: rows.sizeBytes })
      } else if (count > 0) rowsHnid = heap.add(rows.small)
      const places = Buffer.alloc(8)
      places.writeUInt32LE(indexHid, 0)
      places.writeUInt32LE(rowsHnid, 4)
      heap.patch(infoHid, places, 10)
      const data = heap.finish(infoHid)
      return {
        bidData: data.bid,
        bidSub: writeSubnodes(database, subnodes),
        sizeBytes: data.sizeBytes + sumOfSizes(subnodes),
      }
    },
  }
}

/** Layouts are few, and each message has a table of recipients. */
const tableInfos = new WeakMap<TableLayout, Buffer>()
const knownTableInfo = (layout: TableLayout): Buffer => {
  const known = tableInfos.get(layout) ?? tableInfo(layout)
  tableInfos.set(layout, known)
  return known
}

/** The TCINFO ([MS-PST] §2.3.4.1); where index and rows lie is filled in at the end. */
const tableInfo = ({ columns, ends }: TableLayout): Buffer => {
  const bytes = Buffer.alloc(infoHeaderBytes + columns.length * columnBytes)
  bytes[0] = heapClients.table
  bytes[1] = columns.length
  ends.forEach((end, index) => void bytes.writeUInt16LE(end, 2 + index * 2))
  columns.forEach(({ tag, offset, cellBytes, bit }, index) => {
    const at = infoHeaderBytes + index * columnBytes
    bytes.writeUInt32LE(tag, at)
    bytes.writeUInt16LE(offset, at + 4)
    bytes[at + 6] = cellBytes
    bytes[at + 7] = bit
  })
  return bytes
}

/** The row index: from row id to position, in the order of the ids. */
const addIndex = (index: { add(record: Uint8Array): void }, rowIds: Uint32Array): void => {
  const record = Buffer.alloc(8)
  const add = (rowId: number, position: number): void => {
    record.writeUInt32LE(rowId, 0)
    record.writeUInt32LE(position, 4)
    index.add(record)
  }
  if (rowIds.every((rowId, position) => position === 0 || rowIds[position - 1]! < rowId)) {
    rowIds.forEach(add)
    return
  }
  for (const [position, rowId] of [...rowIds.entries()].sort((one, other) => one[1] - other[1])) add(rowId, position)
}
