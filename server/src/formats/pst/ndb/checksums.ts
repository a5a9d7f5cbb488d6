import { crc32 } from 'node:zlib'

/** CRC of pages, blocks, header and names: reflected 0xEDB88320 from 0 without the usual inversions ([MS-PST] §5.3). */
export const pstCrc = (bytes: Uint8Array): number => (crc32(bytes, 0xffffffff) ^ 0xffffffff) >>> 0

/** Ties a block or page to its place ([MS-PST] §5.5). Only the low 32 bits of either count. */
export const signature = (offset: number, bid: number): number => {
  const mixed = ((offset >>> 0) ^ (bid >>> 0)) >>> 0
  return ((mixed >>> 16) ^ mixed) & 0xffff
}
