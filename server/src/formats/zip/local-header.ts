import { Buffer } from 'node:buffer'
import { toDosTime } from './dos-time.ts'

/** One entry whose data is known in full before its header is written. */
export type ZipEntry = {
  /** Path with '/' between the segments. */
  readonly name: string
  /** 0 stored, 8 deflate (APPNOTE 4.4.5). */
  readonly method: 0 | 8
  readonly crc32: number
  readonly sizeBytes: number
  readonly compressedBytes: number
  /** Written in UTC; null becomes 1980-01-01. */
  readonly modifiedAt: Date | null
}

/** A value this large or larger stands in a ZIP64 extra field, and this in its place (APPNOTE 4.4.8, 4.5.3). */
export const zip64From = 0xffff_ffff
export const zip64Id = 0x0001
export const localSignature = 0x0403_4b50
export const localFixedBytes = 30
/** Bit 11: the name is UTF-8 (APPNOTE 4.4.4). No other bit is ever set: no encryption, no data descriptor. */
export const utf8Flag = 0x0800
/** 2.0 for deflate, 4.5 for ZIP64 (APPNOTE 4.4.3.2). */
export const versionNeeded = (isZip64: boolean): number => (isZip64 ? 45 : 20)

const needsZip64Sizes = (entry: ZipEntry): boolean => entry.sizeBytes >= zip64From || entry.compressedBytes >= zip64From

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/** The name as it is written. @throws RangeError when the entry cannot be written at all: a mistake in the program. */
export const encodedName = (entry: ZipEntry): Buffer => {
  const name = Buffer.from(entry.name, 'utf8')
  if (name.length === 0 || name.length > 0xffff) throw new RangeError('an entry name has 1 to 65,535 bytes')
  if (!isCount(entry.sizeBytes) || !isCount(entry.compressedBytes)) throw new RangeError('a size is a whole number')
  if (entry.method === 0 && entry.sizeBytes !== entry.compressedBytes)
    throw new RangeError('a stored entry has one size')
  return name
}

/**
 * The local file header (APPNOTE 4.3.7) that goes before the data of an entry. The same entry always gives the same
 * bytes: no data descriptor, a ZIP64 extra field only where a size needs it, and then with both sizes (4.5.3).
 */
export const localHeader = (entry: ZipEntry): Uint8Array => {
  const name = encodedName(entry)
  const isZip64 = needsZip64Sizes(entry)
  const bytes = Buffer.alloc(localFixedBytes + name.length + (isZip64 ? 20 : 0))
  bytes.writeUInt32LE(localSignature, 0)
  bytes.writeUInt16LE(versionNeeded(isZip64), 4)
  bytes.writeUInt16LE(utf8Flag, 6)
  bytes.writeUInt16LE(entry.method, 8)
  bytes.writeUInt32LE(toDosTime(entry.modifiedAt), 10)
  bytes.writeUInt32LE(entry.crc32 >>> 0, 14)
  bytes.writeUInt32LE(isZip64 ? zip64From : entry.compressedBytes, 18)
  bytes.writeUInt32LE(isZip64 ? zip64From : entry.sizeBytes, 22)
  bytes.writeUInt16LE(name.length, 26)
  bytes.writeUInt16LE(isZip64 ? 20 : 0, 28)
  name.copy(bytes, localFixedBytes)
  if (isZip64) {
    const extra = localFixedBytes + name.length
    bytes.writeUInt16LE(zip64Id, extra)
    bytes.writeUInt16LE(16, extra + 2)
    bytes.writeBigUInt64LE(BigInt(entry.sizeBytes), extra + 4)
    bytes.writeBigUInt64LE(BigInt(entry.compressedBytes), extra + 12)
  }
  return bytes
}

/** Bytes an entry takes in the archive: its local header and its data. */
export const entryBytes = (entry: ZipEntry): number =>
  localFixedBytes + Buffer.byteLength(entry.name) + (needsZip64Sizes(entry) ? 20 : 0) + entry.compressedBytes
