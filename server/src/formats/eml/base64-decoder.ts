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

export type Base64Decoder = { push(chunk: Buffer): Buffer; end(): Buffer }

/**
 * Undoes base64 (RFC 2045 §6.8) that comes in pieces. What is no character of it is passed over; padding ends a group of four and more
 * may follow, as programs write that encode piece by piece.
 */
export const createBase64Decoder = (): Base64Decoder => {
  let bits = 0
  let count = 0 // characters of the group at hand

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

  const push = (chunk: Buffer): Buffer => {
    const out = Buffer.allocUnsafe(Math.ceil(((chunk.length + 4) * 3) / 4) + 3)
    // Up to the first character that is none of base64, the native decoder can be trusted.
    let characters = 0
    let clean = 0
    for (; clean < chunk.length; clean++) {
      const value = values[chunk[clean]!]!
      if (value < 64) characters++
      else if (value !== 65) break
    }
    let at = 0
    let length = 0
    if (count > 0) {
      characters -= 4 - count
      ;({ at, length } = decodeInto(chunk, 0, clean, out, 0, true))
    }
    if (characters > 0) {
      // It takes whole groups; what is beyond the last one is done with care.
      let stop = clean
      for (let over = characters % 4; over > 0; ) if (values[chunk[--stop]!]! < 64) over--
      length += out.write(chunk.toString('latin1', at, stop), length, 'base64')
      at = stop
    }
    return out.subarray(0, decodeInto(chunk, at, chunk.length, out, length, false).length)
  }

  return {
    push,
    end: () => {
      const out = Buffer.allocUnsafe(2)
      return out.subarray(0, endGroup(out, 0))
    },
  }
}
