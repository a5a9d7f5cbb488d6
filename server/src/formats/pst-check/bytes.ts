import { crc32 } from 'node:zlib'

/** A file of known size that is read at any place. */
export type ReadableFile = {
  readonly sizeBytes: number
  /** Answers exactly these bytes; fewer only where the file ends. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

export const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0
/** Exact up to 2^53; whatever is larger is no true value in a PST and stays larger than every true one. */
export const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32

/** The checksum of PST files: CRC-32 that begins with 0 and is not inverted ([MS-PST] 5.3). */
export const pstCrc = (bytes: Uint8Array): number => (crc32(bytes, 0xffffffff) ^ 0xffffffff) >>> 0

/** wSig of a page or block ([MS-PST] 5.5): of the low 32 bits only. */
export const signatureOf = (offset: number, bid: number): number => {
  const mixed = ((offset % 2 ** 32) ^ (bid % 2 ** 32)) >>> 0
  return (mixed >>> 16) ^ (mixed & 0xffff)
}

export const hex = (number: number): string => `0x${number.toString(16).toUpperCase()}`

export const isAll = (bytes: Uint8Array, value: number): boolean => bytes.every((byte) => byte === value)

export const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** Order of two keys of equal length by their bytes. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  for (let index = 0; index < a.length; index++) {
    const difference = a[index]! - b[index]!
    if (difference !== 0) return difference
  }
  return 0
}

/** UTF-16LE as it stands, lone surrogates too. */
export const textOf = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(u16(bytes, at))
  return text
}
