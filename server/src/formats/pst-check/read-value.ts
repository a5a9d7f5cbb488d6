import { hex, u32 } from './bytes.ts'
import { BrokenStructure, type PstCheck } from './findings.ts'
import type { Heap } from './open-heap.ts'
import { openStream, readStream, type Stream } from './open-stream.ts'
import type { Subnodes } from './open-subnodes.ts'
import type { Store } from './store.ts'

/** The value of a property or of a cell. */
export type Value = {
  readonly type: number
  /** Logical size: what PidTagAttachSize counts. */
  readonly sizeBytes: number
  /** Null when it lies in a subnode. */
  readonly bytes: Uint8Array | null
  readonly stream: Stream | null
}

/** What holds values: a heap and the subnodes beside it. */
export type Holder = { readonly heap: Heap; readonly subnodes: Subnodes; readonly place: string }

/** Bytes of the types that lie in the record itself. */
export const inlineBytes: Readonly<Record<number, number>> = { 2: 2, 3: 4, 4: 4, 10: 4, 11: 1 }
/** Bytes of the types whose values are all of one size and too large for a record. */
export const fixedBytes: Readonly<Record<number, number>> = {
  5: 8,
  6: 8,
  7: 8,
  20: 8,
  64: 8,
  72: 16,
}
const partBytes: Readonly<Record<number, number>> = {
  4098: 2,
  4099: 4,
  4100: 4,
  4101: 8,
  4102: 8,
  4103: 8,
  4116: 8,
  4160: 8,
  4168: 16,
}
export const types = {
  int32: 0x0003,
  boolean: 0x000b,
  object: 0x000d,
  int64: 0x0014,
  string: 0x001f,
  strings: 0x101f,
  time: 0x0040,
  binary: 0x0102,
  binaries: 0x1102,
}

export const isKnownType = (type: number): boolean =>
  type in inlineBytes ||
  type in fixedBytes ||
  type in partBytes ||
  [types.object, types.string, types.binary, types.strings, types.binaries].includes(type)

/** The parts of a value of several strings or binaries; null when it does not hold together. */
export const splitParts = (bytes: Uint8Array): readonly Uint8Array[] | null => {
  if (bytes.length === 0) return []
  if (bytes.length < 4) return null
  const count = u32(bytes, 0)
  if (4 + 4 * count > bytes.length) return null
  const offsets = Array.from({ length: count }, (_, part) => u32(bytes, 4 + 4 * part))
  const parts: Uint8Array[] = []
  for (const [part, offset] of offsets.entries()) {
    const end = offsets[part + 1] ?? bytes.length
    if (offset < 4 + 4 * count || offset > end || end > bytes.length || (part === 0 && offset !== 4 + 4 * count))
      return null
    parts.push(bytes.subarray(offset, end))
  }
  return parts
}

const complaintOf = (type: number, bytes: Uint8Array): string | null => {
  const part = partBytes[type]
  if (part !== undefined)
    return bytes.length % part === 0 ? null : `${bytes.length} bytes are no whole values of ${part}`
  if (type === types.string) return bytes.length % 2 === 0 ? null : `${bytes.length} bytes are no whole characters`
  if (type !== types.strings && type !== types.binaries) return null
  const parts = splitParts(bytes)
  if (parts === null) return 'the places of its parts do not fit its bytes'
  return type === types.strings && parts.some(({ length }) => length % 2 !== 0) ? 'a part is no whole characters' : null
}

/** The value behind a reference into the heap (its low 5 bits are clear) or to a subnode. */
export const readValue = async (
  store: Store,
  holder: Holder,
  check: Extract<PstCheck, 'L4' | 'L5'>,
  type: number,
  hnid: number,
  where: string,
): Promise<Value> => {
  const { fault } = store.findings
  const fixed = type === types.object ? 8 : fixedBytes[type]
  if (hnid === 0) {
    if (fixed !== undefined) fault(check, where, `it has no value, and its type has ${fixed} bytes`)
    return { type, sizeBytes: 0, bytes: new Uint8Array(0), stream: null }
  }
  if ((hnid & 31) === 0) {
    const bytes = await holder.heap.take(hnid)
    if (fixed !== undefined && bytes.length !== fixed)
      fault(check, where, `it has ${bytes.length} bytes, and its type has ${fixed}`)
    if (bytes.length === 0) fault(check, where, 'it is empty, and refers to an item of the heap for that')
    const complaint = complaintOf(type, bytes)
    if (complaint !== null) fault(check, where, complaint)
    return { type, sizeBytes: bytes.length, bytes, stream: null }
  }
  if (fixed !== undefined)
    throw new BrokenStructure(check, where, `a value of ${fixed} bytes is said to be in subnode ${hex(hnid)}`)
  const subnode = holder.subnodes.get(hnid)
  if (subnode === undefined) throw new BrokenStructure('L2', where, `there is no subnode ${hex(hnid)}`)
  if (subnode.isUsed) fault('L2', where, `subnode ${hex(hnid)} is used twice`)
  subnode.isUsed = true
  if ((hnid & 31) !== 0x1f) fault(check, where, `subnode ${hex(hnid)} is not of the type for long values`)
  if (subnode.subBid !== 0) fault(check, where, `subnode ${hex(hnid)} holds a long value and has subnodes`)
  const stream = await openStream(store, subnode.dataBid, where)
  if (type === types.string && stream.sizeBytes % 2 !== 0)
    fault(check, where, `${stream.sizeBytes} bytes are no whole characters`)
  const part = partBytes[type]
  if (part !== undefined && stream.sizeBytes % part !== 0)
    fault(check, where, `${stream.sizeBytes} bytes are no whole values of ${part}`)
  if ((type === types.strings || type === types.binaries) && stream.sizeBytes < 2 ** 24) {
    const complaint = complaintOf(type, await readStream(store, stream))
    if (complaint !== null) fault(check, where, complaint)
  }
  return { type, sizeBytes: stream.sizeBytes, bytes: null, stream }
}

/** L2: what nobody used of the subnodes. */
export const reportUnusedSubnodes = (store: Store, subnodes: Subnodes, place: string): void => {
  for (const { nid, isUsed } of subnodes.values())
    if (!isUsed) store.findings.fault('L2', place, `its subnode ${hex(nid)} is used by nothing`)
}
