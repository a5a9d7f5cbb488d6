import type { Buffer } from 'node:buffer'

const twoTo32 = 0x1_0000_0000

/** Writes a non-negative integer below 2^53 as 64 bits. */
export const writeUint64 = (target: Buffer, at: number, value: number): void => {
  target.writeUInt32LE(value >>> 0, at)
  target.writeUInt32LE(Math.floor(value / twoTo32), at + 4)
}
