import type { ByteRange, ByteSource } from './byte-source.ts'
import { readRange } from './open-content.ts'

/** What text has and base64 has not: colon, full stop, comma, angle bracket, and a blank that does not end a line. */
const foreign = [58, 46, 44, 60] as const
const ends: ReadonlySet<number | undefined> = new Set([9, 10, 13, 32, undefined])

const hasBlankWithin = (chunk: Buffer): boolean => {
  for (let at = chunk.indexOf(32); at >= 0; at = chunk.indexOf(32, at + 1)) if (!ends.has(chunk[at + 1])) return true
  return false
}

/**
 * Whether there is text among base64, which a decoder passes over: a footer that a mailing list added, or the next part when a
 * boundary was lost. Made to be quick, so it finds text, not every foreign character.
 */
export const hasTextInBase64 = async (source: ByteSource, range: ByteRange, signal: AbortSignal): Promise<boolean> => {
  for await (const chunk of readRange(source, range, signal))
    if (foreign.some((byte) => chunk.includes(byte)) || hasBlankWithin(chunk)) return true
  return false
}
