/** 0 to 63 for a character of base64 or its URL-safe form; 64 for the padding, 65 for a blank, 66 for what is neither. */
const values = new Uint8Array(256).fill(66)
for (const [at, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  values[character.charCodeAt(0)] = at
for (const [code, value] of [
  [45, 62],
  [95, 63],
  [61, 64],
  [9, 65],
  [10, 65],
  [13, 65],
  [32, 65],
] as const)
  values[code] = value

/** What is answered is good until the next call. */
export type Base64Decoder = { push(chunk: Buffer): Buffer; end(): Buffer }

/** How many characters there are if the lines are as long as the second and hold nothing else: never fewer than there are, unless it answers 0. */
const charactersOfLines = (chunk: Buffer, from: number): number => {
  const first = chunk.indexOf(10, from)
  if (first < 0) return chunk.length - from
  const second = chunk.indexOf(10, first + 1)
  const endBytes = first > from && chunk[first - 1] === 13 ? 2 : 1
  if (second < 0) return chunk.length - from - endBytes
  const width = second - first
  let lines = 0
  for (let end = first; end < chunk.length; end += width) {
    if (chunk[end] !== 10 || (endBytes === 2 && chunk[end - 1] !== 13)) return 0
    lines++
  }
  return chunk.length - from - lines * endBytes
}

/**
 * Undoes base64 (RFC 2045 §6.8) that comes in pieces. What is no character of it is passed over; padding ends a group of four and more
 * may follow, as programs write that encode piece by piece.
 */
export const createBase64Decoder = (): Base64Decoder => {
  let bits = 0
  let count = 0 // characters of the group at hand
  let scratch: Buffer = Buffer.alloc(0)
  // One for all chunks: a new one for each would be garbage outside of V8's heap, of the size of the whole content.
  const room = (bytes: number): Buffer => {
    if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes)
    return scratch
  }

  /** The careful way, character by character. Answers how far it wrote. */
  const decodeInto = (chunk: Buffer, from: number, to: number, out: Buffer, outFrom: number, isGroupOnly: boolean) => {
    let length = outFrom
    let at = from
    for (; at < to; at++) {
      const value = values[chunk[at]!]!
      if (value < 64) {
        bits = (bits << 6) | value
        if (++count === 4) {
          out[length++] = (bits >> 16) & 255
          out[length++] = (bits >> 8) & 255
          out[length++] = bits & 255
          bits = 0
          count = 0
          if (isGroupOnly) return { at: at + 1, length }
        }
      } else if (value === 64) length = endGroup(out, length)
    }
    return { at, length }
  }

  const endGroup = (out: Buffer, from: number): number => {
    let length = from
    if (count === 3) {
      out[length++] = (bits >> 10) & 255
      out[length++] = (bits >> 2) & 255
    } else if (count === 2) out[length++] = (bits >> 4) & 255
    bits = 0
    count = 0
    return length
  }

  /** Completes the group at hand, as far as the chunk goes. */
  const finishGroup = (chunk: Buffer, out: Buffer) =>
    count === 0 ? { at: 0, length: 0 } : decodeInto(chunk, 0, chunk.length, out, 0, true)

  const push = (chunk: Buffer): Buffer => {
    const out = room(Math.ceil(((chunk.length + 4) * 3) / 4) + 3)
    let { at, length } = finishGroup(chunk, out)
    const characters = charactersOfLines(chunk, at)
    if (characters >= 4) {
      // The native decoder takes whole groups, and passes over what is none of base64: then there is less than there should be.
      let stop = chunk.length
      for (let over = characters % 4; over > 0 && stop > at; ) if (values[chunk[--stop]!]! < 64) over--
      const wanted = (characters >>> 2) * 3
      if (out.write(chunk.toString('latin1', at, stop), length, 'base64') === wanted) {
        length += wanted
        at = stop
      }
    }
    return out.subarray(0, decodeInto(chunk, at, chunk.length, out, length, false).length)
  }

  return {
    push,
    end: () => {
      const out = room(2)
      return out.subarray(0, endGroup(out, 0))
    },
  }
}
