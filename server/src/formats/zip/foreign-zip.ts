import { Buffer, isUtf8 } from 'node:buffer'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { centralFixedBytes, centralSignature, endBytes, endSignature, zip64LocatorBytes } from './central-record.ts'
import { fromDosTime } from './dos-time.ts'
import { localFixedBytes, localSignature, utf8Flag, zip64From, zip64Id } from './local-header.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { asBuffer, readCount } from './read-directory.ts'
import { unpack } from './read-entry.ts'
import { zipError } from './zip-fault.ts'

/** One entry of a ZIP file that somebody else has written. */
export type ForeignEntry = {
  /** Where its record lies in the file: by this it is found again. */
  readonly recordOffset: number
  /** As it is written there, whatever it is. */
  readonly name: string
  readonly headerOffset: number
  readonly compressedBytes: number
  readonly sizeBytes: number
  readonly crc32: number
  readonly modifiedAt: Date | null
  readonly method: 0 | 8
  /** Why it cannot be read; null when it can. */
  readonly refusal: 'encrypted' | 'method' | 'link' | null
}

export type ForeignZip = {
  /** All entries in the order of the central directory, those of folders left out; nothing is kept. */
  entries(signal: AbortSignal): AsyncIterable<ForeignEntry>
  /** @throws AppError `archive_invalid` */
  entryAt(recordOffset: number): Promise<ForeignEntry>
  /** Its bytes, checked as they come. @throws AppError `archive_invalid` */
  content(entry: ForeignEntry, signal: AbortSignal): AsyncGenerator<Uint8Array>
}

const zip64LocatorSignature = 0x0706_4b50
const zip64EndSignature = 0x0606_4b50
const longestCommentBytes = 0xffff
const windowBytes = 1 << 20
/** Three lengths of 16 bits may stand behind the fixed part. */
const longestRecordBytes = centralFixedBytes + 3 * 0xffff
const dataStepBytes = 1 << 20
const timestampId = 0x5455

/** Code page 437, in which names without the flag for UTF-8 are written (APPNOTE, appendix D). */
const codePage437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/** Many writers use UTF-8 without saying so; what is UTF-8 by chance alone is rare. */
const decodeName = (bytes: Buffer, isMarkedUtf8: boolean): string =>
  isMarkedUtf8 || isUtf8(bytes)
    ? bytes.toString('utf8')
    : Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : codePage437[byte - 128]!)).join('')

type Extent = { readonly offset: number; readonly sizeBytes: number }

const findDirectory = async (file: RandomAccessFile): Promise<Extent> => {
  const tailBytes = Math.min(file.sizeBytes, longestCommentBytes + endBytes + zip64LocatorBytes)
  const tailOffset = file.sizeBytes - tailBytes
  const tail = asBuffer(await file.read(tailOffset, tailBytes))
  let at = tail.length - endBytes
  // The record whose comment ends with the file; what looks like one within a comment does not.
  while (
    at >= 0 &&
    !(tail.readUInt32LE(at) === endSignature && at + endBytes + tail.readUInt16LE(at + 20) <= tail.length)
  )
    at--
  if (at < 0) throw zipError('structure', 'it is no ZIP file, or was cut off')
  let extent: Extent = { sizeBytes: tail.readUInt32LE(at + 12), offset: tail.readUInt32LE(at + 16) }
  const locator = at - zip64LocatorBytes
  if (locator >= 0 && tail.readUInt32LE(locator) === zip64LocatorSignature) {
    const end = asBuffer(await file.read(readCount(tail, locator + 8), 56))
    if (end.length < 56 || end.readUInt32LE(0) !== zip64EndSignature)
      throw zipError('structure', 'its ZIP64 end record is missing')
    extent = { sizeBytes: readCount(end, 40), offset: readCount(end, 48) }
  }
  if (extent.offset + extent.sizeBytes > tailOffset + at)
    throw zipError('structure', 'its central directory lies outside of it')
  return extent
}

const recordBytes = (record: Buffer): number =>
  centralFixedBytes + record.readUInt16LE(28) + record.readUInt16LE(30) + record.readUInt16LE(32)

/** Extra fields by their id; of two with one id the first. */
const extraFields = (extra: Buffer): ReadonlyMap<number, Buffer> => {
  const fields = new Map<number, Buffer>()
  for (let at = 0; extra.length - at >= 4; ) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)]
    if (!fields.has(id)) fields.set(id, extra.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return fields
}

