import { Buffer } from 'node:buffer'
import { type Property, type PropertyType, type PropertyValues, propertyTypes } from '../mapi/property.ts'

/** The type of a property whose value is a storage ([MS-OXCDATA] §2.11.1). */
export const objectType = 0x000d

/** A property as MSG has it ([MS-OXMSG] §2.4.2). */
export type StoredProperty = {
  readonly type: number
  /** The eight bytes of its entry: the value itself or, of one with streams, its size. */
  readonly low: number
  readonly high: number
  /** The stream of the value; of several values the stream of their lengths, then each value. */
  readonly streams: readonly Uint8Array[]
  /** What the value counts in PidTagAttachSize. */
  readonly sizeBytes: number
}

/** Between 1601, where the times of MAPI begin, and 1970, in units of 100 ns. */
const epochTicks = 116_444_736_000_000_000n

const inline = (type: number, low: number, high: number, sizeBytes: number): StoredProperty => ({
  type,
  low: low >>> 0,
  high: high >>> 0,
  streams: [],
  sizeBytes,
})

const inline64 = (type: number, value: bigint): StoredProperty => {
  const bits = BigInt.asUintN(64, value)
  return inline(type, Number(bits & 0xffffffffn), Number(bits >> 32n), 8)
}

const ticksOf = (ms: number): bigint => {
  const ticks = BigInt(Math.floor(ms)) * 10_000n + epochTicks
  return ticks < 0n ? 0n : ticks
}

const withStream = (type: number, bytes: Uint8Array, sizeField = bytes.length): StoredProperty => ({
  type,
  low: sizeField,
  high: 0,
  streams: [bytes],
  sizeBytes: bytes.length,
})

/** MAPI strings end at the first NUL and are UTF-16: a NUL in the text and half a surrogate pair cannot be in one. */
const textBytes = (text: string): Buffer => Buffer.from(text.toWellFormed().replaceAll('\0', ''), 'utf16le')

const withValues = (type: number, values: readonly Uint8Array[], lengthBytes: 4 | 8): StoredProperty => {
  const lengths = Buffer.alloc(values.length * lengthBytes)
  let sizeBytes = 0
  for (const [index, value] of values.entries()) {
    lengths.writeUInt32LE(value.length, index * lengthBytes)
    sizeBytes += value.length
  }
  return { type, low: lengths.length, high: 0, streams: [lengths, ...values], sizeBytes }
}

const float64 = (type: number, value: number): StoredProperty => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return inline(type, bytes.readUInt32LE(0), bytes.readUInt32LE(4), 8)
}

const packed = (type: number, numbers: readonly number[]): StoredProperty => {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, index * 4)
  return withStream(type, bytes)
}

const stored: { readonly [T in PropertyType]: (type: number, value: PropertyValues[T]) => StoredProperty } = {
  int16: (type, value) => inline(type, value & 0xffff, 0, 2),
  int32: (type, value) => inline(type, value, 0, 4),
  float64,
  boolean: (type, value) => inline(type, value ? 1 : 0, 0, 1),
  int64: inline64,
  string: (type, value) => {
    const bytes = textBytes(value)
    return withStream(type, bytes, bytes.length + 2)
  },
  time: (type, value) => inline64(type, ticksOf(value)),
  guid: withStream,
  binary: withStream,
  int32s: packed,
  strings: (type, values) =>
    withValues(
      type,
      values.map((text) => Buffer.concat([textBytes(text), Buffer.alloc(2)])),
      4,
    ),
  binaries: (type, values) => withValues(type, values, 8),
}

/** Turns a value into what MSG stores for it. */
export const storedProperty = <T extends PropertyType>(
  { type }: Property<T>,
  value: PropertyValues[T],
): StoredProperty => stored[type](propertyTypes[type], value)
