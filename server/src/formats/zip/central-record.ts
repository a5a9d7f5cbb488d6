import { Buffer } from 'node:buffer'
import { toDosTime } from './dos-time.ts'
import { encodedName, utf8Flag, versionNeeded, type ZipEntry, zip64From, zip64Id } from './local-header.ts'

export const centralSignature = 0x0201_4b50
export const centralFixedBytes = 46
export const endSignature = 0x0605_4b50
export const endBytes = 22
const zip64EndSignature = 0x0606_4b50
export const zip64EndBytes = 56
const zip64LocatorSignature = 0x0706_4b50
export const zip64LocatorBytes = 20

/** Made by UNIX (APPNOTE 4.4.2) with version 4.5 of the specification: the attributes below are those of UNIX. */
const versionMadeBy = (3 << 8) | 45
/** A regular file, 0644, in the upper half (APPNOTE 4.4.15). */
const externalAttributes = (0o100644 << 16) >>> 0

/** The central directory record of an entry (APPNOTE 4.3.12); a ZIP64 extra field holds only what needs it, in the order of 4.5.3. */
export const centralRecord = (entry: ZipEntry, headerOffset: number): Uint8Array => {
  const name = encodedName(entry)
  const large = [entry.sizeBytes, entry.compressedBytes, headerOffset].filter((value) => value >= zip64From)
  const extraBytes = large.length === 0 ? 0 : 4 + 8 * large.length
  const bytes = Buffer.alloc(centralFixedBytes + name.length + extraBytes)
  bytes.writeUInt32LE(centralSignature, 0)
  bytes.writeUInt16LE(versionMadeBy, 4)
  bytes.writeUInt16LE(versionNeeded(large.length > 0), 6)
  bytes.writeUInt16LE(utf8Flag, 8)
  bytes.writeUInt16LE(entry.method, 10)
  bytes.writeUInt32LE(toDosTime(entry.modifiedAt), 12)
  bytes.writeUInt32LE(entry.crc32 >>> 0, 16)
  bytes.writeUInt32LE(Math.min(entry.compressedBytes, zip64From), 20)
  bytes.writeUInt32LE(Math.min(entry.sizeBytes, zip64From), 24)
  bytes.writeUInt16LE(name.length, 28)
  bytes.writeUInt16LE(extraBytes, 30)
  bytes.writeUInt32LE(externalAttributes, 38)
  bytes.writeUInt32LE(Math.min(headerOffset, zip64From), 42)
  name.copy(bytes, centralFixedBytes)
  if (large.length > 0) {
    const extra = centralFixedBytes + name.length
    bytes.writeUInt16LE(zip64Id, extra)
    bytes.writeUInt16LE(extraBytes - 4, extra + 2)
    large.forEach((value, index) => {
      bytes.writeBigUInt64LE(BigInt(value), extra + 4 + 8 * index)
    })
  }
  return bytes
}

export type DirectoryExtent = {
  readonly entryCount: number
  /** Of the first central directory record, from the start of the archive. */
  readonly offset: number
  readonly sizeBytes: number
}

/** Whether the plain end record cannot hold these numbers (APPNOTE 4.4.1.4): from 65,535 entries or 4 GiB - 1 on. */
export const needsZip64End = ({ entryCount, offset, sizeBytes }: DirectoryExtent): boolean =>
  entryCount >= 0xffff || offset >= zip64From || sizeBytes >= zip64From

/** What follows the central directory: where needed the ZIP64 end record and its locator (APPNOTE 4.3.14, 4.3.15), then the end record (4.3.16). */
export const endRecords = (directory: DirectoryExtent): Uint8Array => {
  const { entryCount, offset, sizeBytes } = directory
  const zip64Part = needsZip64End(directory) ? zip64EndBytes + zip64LocatorBytes : 0
  const bytes = Buffer.alloc(zip64Part + endBytes)
  if (zip64Part > 0) {
    bytes.writeUInt32LE(zip64EndSignature, 0)
    bytes.writeBigUInt64LE(BigInt(zip64EndBytes - 12), 4)
    bytes.writeUInt16LE(versionMadeBy, 12)
    bytes.writeUInt16LE(versionNeeded(true), 14)
    bytes.writeBigUInt64LE(BigInt(entryCount), 24)
    bytes.writeBigUInt64LE(BigInt(entryCount), 32)
    bytes.writeBigUInt64LE(BigInt(sizeBytes), 40)
    bytes.writeBigUInt64LE(BigInt(offset), 48)
    bytes.writeUInt32LE(zip64LocatorSignature, zip64EndBytes)
    bytes.writeBigUInt64LE(BigInt(offset + sizeBytes), zip64EndBytes + 8)
    bytes.writeUInt32LE(1, zip64EndBytes + 16)
  }
  bytes.writeUInt32LE(endSignature, zip64Part)
  bytes.writeUInt16LE(Math.min(entryCount, 0xffff), zip64Part + 8)
  bytes.writeUInt16LE(Math.min(entryCount, 0xffff), zip64Part + 10)
  bytes.writeUInt32LE(Math.min(sizeBytes, zip64From), zip64Part + 12)
  bytes.writeUInt32LE(Math.min(offset, zip64From), zip64Part + 16)
  return bytes
}
