import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { localFixedBytes, localHeader, localSignature, utf8Flag, zip64From, zip64Id } from './local-header.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { asBuffer, readCount } from './read-directory.ts'
import { zipError } from './zip-fault.ts'

/** Where an entry lies and what it must be, from the central directory or from an index made when it was written. */
export type EntryFacts = {
  readonly headerOffset: number
  readonly compressedBytes: number
  readonly method: 0 | 8
  readonly crc32: number
  readonly sizeBytes: number
  /** Checked against the local header when given. */
  readonly name?: string
  /** When given together with `name`, the local header must be, byte for byte, the one these facts give. */
  readonly modifiedAt?: Date | null
}

/** Reads of the file are at most this long; so are stored chunks. */
const stepBytes = 1 << 20
/** Up to this size, before and after, an entry is read and inflated in one go. */
const wholeBytes = 1 << 20

/**
 * The bytes of an entry. Never more than announced come out: a deflate stream that goes on is an error at that point.
 * Only when the iteration ends without an error have size and CRC-32 been found right.
 * @throws AppError `archive_invalid`, with `fault` in its details
 */
export const readEntry = (
  file: RandomAccessFile,
  directoryOffset: number,
  facts: EntryFacts,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> => unpack(() => openData(file, directoryOffset, facts, signal), facts, signal)

/**
 * The bytes of an entry out of its data as it lies in the file, checked as they come against size and CRC-32.
 * @throws AppError `archive_invalid`, with `fault` in its details
 */
export async function* unpack(
  open: () => AsyncGenerator<Buffer> | Promise<AsyncGenerator<Buffer>>,
  facts: EntryFacts,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { sizeBytes, compressedBytes, method } = facts
  const data = await open()
  const isWhole = compressedBytes <= wholeBytes && sizeBytes <= wholeBytes
  const chunks = method === 0 ? data : isWhole ? inflateWhole(data, facts) : inflateStream(data, facts)
  let outBytes = 0
  let crc = 0
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    outBytes += chunk.length
    if (outBytes > sizeBytes) throw entryError('size_differs', 'is longer than it says', facts)
    crc = crc32(chunk, crc)
    // The last bytes go out only when they are known to be right.
    if (outBytes === sizeBytes && crc !== facts.crc32 >>> 0)
      throw entryError('crc_differs', 'is damaged: its CRC-32 is another', facts)
    if (chunk.length > 0) yield chunk
  }
  if (outBytes !== sizeBytes) throw entryError('size_differs', 'is shorter than it says', facts)
  if (crc !== facts.crc32 >>> 0) throw entryError('crc_differs', 'is damaged: its CRC-32 is another', facts)
}

/**
 * The data of an entry as it lies in the file, deflated or not.
 * @throws AppError `archive_invalid` when its local header is not the one these facts give, or the file ends before
 */
export async function* readPacked(
  file: RandomAccessFile,
  directoryOffset: number,
  facts: EntryFacts,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield* await openData(file, directoryOffset, facts, signal)
}

/** Checks the local header and answers what lies behind it. */
const openData = async (
  file: RandomAccessFile,
  directoryOffset: number,
  facts: EntryFacts,
  signal?: AbortSignal,
): Promise<AsyncGenerator<Buffer>> => {
  signal?.throwIfAborted()
  const { compressedBytes } = facts
  if (facts.headerOffset < 0 || facts.headerOffset + localFixedBytes + compressedBytes > directoryOffset)
    throw entryError('structure', 'lies outside the archive', facts)
  const nameBytes = facts.name === undefined ? 512 : Buffer.byteLength(facts.name)
  if (nameBytes === 0 || nameBytes > 0xffff) throw entryError('header_differs', 'has a name that cannot be one', facts)
  const firstBytes = Math.min(
    localFixedBytes + nameBytes + 20 + compressedBytes,
    stepBytes,
    directoryOffset - facts.headerOffset,
  )
  let first = asBuffer(await file.read(facts.headerOffset, firstBytes))
  if (first.length !== firstBytes) throw entryError('structure', 'is cut off', facts)
  const headerBytes = localHeaderBytes(first, facts)
  if (headerBytes > first.length)
    first = asBuffer(await file.read(facts.headerOffset, Math.min(headerBytes, directoryOffset - facts.headerOffset)))
  checkLocalHeader(first.subarray(0, headerBytes), facts)
  const dataOffset = facts.headerOffset + headerBytes
  if (dataOffset + compressedBytes > directoryOffset) throw entryError('structure', 'lies outside the archive', facts)

  return compressedData(file, dataOffset, compressedBytes, first.subarray(headerBytes), facts, signal)
}

