import { areEqual, hex, u16 } from './bytes.ts'
import { readStream } from './open-stream.ts'
import { type Properties, propertyName } from './read-properties.ts'
import type { Row, Table } from './read-table.ts'
import { types, type Value } from './read-value.ts'
import type { Store } from './store.ts'

/** Cells that only a row has: id, version, status, conversation id, and what belongs to the id map. */
const rowOnly = new Set([0x67f2, 0x67f3, 0x0e17, 0x3013, 0x0e30, 0x0e33, 0x0e34, 0x0e38])
/** Of those, what must not be in the object. */
const neverInObject = [0x0e17, 0x3013, 0x0e30, 0x0e33, 0x0e38]
/** These get an empty cell when they are empty in the object; others get none. */
const keepEmptyCell = new Set([0x0037, 0x0042, 0x0070])
/** Long lists of names may be cut in the row. */
const mayBeCut = new Set([0x0e02, 0x0e03, 0x0e04])
const leastCutBytes = 2 * 200
const mostCompared = 2 ** 24

const bytesOf = async (store: Store, value: Value): Promise<Uint8Array> =>
  value.bytes ?? readStream(store, value.stream!)

const areSame = async (store: Store, id: number, cell: Value, own: Value): Promise<boolean> => {
  if (cell.sizeBytes > mostCompared) return cell.sizeBytes === own.sizeBytes
  if (cell.sizeBytes !== own.sizeBytes) {
    if (
      !mayBeCut.has(id) ||
      cell.sizeBytes > own.sizeBytes ||
      cell.sizeBytes < leastCutBytes ||
      own.sizeBytes > mostCompared
    )
      return false
    // What is cut may end with an ellipsis instead of the last characters.
    const kept = (await bytesOf(store, cell)).subarray(0, leastCutBytes)
    return areEqual(kept, (await bytesOf(store, own)).subarray(0, leastCutBytes))
  }
  return areEqual(await bytesOf(store, cell), await bytesOf(store, own))
}

/** M4: for every column, the row has a cell if and only if the object has the property, and the two are equal. */
export const checkRow = async (
  store: Store,
  { columns }: Table,
  { cells, where }: Row,
  object: Properties,
): Promise<void> => {
  const { fault, during } = store.findings
  for (const { tag } of columns) {
    const id = tag >>> 16
    if (rowOnly.has(id)) continue
    const cell = cells.get(tag)
    const own = object.values.get(id)
    const name = `${where}, ${propertyName(id)}`
    if (own === undefined) {
      if (cell !== undefined) fault('M4', name, 'the row has it, and the object has not')
    } else if (own.type !== (tag & 0xffff))
      fault('M4', name, `its type is ${hex(own.type)} in the object and ${hex(tag & 0xffff)} in the row`)
    else if (cell === undefined) {
      if (own.type !== types.string || own.sizeBytes > 0 || keepEmptyCell.has(id))
        fault('M4', name, 'the object has it, and the row has not')
    } else if ((await during(() => areSame(store, id, cell, own))) === false)
      fault('M4', name, `the row says ${say(cell)}, and the object ${say(own)}`)
  }
  for (const id of neverInObject)
    if (object.values.has(id))
      fault('M4', `${object.place}, ${propertyName(id)}`, 'it belongs in the row alone, and the object has it')
}

/** Numbers as they are; of anything else only its length, for it may be somebody's mail. */
const say = ({ type, bytes, sizeBytes }: Value): string =>
  bytes !== null && (type === types.int32 || type === types.boolean)
    ? String(sizeBytes === 1 ? bytes[0] : (u16(bytes, 0) | (u16(bytes, 2) << 16)) >>> 0)
    : `other ${sizeBytes} bytes`
