import { createBase64Decoder } from './base64-decoder.ts'
import type { ByteRange, ByteSource } from './byte-source.ts'
import { decodeQuotedPrintable } from './decode-transfer.ts'
import { createUudecoder } from './uuencode-decoder.ts'

const chunkBytes = 262_144
/** It passes through strings, and one of more than 128 KB would go to V8's space of large objects, which only a full collection clears. */
const base64Bytes = 65_536
/** A soft line break with the blanks a transport put behind it is not longer. */
const maxEscapeBytes = 82
const maxEscapesInRow = 100

/** The bytes of a range as they are, in pieces of 256 KB. */
export async function* readRange(source: ByteSource, range: ByteRange, signal: AbortSignal): AsyncGenerator<Buffer> {
  const end = Math.min(range.end, source.sizeBytes)
  for (let at = range.start; at < end; ) {
    signal.throwIfAborted()
    const bytes = await source.read(at, Math.min(chunkBytes, end - at))
    if (bytes.length === 0) return
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    at += bytes.length
  }
}

/** Where at the end something starts that the next bytes may turn into an escape or a soft line break; the length if nothing does. */
const openEscapeAt = (data: Buffer): number => {
  const lineEnd = data.lastIndexOf(10)
  let cut = data.length
  for (let step = 0; step < maxEscapesInRow; step++) {
    const mark = cut === 0 ? -1 : data.lastIndexOf(61, cut - 1)
    if (mark < 0 || mark < lineEnd || cut - mark > maxEscapeBytes) break
    cut = mark
  }
  return cut
}

async function* decodeQuotedPrintableStream(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer = Buffer.alloc(0)
  for await (const chunk of raw) {
    const data = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
    const cut = openEscapeAt(data)
    waiting = Buffer.from(data.subarray(cut))
    const decoded = decodeQuotedPrintable(data.subarray(0, cut))
    if (decoded.length > 0) yield decoded
  }
  const rest = decodeQuotedPrintable(waiting)
  if (rest.length > 0) yield rest
}

async function* decodeBase64Stream(raw: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = createBase64Decoder()
  for await (const chunk of raw)
    for (let at = 0; at < chunk.length; at += base64Bytes) {
      const decoded = decoder.push(chunk.subarray(at, at + base64Bytes))
      if (decoded.length > 0) yield decoded
    }
  const rest = decoder.end()
  if (rest.length > 0) yield rest
}

async function* decodeUuencodeStream(
  source: ByteSource,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const decoder = createUudecoder()
  for await (const chunk of readRange(source, range, signal)) {
    const decoded = decoder.push(chunk)
    if (decoded.length > 0) yield decoded
  }
  const rest = decoder.end()
  if (rest.length > 0) yield rest
  // Said to be encoded, but it is not.
  if (!decoder.hasBegun) yield* readRange(source, range, signal)
}

const uuencodings: ReadonlySet<string> = new Set(['x-uuencode', 'x-uue', 'uuencode', 'uue'])

/** Transfer encodings that leave bytes as they are (RFC 2045 §6.2), and none. */
const identity: ReadonlySet<string> = new Set(['', '7bit', '8bit', 'binary'])

export const isUuencoding = (encoding: string): boolean => uuencodings.has(encoding)

export const isKnownEncoding = (encoding: string): boolean =>
  identity.has(encoding) || encoding === 'base64' || encoding === 'quoted-printable' || uuencodings.has(encoding)

/**
 * The content of a part with its transfer encoding undone, from the beginning at each call, in bounded memory. Each piece is good until the
 * next is asked for. An encoding nobody knows leaves the bytes as they are. Throws nothing but what `read` throws and the reason of `signal`.
 */
export const openContent = (
  source: ByteSource,
  range: ByteRange,
  encoding: string,
  signal: AbortSignal,
): AsyncIterable<Buffer> => {
  if (uuencodings.has(encoding)) return decodeUuencodeStream(source, range, signal)
  const raw = readRange(source, range, signal)
  if (encoding === 'base64') return decodeBase64Stream(raw)
  if (encoding === 'quoted-printable') return decodeQuotedPrintableStream(raw)
  return raw
}

/** The same as a whole, which the caller has found small enough for memory. Not to be changed. */
export const readContent = async (
  source: ByteSource,
  range: ByteRange,
  encoding: string,
  signal: AbortSignal,
): Promise<Buffer> => {
  if (identity.has(encoding)) {
    signal.throwIfAborted()
    const end = Math.min(range.end, source.sizeBytes)
    const bytes = await source.read(range.start, Math.max(0, end - range.start))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  const chunks: Buffer[] = []
  for await (const chunk of openContent(source, range, encoding, signal)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
