import { Buffer } from 'node:buffer'
import {
  centralFixedBytes,
  centralRecord,
  centralSignature,
  type DirectoryExtent,
  endBytes,
  endRecords,
  endSignature,
  needsZip64End,
  zip64EndBytes,
  zip64LocatorBytes,
} from './central-record.ts'
import { fromDosTime } from './dos-time.ts'
import { type ZipEntry, zip64From, zip64Id } from './local-header.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { zipError } from './zip-fault.ts'

/** An entry as the central directory tells of it. */
export type CentralEntry = ZipEntry & {
  readonly headerOffset: number
  /** Whether the record is, byte for byte, the one our writer makes of these facts. */
  readonly isPlain: boolean
}

const directoryWindowBytes = 1 << 20
/** The longest comment an end record may have (APPNOTE 4.4.11). Ours has none; it is looked for to tell a person what is wrong. */
const longestCommentBytes = 0xffff

/**
 * Finds the central directory. The archive must end with its end record, without a comment, and nothing may stand between
 * the directory and the end records: what some readers see and others do not is how archives are made to lie.
 * @throws AppError `archive_invalid`
 */
export const findDirectory = async (file: RandomAccessFile): Promise<DirectoryExtent> => {
  const tailBytes = Math.min(file.sizeBytes, zip64EndBytes + zip64LocatorBytes + endBytes)
  const tail = asBuffer(await file.read(file.sizeBytes - tailBytes, tailBytes))
  if (tail.length !== tailBytes || tailBytes < endBytes) throw zipError('structure', 'it is too short to be a ZIP file')
  const end = tail.subarray(tailBytes - endBytes)
  if (end.readUInt32LE(0) !== endSignature) throw zipError('structure', await whyNoEnd(file))
  const plain = { entryCount: end.readUInt16LE(10), sizeBytes: end.readUInt32LE(12), offset: end.readUInt32LE(16) }
  const isZip64 = needsZip64End(plain)
  if (isZip64 && tailBytes < zip64EndBytes + zip64LocatorBytes + endBytes)
    throw zipError('structure', 'its ZIP64 end record is missing')
  const directory = isZip64
    ? {
        entryCount: readCount(tail, 32),
        sizeBytes: readCount(tail, 40),
        offset: readCount(tail, 48),
      }
    : plain
  const records = endRecords(directory)
  if (!tail.subarray(tailBytes - records.length).equals(records))
    throw zipError('structure', 'its end records contradict themselves')
  if (directory.offset + directory.sizeBytes + records.length !== file.sizeBytes)
    throw zipError('structure', 'its parts do not add up to its size: bytes were added or are missing')
  if (directory.entryCount * centralFixedBytes > directory.sizeBytes)
    throw zipError('structure', 'its central directory is too small for the number of entries')
  return directory
}

const whyNoEnd = async (file: RandomAccessFile): Promise<string> => {
  const searchedBytes = Math.min(file.sizeBytes, longestCommentBytes + endBytes)
  const searched = asBuffer(await file.read(file.sizeBytes - searchedBytes, searchedBytes))
  const signature = Buffer.alloc(4)
  signature.writeUInt32LE(endSignature)
  return searched.includes(signature)
    ? 'something follows its end record'
    : 'its end record is missing: it was cut off, or is no ZIP file'
}

/**
 * Reads the central directory in large steps: the records of each step as they stand.
 * @throws AppError `archive_invalid` where a record cannot be one
 */
export async function* rawRecords(
  file: RandomAccessFile,
  directory: DirectoryExtent,
  signal?: AbortSignal,
): AsyncGenerator<readonly Buffer[]> {
  let left: Buffer = Buffer.alloc(0)
  let position = directory.offset
  const end = directory.offset + directory.sizeBytes
  let count = 0
  while (position < end) {
    signal?.throwIfAborted()
    const wanted = Math.min(directoryWindowBytes, end - position)
    const chunk = await file.read(position, wanted)
    if (chunk.length !== wanted) throw zipError('structure', 'its central directory is cut off')
    position += wanted
    const window = left.length === 0 ? asBuffer(chunk) : Buffer.concat([left, chunk])
    const records: Buffer[] = []
    let at = 0
    while (window.length - at >= centralFixedBytes) {
      if (window.readUInt32LE(at) !== centralSignature) break
      const length =
        centralFixedBytes + window.readUInt16LE(at + 28) + window.readUInt16LE(at + 30) + window.readUInt16LE(at + 32)
      if (window.length - at < length) break
      records.push(window.subarray(at, at + length))
      at += length
    }
    count += records.length
    if (records.length > 0) yield records
    left = window.subarray(at)
    const isBroken = left.length >= 4 && left.readUInt32LE(0) !== centralSignature
    if (isBroken || (position === end && left.length > 0))
      throw zipError('structure', `record ${count + 1} of its central directory is damaged`)
  }
  if (count !== directory.entryCount)
    throw zipError('structure', 'its central directory does not hold as many entries as it says')
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws AppError `archive_invalid` for what cannot be read at all; what merely is not as we write it is told by `isPlain`. */
export const parseRecord = (record: Buffer): CentralEntry => {
  const nameEnd = centralFixedBytes + record.readUInt16LE(28)
  const nameBytes = record.subarray(centralFixedBytes, nameEnd)
  const name = decodeName(nameBytes)
  const extra = record.subarray(nameEnd, nameEnd + record.readUInt16LE(30))
  const flags = record.readUInt16LE(8)
  const method = record.readUInt16LE(10)
  if (method !== 0 && method !== 8) throw zipError('structure', `“${name}” uses compression method ${method}`, name)
  if ((flags & 0x2041) !== 0) throw zipError('structure', `“${name}” is encrypted`, name)
  const large = zip64Values(extra, name)
  const sizeBytes = large(record.readUInt32LE(24))
  const compressedBytes = large(record.readUInt32LE(20))
  const headerOffset = large(record.readUInt32LE(42))
  const crc32 = record.readUInt32LE(16)
  const modifiedAt = fromDosTime(record.readUInt32LE(12))
  const entry: ZipEntry = { name, method, crc32, sizeBytes, compressedBytes, modifiedAt }
  if (method === 0 && sizeBytes !== compressedBytes)
    throw zipError('structure', `“${name}” is stored and has two sizes`, name)
  const isPlain = nameBytes.length > 0 && record.equals(centralRecord(entry, headerOffset))
  return { ...entry, headerOffset, isPlain }
}

const decodeName = (bytes: Buffer): string => {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return bytes.toString('utf8')
  }
}

/** Takes the values that stand as 0xFFFFFFFF from the ZIP64 extra field, in its order (APPNOTE 4.5.3). */
const zip64Values = (extra: Buffer, name: string): ((plain: number) => number) => {
  let at = 0
  let field = Buffer.alloc(0)
  while (extra.length - at >= 4) {
    const length = extra.readUInt16LE(at + 2)
    if (extra.readUInt16LE(at) === zip64Id) field = Buffer.from(extra.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  let next = 0
  return (plain) => {
    if (plain !== zip64From) return plain
    if (next + 8 > field.length) throw zipError('structure', `“${name}” lacks its ZIP64 sizes`, name)
    next += 8
    return readCount(field, next - 8)
  }
}

/** A 64-bit number that is exact as a JavaScript number. */
export const readCount = (bytes: Buffer, offset: number): number => {
  const value = bytes.readBigUInt64LE(offset)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw zipError('structure', 'it holds an impossible size')
  return Number(value)
}

export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
