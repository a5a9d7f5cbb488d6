import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib'

/** Bytes of the middle that are tried; enough to see whether anything repeats, cheap enough to do for every window. */
const sampleBytes = 4096
/** Base64 of what is compressed already comes to 0.76 by its alphabet alone; a text that repeats is far below. */
const hopelessRatio = 0.72

/** Below this, trying costs as much as it could save. */
const worthTrying = 32 * 1024

/**
 * Whether searching for repetitions is a waste: then the alphabet alone (Huffman only) gives the same size at about four
 * times the speed. Attachments are mostly such: base64 of JPEG, ZIP, PDF.
 */
export const isHopeless = (bytes: Uint8Array): boolean => sampledRatio(bytes) > hopelessRatio

/** How much of the middle is left when it is deflated; 0 for what is too short to be worth the trial. */
const sampledRatio = (bytes: Uint8Array): number => {
  if (bytes.length < worthTrying) return 0
  const from = (bytes.length - sampleBytes) >> 1
  const sample = bytes.subarray(from, from + sampleBytes)
  return deflateRawSync(sample, { level: 1, windowBits: 12, chunkSize: 2 * sampleBytes }).length / sampleBytes
}

/** Level 4 gives files 1 to 2 % larger than level 6, at one and a half (small messages) to two and a half times (long text) its speed. */
const level = 4
export const searching = { level, strategy: constants.Z_DEFAULT_STRATEGY } as const
export const alphabetOnly = { level, strategy: constants.Z_HUFFMAN_ONLY } as const

// A window no larger than the data costs less to set up, and gives the same bytes.
const windowBitsFor = (sizeBytes: number): number => (sizeBytes <= 8192 ? 13 : sizeBytes <= 16_384 ? 14 : 15)

/** Options to deflate a whole item at once, with the output of all but large ones in one piece. */
export const wholeItemOptions = (bytes: Uint8Array): ZlibOptions => optionsFor(bytes.length, isHopeless(bytes))

const optionsFor = (sizeBytes: number, hopeless: boolean): ZlibOptions => ({
  ...(hopeless ? alphabetOnly : searching),
  windowBits: windowBitsFor(sizeBytes),
  chunkSize: Math.max(1024, Math.min(sizeBytes + 64, 256 * 1024)),
})

/**
 * How to deflate a whole file that is not all text; null where it is best stored: not even the alphabet of a JPEG or ZIP itself can be made shorter.
 * Small ones are mostly text and not tried.
 */
export const wholeFileOptions = (bytes: Uint8Array): ZlibOptions | null => {
  const ratio = bytes.length < 4 * worthTrying ? 0 : sampledRatio(bytes)
  return ratio >= 1 ? null : optionsFor(bytes.length, ratio > hopelessRatio)
}
