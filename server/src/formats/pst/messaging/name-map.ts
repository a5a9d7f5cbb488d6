import { Buffer } from 'node:buffer'
import { type PropertyKey, propertySets } from '../../mapi/property.ts'
import { createPropertyContext, type StoredObject } from '../ltp/property-context.ts'
import type { StoredValues } from '../ltp/stored-value.ts'
import { pstCrc } from '../ndb/checksums.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'

const firstNamedId = 0x8000
const maxNames = 0x7fff
const bucketCount = 251
const firstGuidIndex = 3

type Name = { readonly key: Exclude<PropertyKey, { readonly id: number }>; readonly word: number }

/** A property set's GUID as it is stored: the first three fields little-endian. */
export const guidBytes = (text: string): Buffer => {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex')
  bytes.subarray(0, 4).reverse()
  bytes.subarray(4, 6).reverse()
  bytes.subarray(6, 8).reverse()
  return bytes
}

/** Which bucket a name belongs in: by its number, or the CRC of its text ([MS-PST] §2.4.7.5). */
export const nameBucket = (numberOrCrc: number, word: number): number => ((numberOrCrc ^ word) >>> 0) % bucketCount
export const nameCrc = (name: string): number => pstCrc(Buffer.from(name, 'utf16le'))

export type NameMap = {
  /** The id that a property has in this file; undefined once all 32,767 are taken. */
  idOf(key: PropertyKey): number | undefined
  readonly count: number
  /** Writes the map (NID 0x61). */
  write(database: NodeDatabase): StoredObject
}

/** Named properties of one store ([MS-PST] §2.4.7). */
export const createNameMap = (): NameMap => {
  const known = new Map<string, number>()
  const names: Name[] = []
  const guids = new Map<string, number>([
    [propertySets.mapi, 1],
    [propertySets.publicStrings, 2],
  ])

  const idOf = (key: PropertyKey): number | undefined => {
    if ('id' in key) return key.id
    const text = 'lid' in key ? `${key.set}#${key.lid}` : `${key.set}"${key.name}`
    const found = known.get(text)
    if (found !== undefined || names.length === maxNames) return found
    const guidIndex = guids.get(key.set) ?? firstGuidIndex + guids.size - 2
    guids.set(key.set, guidIndex)
    const id = firstNamedId + names.length
    names.push({ key, word: (guidIndex << 1) | ('lid' in key ? 0 : 1) })
    known.set(text, id)
    return id
  }
  // No stream of the map may be empty, so that there is a name of either kind from the begin.
  idOf({ set: propertySets.common, lid: 0x8503 })
  idOf({ set: propertySets.publicStrings, name: 'Keywords' })

  return {
    idOf,
    get count() {
      return names.length
    },
    write: (database) => {
      const entries = Buffer.alloc(names.length * 8)
      const buckets = new Map<number, Buffer[]>()
      const strings: Buffer[] = []
      let stringBytes = 0
      names.forEach(({ key, word }, index) => {
        const entry = entries.subarray(index * 8, index * 8 + 8)
        const hashed = 'lid' in key ? key.lid : nameCrc(key.name)
        entry.writeUInt32LE('lid' in key ? key.lid : stringBytes, 0)
        entry.writeUInt16LE(word, 4)
        entry.writeUInt16LE(index, 6)
        const inBucket = Buffer.from(entry)
        inBucket.writeUInt32LE(hashed, 0)
        const bucket = nameBucket(hashed, word)
        buckets.set(bucket, [...(buckets.get(bucket) ?? []), inBucket])
        if ('lid' in key) return
        const text = Buffer.from(key.name, 'utf16le')
        const record = Buffer.alloc(4 + Math.ceil(text.length / 4) * 4)
        record.writeUInt32LE(text.length, 0)
        text.copy(record, 4)
        strings.push(record)
        stringBytes += record.length
      })
      const sets = [...guids].filter(([, index]) => index >= firstGuidIndex).map(([set]) => guidBytes(set))
      const values: StoredValues = new Map([
        [1, { type: 'int32', value: bucketCount }],
        [2, { type: 'binary', value: Buffer.concat(sets) }],
        [3, { type: 'binary', value: entries }],
        [4, { type: 'binary', value: Buffer.concat(strings) }],
      ])
      for (const [bucket, list] of buckets) values.set(0x1000 + bucket, { type: 'binary', value: Buffer.concat(list) })
      return createPropertyContext(database).finish(values, [])
    },
  }
}
