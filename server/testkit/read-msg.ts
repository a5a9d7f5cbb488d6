import { Buffer } from 'node:buffer'
import cfb from 'cfb'

/** A value as it is stored, with its type in hexadecimal. Times are 100 ns since 1601. */
export type ReadValue = { readonly type: string; readonly value: unknown }

/** One object of an MSG file. A property is listed by its id as in `0037`, a named one as in `{set} 8205` or `{set} "Keywords"`. */
export type ReadObject = {
  readonly properties: ReadonlyMap<string, ReadValue>
  readonly recipients: readonly ReadObject[]
  readonly attachments: readonly ReadObject[]
  /** Of an attachment that is a message. */
  readonly message: ReadObject | undefined
}

type Streams = ReadonlyMap<string, Buffer>

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')
const utf16 = (bytes: Buffer): string => bytes.toString('utf16le')

/** The streams of a compound file by their path below the root, read by npm's cfb. */
export const readStreams = (bytes: Uint8Array): Streams => {
  const { FullPaths, FileIndex } = cfb.read(Buffer.from(bytes), { type: 'buffer' })
  return new Map(
    FullPaths.flatMap((path, index) => {
      const { type, content } = FileIndex[index]!
      return type === 2 ? [[path.replace(/^[^/]*\//, ''), Buffer.from(content ?? [])] as const] : []
    }),
  )
}

const guidText = (bytes: Buffer): string => {
  const part = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).reverse().toString('hex')
  return [part(0, 4), part(4, 6), part(6, 8), bytes.toString('hex', 8, 10), bytes.toString('hex', 10, 16)].join('-')
}

/** What each id from 0x8000 on stands for. */
const readNames = (streams: Streams): string[] => {
  const [sets, entries, texts] = ['0002', '0003', '0004'].map((id) =>
    streams.get(`__nameid_version1.0/__substg1.0_${id}0102`),
  )
  if (!sets || !entries || !texts) throw new Error('the map of names lacks a stream')
  return Array.from({ length: entries.length / 8 }, (_, at) => {
    const first = entries.readUInt32LE(at * 8)
    const kind = entries.readUInt16LE(at * 8 + 4)
    if (entries.readUInt16LE(at * 8 + 6) !== at) throw new Error('the map of names is out of order')
    const known = ['', '00020328-0000-0000-c000-000000000046', '00020329-0000-0000-c000-000000000046']
    const set = known[kind >> 1] ?? guidText(sets.subarray(((kind >> 1) - 3) * 16, ((kind >> 1) - 2) * 16))
    if ((kind & 1) === 0) return `{${set}} ${hex(first, 4)}`
    return `{${set}} ${JSON.stringify(utf16(texts.subarray(first + 4, first + 4 + texts.readUInt32LE(first))))}`
  })
}

const readValue = (type: string, field: Buffer, main: Buffer | undefined, nth: (index: number) => Buffer): unknown => {
  const listed = (lengthBytes: number): Buffer[] =>
    Array.from({ length: main!.length / lengthBytes }, (_, index) => {
      const bytes = nth(index)
      if (bytes.length !== main!.readUInt32LE(index * lengthBytes)) throw new Error('a value has another length')
      return bytes
    })
  switch (type) {
    case '0002':
      return field.readInt16LE()
    case '0003':
      return field.readInt32LE()
    case '0005':
      return field.readDoubleLE()
    case '000B':
      return field.readUInt16LE() === 1
    case '0014':
      return field.readBigInt64LE()
    case '0040':
      return field.readBigUInt64LE()
    case '000D':
      return field.readInt32LE(4)
    case '001F':
      if (field.readUInt32LE() !== main!.length + 2) throw new Error('a string has another length')
      return utf16(main!)
    case '0048':
    case '0102':
      if (field.readUInt32LE() !== main!.length) throw new Error('a value has another length')
      return main
    case '1003':
      return Array.from({ length: main!.length / 4 }, (_, index) => main!.readInt32LE(index * 4))
    case '101F':
      return listed(4).map((bytes) => {
        if (bytes.readUInt16LE(bytes.length - 2) !== 0) throw new Error('a string of a list does not end')
        return utf16(bytes.subarray(0, -2))
      })
    case '1102':
      return listed(8)
    default:
      throw new Error(`a property of type ${type}`)
  }
}

const readObject = (streams: Streams, names: readonly string[], path: string, headerBytes: number): ReadObject => {
  const list = streams.get(`${path}__properties_version1.0`)
  if (!list || (list.length - headerBytes) % 16 !== 0) throw new Error(`${path} has no list of properties`)
  const properties = new Map<string, ReadValue>()
  for (let at = headerBytes; at < list.length; at += 16) {
    const type = hex(list.readUInt16LE(at), 4)
    const id = list.readUInt16LE(at + 2)
    const key = id < 0x8000 ? hex(id, 4) : names[id - 0x8000]
    if (key === undefined || properties.has(key)) throw new Error(`${hex(id, 4)} has no name, or is there twice`)
    const name = `${path}__substg1.0_${hex(id, 4)}${type}`
    const nth = (index: number) => streams.get(`${name}-${hex(index, 8)}`) ?? Buffer.alloc(0)
    properties.set(key, { type, value: readValue(type, list.subarray(at + 8, at + 16), streams.get(name), nth) })
  }
  const children = (kind: string, count: number): ReadObject[] =>
    Array.from({ length: count }, (_, index) =>
      readObject(streams, names, `${path}__${kind}_version1.0_#${hex(index, 8)}/`, 8),
    )
  const isMessage = headerBytes > 8
  return {
    properties,
    recipients: isMessage ? children('recip', list.readUInt32LE(16)) : [],
    attachments: isMessage ? children('attach', list.readUInt32LE(20)) : [],
    message:
      !isMessage && properties.get('3701')?.type === '000D'
        ? readObject(streams, names, `${path}__substg1.0_3701000D/`, 24)
        : undefined,
  }
}

/**
 * Reads an MSG file whole: the container by npm's cfb, the rest by the words of [MS-OXMSG].
 * @throws Error where a property lacks its stream or its name, or a length is wrong.
 */
export const readMsg = (bytes: Uint8Array): ReadObject => {
  const streams = readStreams(bytes)
  return readObject(streams, readNames(streams), '', 32)
}
