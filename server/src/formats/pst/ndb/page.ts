import type { Buffer } from 'node:buffer'
import { pstCrc, signature } from './checksums.ts'
import { pageBodyBytes, pageTypes } from './geometry.ts'
import { writeUint64 } from './integers.ts'

const withoutSignature = new Set<number>([pageTypes.aMap, pageTypes.pMap, pageTypes.fMap, pageTypes.fpMap])

/** Completes the page at `at` with its trailer ([MS-PST] §2.2.2.7.1). The body has to be there already. */
export const writePageTrailer = (target: Buffer, at: number, type: number, offset: number, bid: number): void => {
  const end = at + pageBodyBytes
  target[end] = type
  target[end + 1] = type
  target.writeUInt16LE(withoutSignature.has(type) ? 0 : signature(offset, bid), end + 2)
  target.writeUInt32LE(pstCrc(target.subarray(at, end)), end + 4)
  writeUint64(target, end + 8, bid)
}

/** A map page has its own place in the file for a BID. */
export const writeMapPage = (target: Buffer, at: number, type: number, offset: number): void =>
  writePageTrailer(target, at, type, offset, offset)
