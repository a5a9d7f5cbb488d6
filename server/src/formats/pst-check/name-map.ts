import { areEqual, compareBytes, hex, pstCrc, u16, u32 } from './bytes.ts'
import { nodeName } from './context.ts'
import { readStream } from './open-stream.ts'
import { type Properties, readProperties } from './read-properties.ts'
import { reportUnusedSubnodes } from './read-value.ts'
import type { Store } from './store.ts'

export type NameMap = {
  readonly count: number
  /** The id of a name by number; null when the file does not have it. `set` is the GUID as it is stored. */
  idOf(set: Uint8Array, lid: number): number | null
}

const bucketCount = 251
const place = `name map, ${nodeName(0x61)}`

/** Readers refuse more, and 32,766 names of usual length are far below. */
const mostStreamBytes = 2 ** 25

const streamAt = async (store: Store, { values }: Properties, id: number): Promise<Uint8Array> => {
  const value = values.get(id)
  if (value === undefined || value.sizeBytes > mostStreamBytes) return new Uint8Array(0)
  return value.bytes ?? readStream(store, value.stream!)
}

/** M7: the names of the file and the buckets that lead to them. Null when it cannot be read. */
export const readNameMap = async (
  store: Store,
  ref: { readonly dataBid: number; readonly subBid: number },
): Promise<NameMap | null> => {
  const { fault } = store.findings
  const map = await store.findings.during(() => readProperties(store, ref, place))
  if (map === null) return null
  reportUnusedSubnodes(store, map.subnodes, place)
  const buckets = map.values.get(0x0001)?.bytes
  if (buckets?.length !== 4 || u32(buckets, 0) !== bucketCount)
    fault('M7', place, `its number of buckets is not ${bucketCount}`)
  const [guids, entries, strings] = [
    await streamAt(store, map, 0x0002),
    await streamAt(store, map, 0x0003),
    await streamAt(store, map, 0x0004),
  ]
  for (const [name, stream, unit] of [
    ['GUIDs', guids, 16],
    ['entries', entries, 8],
    ['strings', strings, 4],
  ] as const)
    if (stream.length === 0 || stream.length % unit !== 0)
      fault('M7', place, `its ${name} have ${stream.length} bytes, and must have some, and whole ones of ${unit}`)
  const count = Math.floor(entries.length / 8)
  const guidCount = Math.floor(guids.length / 16)
  const expected = Array.from({ length: bucketCount }, () => [] as Uint8Array[])
  const numbers = new Map<string, number>()
  for (let number = 0; number < count; number++) {
    const entry = entries.slice(8 * number, 8 * number + 8)
    const where = `${place}, name ${number}`
    const word = u16(entry, 4)
    if (u16(entry, 6) !== number)
      fault('M7', where, `it is for property ${hex(0x8000 + u16(entry, 6))}, not ${hex(0x8000 + number)}`)
    const guidIndex = word >>> 1
    if (guidIndex >= 3 + guidCount)
      fault('M7', where, `it is of property set ${guidIndex}, and there are ${3 + guidCount}`)
    let hash = u32(entry, 0)
    if (word % 2 === 1) {
      const offset = hash
      const length = offset + 4 <= strings.length ? u32(strings, offset) : 0
      if (offset % 4 !== 0 || length === 0 || length % 2 !== 0 || offset + 4 + length > strings.length) {
        fault('M7', where, `there is no string at ${offset}`)
        continue
      }
      hash = pstCrc(strings.subarray(offset + 4, offset + 4 + length))
      new DataView(entry.buffer).setUint32(0, hash, true)
    } else {
      const key = `${guidIndex}:${hash}`
      if (numbers.has(key)) fault('M7', where, 'the same name has another id too')
      numbers.set(key, 0x8000 + number)
    }
    expected[((hash ^ word) >>> 0) % bucketCount]!.push(entry)
  }
  for (const [bucket, names] of expected.entries()) {
    const stored = await streamAt(store, map, 0x1000 + bucket)
    const where = `${place}, bucket ${bucket}`
    const found = Array.from({ length: Math.ceil(stored.length / 8) }, (_, record) =>
      stored.subarray(8 * record, 8 * record + 8),
    )
    if (found.length !== names.length) {
      fault('M7', where, `it has ${found.length} names, and ${names.length} belong there`)
      continue
    }
    found.sort(compareBytes)
    names.sort(compareBytes)
    if (!names.every((name, index) => areEqual(name, found[index]!)))
      fault('M7', where, 'its names are not those that belong there')
  }
  const known = new Set([1, 2, 3, 4])
  for (const id of map.values.keys())
    if (!known.has(id) && (id < 0x1000 || id >= 0x1000 + bucketCount))
      fault('M7', place, `it has a property ${hex(id)}, which is no part of it`)
  return {
    count,
    idOf: (set, lid) => {
      for (let guid = 0; guid < guidCount; guid++)
        if (areEqual(guids.subarray(16 * guid, 16 * guid + 16), set)) return numbers.get(`${3 + guid}:${lid}`) ?? null
      return null
    },
  }
}
