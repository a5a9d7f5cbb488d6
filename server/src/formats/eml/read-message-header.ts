import type { ByteRange, ByteSource } from './byte-source.ts'
import { decodeRawHeader } from './decode-charset.ts'
import { scanHeader } from './scan-header.ts'

/** The header of a message: its fields as they stand, and the whole as text. */
export type MessageHeader = {
  /** Values of a field by its name in lower case, in their order: unfolded, decoded from their bytes, not from encoded words. */
  all(name: string): readonly string[]
  /** The first value that says something; empty when there is none. */
  first(name: string): string
  /** The header as it stands, with CRLF as line ends. */
  readonly text: string
  readonly isCutOff: boolean
}

/** Reads a header that `indexParts` has found. Of more than `maxBytes` the beginning. */
export const readMessageHeader = async (
  source: ByteSource,
  range: ByteRange,
  maxBytes: number,
  wanted: ReadonlySet<string>,
): Promise<MessageHeader> => {
  const length = Math.min(range.end - range.start, maxBytes)
  const bytes = length <= 0 ? Buffer.alloc(0) : await source.read(range.start, length)
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const fields = new Map<string, string[]>()
  scanHeader(latin1, wanted, (name, value) => {
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [value])
    else if (values.length < maxRepeats) values.push(value)
  })
  const all = (name: string): readonly string[] => (fields.get(name) ?? []).map(decodeRawHeader)
  return {
    all,
    first: (name) => all(name).find((value) => value.trim() !== '') ?? '',
    text: decodeRawHeader(latin1)
      .replace(/\r*\n|\r/g, '\r\n')
      .replace(/(\r\n)+$/, '\r\n'),
    isCutOff: range.end - range.start > maxBytes,
  }
}

/** A field that stands there more often than that says nothing new. */
const maxRepeats = 1_000
