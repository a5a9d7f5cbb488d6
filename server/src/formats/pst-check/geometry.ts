/** Where things lie in a Unicode PST with pages of 512 bytes ([MS-PST] 2.2.2.7). All in bytes unless named otherwise. */
export const pageBytes = 512
export const trailerBytes = 16
export const listPageOffset = 0x4200
export const firstMapOffset = 0x4400
/** What one allocation map speaks of: 496 bytes of bits, 64 bytes a bit. */
export const intervalBytes = 253_952
export const unitBytes = 64
export const unitsOfInterval = intervalBytes / unitBytes
export const mapBytes = 496
export const mostPayloadBytes = 8176

export const pageTypes = {
  blockTree: 0x80,
  nodeTree: 0x81,
  freeMap: 0x82,
  pageMap: 0x83,
  allocationMap: 0x84,
  freePageMap: 0x85,
  densityList: 0x86,
} as const

export const hasPageMap = (interval: number): boolean => interval % 8 === 0
export const hasFreeMap = (interval: number): boolean => interval >= 128 && (interval - 128) % 496 === 0
export const hasFreePageMap = (interval: number): boolean => interval >= 8192 && (interval - 8192) % 31_744 === 0

/** Room of a block on the disk: payload and trailer, rounded up. */
export const storedBytes = (payloadBytes: number): number =>
  Math.ceil((payloadBytes + trailerBytes) / unitBytes) * unitBytes
