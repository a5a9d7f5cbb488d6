/** A file of known size that is read at any place. */
export type ReadableFile = {
  readonly sizeBytes: number
  /** Answers exactly these bytes; fewer only where the file ends. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

export const u16 = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8)
export const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0

export const isAll = (bytes: Uint8Array, value: number): boolean => bytes.every((byte) => byte === value)

export const hex = (number: number, digits = 1): string =>
  `0x${number.toString(16).toUpperCase().padStart(digits, '0')}`

/** UTF-16LE as it stands, lone surrogates too. */
export const textOf = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(u16(bytes, at))
  return text
}
