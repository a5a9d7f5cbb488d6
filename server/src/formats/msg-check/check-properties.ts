import { hex, isAll, u16, u32 } from './bytes.ts'
import type { CompoundFile } from './compound-file.ts'
import type { DirectoryEntry } from './directory.ts'
import type { Findings } from './findings.ts'

/** What an object has, by property id. */
export type Properties = {
  readonly header: Uint8Array
  readonly byId: ReadonlyMap<number, Property>
}

export type Property = {
  readonly type: number
  /** The eight bytes of its entry. */
  readonly value: Uint8Array
  /** Its stream or storage; null when the value is in the entry. */
  readonly entry: DirectoryEntry | null
}

const entryBytes = 16
const streamName = '__properties_version1.0'
const valuePrefix = '__substg1.0_'

/** Bytes in the entry. */
const fixedBytes: Readonly<Record<number, number>> = {
  2: 2,
  3: 4,
  4: 4,
  5: 8,
  6: 8,
  7: 8,
  10: 4,
  11: 2,
  20: 8,
  64: 8,
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
  boolean: 0x000b,
  object: 0x000d,
  string8: 0x001e,
  string: 0x001f,
  guid: 0x0048,
  binary: 0x0102,
  strings: 0x101f,
  binaries: 0x1102,
}

const digits = (number: number, count: number): string => number.toString(16).toUpperCase().padStart(count, '0')
const nameOfValue = (id: number, type: number): string => `${valuePrefix}${digits(id, 4)}${digits(type, 4)}`

type Streams = Pick<CompoundFile, 'read'>

