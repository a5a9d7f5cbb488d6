import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type PropertyKey, propertySets } from '../mapi/property.ts'
import { guidBytes } from './guid.ts'

/** The ids from 0x8000 on belong to names; 0xFFFF is no id ([MS-OXPROPS] §1.3.2). */
const firstNamedId = 0x8000
const maxNames = 0xffff - firstNamedId

/** These two are known to every reader and not stored ([MS-OXMSG] §2.2.3.1.2). */
const knownSets: readonly string[] = [propertySets.mapi, propertySets.publicStrings]
const firstStoredSet = 3
const bucketCount = 31

export type NamedProperties = {
  /** The id of a property in this file; a name gets one when it is first asked for. */
  idOf(key: PropertyKey): number
  /** What lies in the storage of the names ([MS-OXMSG] §2.2.3), by the id of each stream. */
  streams(): ReadonlyMap<number, Uint8Array>
}

/** The CRC of [MS-OXMSG] §2.2.3.2.1: as in ZIP, but from zero on and not inverted at the end. */
const nameHash = (name: Uint8Array): number => (crc32(name, 0xffffffff) ^ 0xffffffff) >>> 0

const eightBytes = (first: number, kind: number, index: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(first >>> 0, 0)
  bytes.writeUInt16LE(kind, 4)
  bytes.writeUInt16LE(index, 6)
  return bytes
}

export const createNamedProperties = (): NamedProperties => {
  const ids = new Map<string, number>()
  const sets: string[] = []
  const entries: Buffer[] = []
  const names: Buffer[] = []
  let namesBytes = 0
  const buckets = new Map<number, Buffer[]>()

  const indexOfSet = (set: string): number => {
    const known = knownSets.indexOf(set)
    if (known >= 0) return known + 1
    const at = sets.indexOf(set)
    return firstStoredSet + (at >= 0 ? at : sets.push(set) - 1)
  }

  const addName = (name: string): { offset: number; hash: number } => {
    const text = Buffer.from(name, 'utf16le')
    const offset = namesBytes
    const record = Buffer.alloc(4 + Math.ceil(text.length / 4) * 4)
    record.writeUInt32LE(text.length, 0)
    record.set(text, 4)
    names.push(record)
    namesBytes += record.length
    return { offset, hash: nameHash(text) }
  }

  const add = (key: Exclude<PropertyKey, { id: number }>): number => {
    const index = entries.length
    if (index === maxNames)
      throw new AppError('export_too_large', {
        details: { format: 'MSG', reason: `it has more than ${maxNames} named properties` },
      })
    const isText = 'name' in key
    const { offset, hash } = isText ? addName(key.name) : { offset: key.lid, hash: key.lid >>> 0 }
    const kind = (indexOfSet(key.set) << 1) | (isText ? 1 : 0)
    entries.push(eightBytes(offset, kind, index))
    const bucket = ((hash ^ kind) >>> 0) % bucketCount
    const records = buckets.get(bucket) ?? []
    if (records.length === 0) buckets.set(bucket, records)
    records.push(eightBytes(hash, kind, index))
    return firstNamedId + index
  }

  return {
    idOf: (key) => {
      if ('id' in key) return key.id
      const known = 'name' in key ? `${key.set} ${key.name}` : `${key.set}#${key.lid}`
      const id = ids.get(known) ?? add(key)
      ids.set(known, id)
      return id
    },
    streams: () =>
      new Map<number, Uint8Array>([
        [0x0002, Buffer.concat(sets.map(guidBytes))],
        [0x0003, Buffer.concat(entries)],
        [0x0004, Buffer.concat(names)],
        ...[...buckets].map(([bucket, records]): [number, Uint8Array] => [0x1000 + bucket, Buffer.concat(records)]),
      ]),
  }
}
