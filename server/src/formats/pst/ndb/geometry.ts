/** Where things lie in a Unicode PST ([MS-PST] §2.2.2.7, §1.3.2.4). All in bytes but where a name says otherwise. */
export const firstAMapOffset = 0x4400
export const dListOffset = 0x4200
/** What one AMap covers: 496 bytes of 8 bits of 64 bytes. */
export const intervalBytes = 496 * 8 * 64
export const pageBytes = 512
export const pageBodyBytes = 496
export const unitBytes = 64
export const unitsPerInterval = 496 * 8
/** The most that one block holds. */
export const blockPayloadBytes = 8176
export const blockTrailerBytes = 16

export const pageTypes = { bbt: 0x80, nbt: 0x81, fMap: 0x82, pMap: 0x83, aMap: 0x84, fpMap: 0x85, dList: 0x86 } as const

export const intervalOffset = (index: number): number => firstAMapOffset + index * intervalBytes

/** One FMap page tells of 496 AMaps; the first 128 are told of in the header. */
export const aMapsPerFMap = 496
export const hasFMap = (interval: number): boolean => interval >= 128 && (interval - 128) % aMapsPerFMap === 0

const hasFpMap = (interval: number): boolean => interval >= 8192 && (interval - 8192) % 31744 === 0

export type SpecialPage = { readonly type: number; readonly at: number }

/**
 * The pages an interval begins with, with their places in it. FMap and FPMap never meet in one interval. The FPMap lies at +1024, where SCANPST
 * looks for it, and not at +1536 as [MS-PST] §2.2.2.7.6 has it.
 */
export const specialPages = (interval: number): readonly SpecialPage[] => [
  { type: pageTypes.aMap, at: 0 },
  ...(interval % 8 === 0 ? [{ type: pageTypes.pMap, at: 512 }] : []),
  ...(hasFMap(interval) ? [{ type: pageTypes.fMap, at: 1024 }] : []),
  ...(hasFpMap(interval) ? [{ type: pageTypes.fpMap, at: 1024 }] : []),
]