/** C6: each property of an object has its stream with the right length, and each stream its property. Null without any properties. */
export const readProperties = async (
  { read }: Streams,
  object: DirectoryEntry,
  headerBytes: number,
  findings: Findings,
): Promise<Properties | null> => {
  const { fault, warn } = findings
  const where = object.path === '' ? 'message' : object.path
  const children = new Map(object.children.map((child) => [child.name, child]))
  const list = children.get(streamName)
  if (list?.kind !== 'stream') {
    fault('C6', where, `it has no stream ${streamName}`)
    return null
  }
  if (list.sizeBytes < headerBytes || (list.sizeBytes - headerBytes) % entryBytes !== 0)
    fault('C6', list.path, `${list.sizeBytes} bytes are no header of ${headerBytes} and whole entries of ${entryBytes}`)
  const bytes = await read(list)
  const byId = new Map<number, Property>()
  const used = new Set<string>()

  const checkParts = async (entry: DirectoryEntry, type: number, place: string): Promise<void> => {
    const recordBytes = type === types.strings ? 4 : 8
    if (entry.sizeBytes % recordBytes !== 0)
      fault('C6', place, `${entry.sizeBytes} bytes are no whole lengths of ${recordBytes}`)
    const lengths = await read(entry)
    for (let part = 0; (part + 1) * recordBytes <= lengths.length; part++) {
      const name = `${entry.name}-${digits(part, 8)}`
      const stream = children.get(name)
      used.add(name)
      if (stream?.kind !== 'stream') {
        fault('C6', place, `its value ${part} has no stream`)
        continue
      }
      const said = u32(lengths, part * recordBytes)
      if (recordBytes === 8 && u32(lengths, part * 8 + 4) !== 0)
        fault('C6', place, `the length of its value ${part} is followed by something`)
      if (stream.sizeBytes !== said)
        fault('C6', place, `its value ${part} is said to have ${said} bytes, and has ${stream.sizeBytes}`)
      if (type !== types.strings) continue
      const text = await read(stream)
      if (text.length < 2 || text.length % 2 !== 0 || u16(text, text.length - 2) !== 0)
        fault('C6', place, `its value ${part} does not end with a NUL`)
    }
  }
  const checkObject = (type: number, id: number, value: Uint8Array, place: string): DirectoryEntry | null => {
    const name = nameOfValue(id, type)
    const entry = children.get(name)
    used.add(name)
    if (entry?.kind !== 'storage') fault('C6', place, 'it is an object, and has no storage')
    if (u32(value, 0) !== 0xffffffff) fault('C6', place, `its size is ${hex(u32(value, 0))} and must be 0xFFFFFFFF`)
    if (u32(value, 4) !== 1 && u32(value, 4) !== 4)
      fault('C6', place, `its kind of object is ${u32(value, 4)}, neither a message (1) nor OLE (4)`)
    return entry ?? null
  }
  const checkStream = async (
    type: number,
    id: number,
    value: Uint8Array,
    place: string,
  ): Promise<DirectoryEntry | null> => {
    const name = nameOfValue(id, type)
    const entry = children.get(name)
    used.add(name)
    if (entry?.kind !== 'stream') {
      fault('C6', place, 'it has no stream')
      return null
    }
    const said = u32(value, 0)
    const more = type === types.string ? 2 : type === types.string8 ? 1 : 0
    if (said !== entry.sizeBytes + more)
      fault(
        'C6',
        place,
        `its size is said to be ${said}, and its stream has ${entry.sizeBytes} bytes${more ? ` without the terminator` : ''}`,
      )
    // Outlook leaves there what was in its memory.
    if (u32(value, 4) !== 0) warn('C6', place, 'something follows its size')
    const unit = type === types.string ? 2 : type === types.guid ? 16 : (partBytes[type] ?? 1)
    if (entry.sizeBytes % unit !== 0 || (type === types.guid && entry.sizeBytes !== 16))
      fault('C6', place, `${entry.sizeBytes} bytes are no whole values of ${unit}`)
    if (type === types.string8) warn('C6', place, 'its text is in a code page')
    if (type === types.string && entry.sizeBytes >= 2 && entry.sizeBytes < 2 ** 20) {
      const text = await read(entry)
      if (u16(text, text.length - 2) === 0) fault('C6', place, 'its text ends with a NUL')
    }
    if (type === types.strings || type === types.binaries) await checkParts(entry, type, place)
    return entry
  }

  for (let at = headerBytes; at + entryBytes <= bytes.length; at += entryBytes) {
    const type = u16(bytes, at)
    const id = u16(bytes, at + 2)
    const flags = u32(bytes, at + 4)
    const value = bytes.subarray(at + 8, at + 16)
    const place = `${where}, property ${hex(id, 4)}`
    if (byId.has(id)) fault('C6', place, 'it is there twice')
    if (flags > 7) fault('C6', place, `its flags are ${hex(flags)}`)
    else if ((flags & 2) === 0) fault('C6', place, 'its flags say nobody may read it')
    const fixed = fixedBytes[type]
    let entry: DirectoryEntry | null = null
    if (fixed !== undefined) {
      if (!isAll(value.subarray(fixed), 0)) fault('C6', place, `its type has ${fixed} bytes, and the rest is not zero`)
      if (type === types.boolean && u16(value, 0) > 1) fault('C6', place, `it is ${u16(value, 0)}, and must be 0 or 1`)
    } else if (type === types.object) entry = checkObject(type, id, value, place)
    else if (
      [types.string8, types.string, types.guid, types.binary, types.strings, types.binaries].includes(type) ||
      type in partBytes
    )
      entry = await checkStream(type, id, value, place)
    else fault('C6', place, `its type ${hex(type, 4)} is not one of a MSG file`)
    byId.set(id, { type, value, entry })
  }
  for (const { name, path } of object.children)
    if (name.startsWith(valuePrefix) && !used.has(name)) fault('C6', path, 'no property goes with it')
  return { header: bytes.subarray(0, headerBytes), byId }
}

export const numberAt = ({ byId }: Properties, id: number): number | null => {
  const property = byId.get(id)
  if (property === undefined || !(property.type in fixedBytes)) return null
  return u32(property.value, 0)
}