const entryError = (fault: Parameters<typeof zipError>[0], what: string, facts: EntryFacts) =>
  zipError(fault, facts.name === undefined ? `an entry ${what}` : `“${facts.name}” ${what}`, facts.name)

const localHeaderBytes = (header: Buffer, facts: EntryFacts): number => {
  if (header.readUInt32LE(0) !== localSignature)
    throw entryError('header_differs', 'does not begin with a local header', facts)
  return localFixedBytes + header.readUInt16LE(26) + header.readUInt16LE(28)
}

const checkLocalHeader = (header: Buffer, facts: EntryFacts): void => {
  const { name, modifiedAt, ...place } = facts
  const differs = (what: string) => entryError('header_differs', `has a local header with another ${what}`, facts)
  if (name !== undefined && modifiedAt !== undefined) {
    if (!header.equals(localHeader({ name, modifiedAt, ...place }))) throw differs('content than the central directory')
    return
  }
  const nameEnd = localFixedBytes + header.readUInt16LE(26)
  if (name !== undefined && !header.subarray(localFixedBytes, nameEnd).equals(Buffer.from(name))) throw differs('name')
  // Bits 1 and 2 only tell how hard deflate tried (APPNOTE 4.4.4); everything else would mean other data.
  if ((header.readUInt16LE(6) & ~(utf8Flag | 6)) !== 0) throw differs('set of flags')
  if (header.readUInt16LE(8) !== facts.method) throw differs('method')
  if (header.readUInt32LE(14) !== facts.crc32 >>> 0) throw differs('CRC-32')
  const sizes = localSizes(header, nameEnd)
  if (sizes.compressedBytes !== facts.compressedBytes || sizes.sizeBytes !== facts.sizeBytes) throw differs('size')
}

const localSizes = (header: Buffer, nameEnd: number): { compressedBytes: number; sizeBytes: number } => {
  const plain = { compressedBytes: header.readUInt32LE(18), sizeBytes: header.readUInt32LE(22) }
  for (let at = nameEnd; header.length - at >= 20; at += 4 + header.readUInt16LE(at + 2))
    if (header.readUInt16LE(at) === zip64Id && plain.sizeBytes === zip64From && plain.compressedBytes === zip64From)
      return { sizeBytes: readCount(header, at + 4), compressedBytes: readCount(header, at + 12) }
  return plain
}

async function* compressedData(
  file: RandomAccessFile,
  offset: number,
  lengthBytes: number,
  first: Buffer,
  facts: EntryFacts,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  let done = Math.min(first.length, lengthBytes)
  if (done > 0) yield first.subarray(0, done)
  while (done < lengthBytes) {
    signal?.throwIfAborted()
    const wanted = Math.min(stepBytes, lengthBytes - done)
    const chunk = asBuffer(await file.read(offset + done, wanted))
    if (chunk.length !== wanted) throw entryError('structure', 'is cut off', facts)
    yield chunk
    done += wanted
  }
}

async function* inflateWhole(data: AsyncIterable<Buffer>, facts: EntryFacts): AsyncGenerator<Uint8Array> {
  const parts: Buffer[] = []
  for await (const part of data) parts.push(part)
  const deflated = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  try {
    // One byte more than announced is enough to see that there is more.
    const { buffer, engine } = inflateRawSync(deflated, {
      maxOutputLength: facts.sizeBytes + 1,
      chunkSize: Math.max(64, facts.sizeBytes + 1),
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    if (engine.bytesWritten !== facts.compressedBytes)
      throw entryError('data_unreadable', 'has bytes after its compressed data', facts)
    yield buffer
  } catch (cause) {
    throw inflateError(cause, facts)
  }
}

async function* inflateStream(data: AsyncIterable<Buffer>, facts: EntryFacts): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: 1 << 16 })
  const input = Readable.from(data, { objectMode: true, highWaterMark: 1 })
  const fed = pipeline(input, inflate).catch(() => undefined) // the reader below gets the same error
  try {
    for await (const chunk of inflate) yield chunk as Buffer
    if (inflate.bytesWritten !== facts.compressedBytes)
      throw entryError('data_unreadable', 'has bytes after its compressed data', facts)
  } catch (cause) {
    throw inflateError(cause, facts)
  } finally {
    input.destroy()
    inflate.destroy()
    await fed
  }
}

const inflateError = (cause: unknown, facts: EntryFacts): unknown => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (isAppError(cause)) return cause
  if (code === 'ERR_BUFFER_TOO_LARGE') return entryError('size_differs', 'is longer than it says', facts)
  if (code.startsWith('Z_')) return entryError('data_unreadable', 'is damaged: its data does not inflate', facts)
  return cause
}
