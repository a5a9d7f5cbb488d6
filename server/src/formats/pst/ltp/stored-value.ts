import { Buffer } from 'node:buffer'
import { type PropertyType, type PropertyValues, propertyTypes } from '../../mapi/property.ts'

/** A value as it is put into a property context or a table. */
export type StoredValue =
  | { readonly [T in PropertyType]: { readonly type: T; readonly value: PropertyValues[T] } }[PropertyType]
  /** Bytes that were written already, as a subnode. */
  | { readonly type: 'stored'; readonly nid: number; readonly sizeBytes: number }
  /** A message within an attachment ([MS-PST] §2.4.6.2.2). */
  | { readonly type: 'object'; readonly nid: number; readonly sizeBytes: number }

/** By property id. */
export type StoredValues = Map<number, StoredValue>

export const typeCodeOf = ({ type }: StoredValue): number =>
  type === 'stored' ? propertyTypes.binary : type === 'object' ? 0x000d : propertyTypes[type]

/** Types whose value is within the record or cell itself. */
export const isInline = (type: StoredValue['type']): type is 'int16' | 'int32' | 'boolean' =>
  type === 'int16' || type === 'int32' || type === 'boolean'

/** The bytes of the value alone, as PidTagAttachSize counts them. */
export const valueBytes = (stored: StoredValue): number => {
  switch (stored.type) {
    case 'boolean':
      return 1
    case 'int16':
      return 2
    case 'int32':
      return 4
    case 'float64':
    case 'int64':
    case 'time':
      return 8
    case 'guid':
      return 16
    case 'string':
      return stored.value.length * 2
    case 'binary':
      return stored.value.length
    case 'int32s':
      return stored.value.length * 4
    case 'strings':
      return listBytes(stored.value.map((text) => text.length * 2))
    case 'binaries':
      return listBytes(stored.value.map((bytes) => bytes.length))
    default:
      return stored.sizeBytes
  }
}

const listBytes = (sizes: readonly number[]): number =>
  sizes.length === 0 ? 0 : 4 + sizes.length * 4 + sizes.reduce((sum, size) => sum + size, 0)

const epochDifferenceMs = 11_644_473_600_000

/** Milliseconds since 1970 as 100 ns since 1601 in 64 bits, without BigInt: this is done some times for each message. */
export const writeFileTime = (target: Buffer, at: number, timeMs: number): void => {
  const sinceMs = Math.max(0, Math.round(timeMs) + epochDifferenceMs)
  const high = Math.floor(sinceMs / 0x10000) * 10_000
  const low = (high % 0x10000) * 0x10000 + (sinceMs % 0x10000) * 10_000
  target.writeUInt32LE(low >>> 0, at)
  target.writeUInt32LE(Math.floor(high / 0x10000) + Math.floor(low / 0x1_0000_0000), at + 4)
}

/** Writes a value that is not inline; the target has `valueBytes` of room. */
export const writeValue = (stored: StoredValue, target: Buffer, at: number): void => {
  switch (stored.type) {
    case 'float64':
      target.writeDoubleLE(stored.value, at)
      break
    case 'int64':
      target.writeBigInt64LE(stored.value, at)
      break
    case 'time':
      writeFileTime(target, at, stored.value)
      break
    case 'guid':
    case 'binary':
      target.set(stored.value, at)
      break
    case 'string':
      target.write(stored.value, at, 'utf16le')
      break
    case 'int32s':
      stored.value.forEach((value, index) => void target.writeInt32LE(value, at + index * 4))
      break
    case 'strings':
      writeList(
        stored.value.map((text) => Buffer.from(text, 'utf16le')),
        target,
        at,
      )
      break
    case 'binaries':
      writeList(stored.value, target, at)
      break
    default:
      throw new Error(`a value of type ${stored.type} is not written on its own`)
  }
}

/** Values of variable size: their count, where each begins, then all of them ([MS-PST] §2.3.3.4.2). */
const writeList = (values: readonly Uint8Array[], target: Buffer, at: number): void => {
  target.writeUInt32LE(values.length, at)
  let begin = 4 + values.length * 4
  values.forEach((value, index) => {
    target.writeUInt32LE(begin, at + 4 + index * 4)
    target.set(value, at + begin)
    begin += value.length
  })
}

export const inlineValue = (stored: StoredValue): number =>
  stored.type === 'boolean'
    ? stored.value
      ? 1
      : 0
    : stored.type === 'int16' || stored.type === 'int32'
      ? stored.value
      : 0
