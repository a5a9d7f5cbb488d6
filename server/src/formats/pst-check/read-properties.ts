import { hex, isAll, textOf, u16, u32 } from './bytes.ts'
import { heapKinds, openHeap } from './open-heap.ts'
import { openStream, readStream } from './open-stream.ts'
import { openSubnodes, type Subnodes } from './open-subnodes.ts'
import { inlineBytes, isKnownType, readValue, types, type Value } from './read-value.ts'
import type { Store } from './store.ts'
import { openBth, walkBth } from './walk-bth.ts'

export type Properties = {
  readonly place: string
  readonly values: ReadonlyMap<number, Value>
  readonly subnodes: Subnodes
}

export const propertyName = (id: number): string => `property 0x${id.toString(16).toUpperCase().padStart(4, '0')}`

const checkInline = (store: Store, type: number, bytes: Uint8Array, where: string): void => {
  const size = inlineBytes[type]!
  if (!isAll(bytes.subarray(size), 0))
    store.findings.fault('L4', where, `its type has ${size} bytes, and the rest is not zero`)
  if (type === types.boolean && bytes[0]! > 1)
    store.findings.fault('L4', where, `it is ${bytes[0]}, and must be 0 or 1`)
}

/** L4: all properties of a node. Long values are not read. Throws when the node holds none. */
export const readProperties = async (
  store: Store,
  { dataBid, subBid }: { readonly dataBid: number; readonly subBid: number },
  place: string,
): Promise<Properties> => {
  const { findings } = store
  const heap = await openHeap(store, await openStream(store, dataBid, place), heapKinds.properties, place)
  const subnodes = await openSubnodes(store, subBid, place)
  const values = new Map<number, Value>()
  const holder = { heap, subnodes, place }
  const tree = await openBth(heap, heap.rootHid, 2, 6)
  await walkBth(store, heap, tree, async (record) => {
    const id = u16(record, 0)
    const type = u16(record, 2)
    const where = `${place}, ${propertyName(id)}`
    if (!isKnownType(type)) return findings.fault('L4', where, `its type ${hex(type)} is not one of a PST file`)
    const inline = inlineBytes[type]
    if (inline !== undefined) {
      const bytes = record.slice(4, 8)
      checkInline(store, type, bytes, where)
      values.set(id, { type, sizeBytes: inline, bytes: bytes.subarray(0, inline), stream: null })
      return
    }
    const value = await findings.during(() => readValue(store, holder, 'L4', type, u32(record, 4), where))
    if (value !== null) values.set(id, value)
  })
  heap.finish()
  return { place, values, subnodes }
}

/** The text of a string that is there; a long one is read when it has at most `mostBytes`. */
export const textAt = async (
  store: Store,
  { values }: Properties,
  id: number,
  mostBytes = 65_536,
): Promise<string | null> => {
  const value = values.get(id)
  if (value === undefined || value.type !== types.string || value.sizeBytes > mostBytes) return null
  return textOf(value.bytes ?? (await readStream(store, value.stream!)))
}

export const bytesAt = ({ values }: Properties, id: number): Uint8Array | null => values.get(id)?.bytes ?? null

/** A number of 32 bits or less, or a boolean as 0 or 1. */
export const numberAt = ({ values }: Properties, id: number): number | null => {
  const bytes = values.get(id)?.bytes
  if (bytes === null || bytes === undefined || bytes.length > 4) return null
  return bytes.reduce((sum, byte, index) => sum + byte * 256 ** index, 0)
}