const parse = (record: Buffer, recordOffset: number): ForeignEntry => {
  const nameEnd = centralFixedBytes + record.readUInt16LE(28)
  const flags = record.readUInt16LE(8)
  const method = record.readUInt16LE(10)
  const name = decodeName(record.subarray(centralFixedBytes, nameEnd), (flags & utf8Flag) !== 0)
  const extra = extraFields(record.subarray(nameEnd, nameEnd + record.readUInt16LE(30)))
  const large = extra.get(zip64Id) ?? Buffer.alloc(0)
  let next = 0
  const sized = (plain: number): number => {
    if (plain !== zip64From || next + 8 > large.length) return plain
    next += 8
    return readCount(large, next - 8)
  }
  const sizeBytes = sized(record.readUInt32LE(24))
  const compressedBytes = sized(record.readUInt32LE(20))
  const headerOffset = sized(record.readUInt32LE(42))
  const stamp = extra.get(timestampId)
  const isUnix = record.readUInt8(5) === 3
  const isLink = isUnix && ((record.readUInt32LE(38) >>> 16) & 0o170000) === 0o120000
  return {
    recordOffset,
    name,
    headerOffset,
    compressedBytes,
    sizeBytes,
    crc32: record.readUInt32LE(16),
    modifiedAt:
      stamp && stamp.length >= 5 && (stamp[0]! & 1) === 1
        ? new Date(stamp.readInt32LE(1) * 1000)
        : fromDosTime(record.readUInt32LE(12)),
    method: method === 0 ? 0 : 8,
    refusal: (flags & 0x2041) !== 0 ? 'encrypted' : isLink ? 'link' : method !== 0 && method !== 8 ? 'method' : null,
  }
}

/**
 * Opens a ZIP file of any writer: data descriptors, comments, names in old code pages and ZIP64 where it is not needed. What its central
 * directory says is believed only as far as each entry's bytes bear it out. Our own archives are read by `openZip`, which is stricter.
 * @throws AppError `archive_invalid`
 */
export const openForeignZip = async (file: RandomAccessFile): Promise<ForeignZip> => {
  const directory = await findDirectory(file)
  const directoryEnd = directory.offset + directory.sizeBytes

  async function* data(
    { headerOffset, compressedBytes, name }: ForeignEntry,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const broken = (what: string) => zipError('header_differs', `“${name}” ${what}`, name)
    const header = asBuffer(await file.read(headerOffset, localFixedBytes))
    if (header.length < localFixedBytes || header.readUInt32LE(0) !== localSignature)
      throw broken('does not begin with a local header')
    const offset = headerOffset + localFixedBytes + header.readUInt16LE(26) + header.readUInt16LE(28)
    if (offset + compressedBytes > directory.offset) throw broken('lies outside the file')
    for (let done = 0; done < compressedBytes; ) {
      signal.throwIfAborted()
      const chunk = asBuffer(await file.read(offset + done, Math.min(dataStepBytes, compressedBytes - done)))
      if (chunk.length === 0) throw broken('is cut off')
      done += chunk.length
      yield chunk
    }
  }

  return {
    async *entries(signal) {
      let window: Buffer = Buffer.alloc(0)
      let windowOffset = directory.offset
      for (let at = directory.offset; at < directoryEnd; ) {
        signal.throwIfAborted()
        const isShort = (bytes: number) => at + bytes > windowOffset + window.length
        if (isShort(centralFixedBytes) || isShort(recordBytes(window.subarray(at - windowOffset)))) {
          const wanted = Math.min(Math.max(windowBytes, longestRecordBytes), directoryEnd - at)
          window = asBuffer(await file.read(at, wanted))
          windowOffset = at
        }
        const rest = window.subarray(at - windowOffset)
        const isRecord = rest.length >= centralFixedBytes && rest.readUInt32LE(0) === centralSignature
        if (!isRecord || recordBytes(rest) > rest.length)
          throw zipError('structure', 'a record of its central directory is damaged')
        const length = recordBytes(rest)
        const entry = parse(rest.subarray(0, length), at)
        at += length
        if (!entry.name.endsWith('/') && entry.name !== '') yield entry
      }
    },
    entryAt: async (recordOffset) => {
      const fixed = asBuffer(
        await file.read(recordOffset, Math.min(longestRecordBytes, directoryEnd - recordOffset, 1024)),
      )
      if (fixed.length < centralFixedBytes || fixed.readUInt32LE(0) !== centralSignature)
        throw zipError('structure', 'a record of its central directory is damaged')
      const length = recordBytes(fixed)
      const record = length <= fixed.length ? fixed : asBuffer(await file.read(recordOffset, length))
      return parse(record.subarray(0, length), recordOffset)
    },
    content: (entry, signal) => {
      if (entry.refusal !== null) throw new AppError('archive_invalid', { details: { reason: entry.refusal } })
      return unpack(() => data(entry, signal), entry, signal)
    },
  }
}
