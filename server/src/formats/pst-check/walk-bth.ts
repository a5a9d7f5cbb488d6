import { compareBytes, hex, u16, u32 } from './bytes.ts'
import { BrokenStructure } from './findings.ts'
import type { Heap } from './open-heap.ts'
import type { Store } from './store.ts'

export type Bth = {
  readonly rootHid: number
  readonly levels: number
  readonly keyBytes: number
  readonly recordBytes: number
}

const mostItemBytes = 3580

/** Keys of 2 and 4 bytes are numbers; longer ones are in the order of their bytes. */
const compareKeys = (a: Uint8Array, b: Uint8Array): number =>
  a.length === 2 ? u16(a, 0) - u16(b, 0) : a.length === 4 ? u32(a, 0) - u32(b, 0) : compareBytes(a, b)

/** L3: the header of a tree in a heap ([MS-PST] 2.3.2.1). */
export const openBth = async (heap: Heap, hid: number, keyBytes: number, dataBytes: number): Promise<Bth> => {
  const header = await heap.take(hid)
  const broken = (text: string) => new BrokenStructure('L3', heap.place, text)
  if (header.length !== 8 || header[0] !== 0xb5) throw broken(`item ${hex(hid)} of its heap is no header of a tree`)
  if (header[1] !== keyBytes || header[2] !== dataBytes)
    throw broken(
      `its tree has keys of ${header[1]} and data of ${header[2]} bytes, not of ${keyBytes} and ${dataBytes}`,
    )
  const bth = { rootHid: u32(header, 4), levels: header[3]!, keyBytes, recordBytes: keyBytes + dataBytes }
  if (bth.levels > 8) throw broken(`its tree is said to have ${bth.levels} levels of index`)
  if (bth.rootHid === 0 && bth.levels !== 0) throw broken('its tree is empty, and is said to have levels of index')
  return bth
}

/** L3: every record, in order. What `visit` gets is a part of the heap and valid as long as it is not kept. */
export const walkBth = async (
  store: Store,
  heap: Heap,
  bth: Bth,
  visit: (record: Uint8Array) => void | Promise<void>,
): Promise<void> => {
  const { keyBytes } = bth
  let last: Uint8Array | null = null
  const read = async (hid: number, level: number, key: Uint8Array | null): Promise<void> => {
    store.signal.throwIfAborted()
    const item = await heap.take(hid)
    const size = level === 0 ? bth.recordBytes : keyBytes + 4
    if (item.length === 0 || item.length % size !== 0 || item.length > mostItemBytes)
      throw new BrokenStructure(
        'L3',
        heap.place,
        `item ${hex(hid)} has ${item.length} bytes, and its tree records of ${size}`,
      )
    if (key !== null && compareKeys(item.subarray(0, keyBytes), key) !== 0)
      store.findings.fault('L3', heap.place, `item ${hex(hid)} does not begin with the key that the index says`)
    for (let at = 0; at < item.length; at += size) {
      const record = item.subarray(at, at + size)
      const ownKey = record.subarray(0, keyBytes)
      if (level > 0) {
        await read(u32(record, keyBytes), level - 1, ownKey)
        continue
      }
      if (last !== null && compareKeys(ownKey, last) <= 0)
        store.findings.fault(
          'L3',
          heap.place,
          `a key of its tree in item ${hex(hid)} does not come after the one before`,
        )
      last = ownKey
      const pending = visit(record)
      if (pending !== undefined) await pending
    }
  }
  if (bth.rootHid !== 0) await read(bth.rootHid, bth.levels, null)
}

/** The data of one key; null when the tree does not have it. */
export const findInBth = async (heap: Heap, bth: Bth, key: Uint8Array): Promise<Uint8Array | null> => {
  let hid = bth.rootHid
  if (hid === 0) return null
  for (let level = bth.levels; level >= 0; level--) {
    const item = await heap.peek(hid)
    const size = level === 0 ? bth.recordBytes : bth.keyBytes + 4
    let low = 0
    let high = Math.floor(item.length / size)
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareKeys(item.subarray(middle * size, middle * size + bth.keyBytes), key) <= 0) low = middle + 1
      else high = middle
    }
    if (low === 0) return null
    const record = item.subarray((low - 1) * size, low * size)
    if (level > 0) hid = u32(record, bth.keyBytes)
    else return compareKeys(record.subarray(0, bth.keyBytes), key) === 0 ? record.subarray(bth.keyBytes) : null
  }
  return null
}
