import { Buffer } from 'node:buffer'
import { pstCrc } from './checksums.ts'
import { dListOffset, firstAMapOffset, pageTypes } from './geometry.ts'
import { writeUint64 } from './integers.ts'
import { writePageTrailer } from './page.ts'
import type { PageRef } from './page-tree.ts'

export type HeaderFields = {
  readonly nextPageBid: number
  readonly nextBlockBid: number
  /** Above each PidTagLtpRowVer of the file. */
  readonly unique: number
  /** The highest index in use, by NID type. */
  readonly highestIndexes: ArrayLike<number>
  readonly sizeBytes: number
  readonly lastAMapOffset: number
  readonly freeBytes: number
  readonly nbtRoot: PageRef
  readonly bbtRoot: PageRef
  readonly cryptMethod: number
  readonly dListBid: number
}

/** All before the first AMap: the header ([MS-PST] §2.2.2.6) and an empty DList page, without which SCANPST repairs the file. */
export const headerRegion = (fields: HeaderFields): Buffer => {
  const bytes = Buffer.alloc(firstAMapOffset)
  bytes.write('!BDN', 0, 'latin1')
  bytes.write('SM', 8, 'latin1')
  bytes.writeUInt16LE(23, 10)
  bytes.writeUInt16LE(19, 12)
  bytes[14] = 1
  bytes[15] = 1
  writeUint64(bytes, 32, fields.nextPageBid)
  bytes.writeUInt32LE(fields.unique, 40)
  for (let type = 0; type < 32; type++) bytes.writeUInt32LE(fields.highestIndexes[type]!, 44 + type * 4)
  writeUint64(bytes, 184, fields.sizeBytes)
  writeUint64(bytes, 192, fields.lastAMapOffset)
  writeUint64(bytes, 200, fields.freeBytes)
  writeUint64(bytes, 216, fields.nbtRoot.bid)
  writeUint64(bytes, 224, fields.nbtRoot.offset)
  writeUint64(bytes, 232, fields.bbtRoot.bid)
  writeUint64(bytes, 240, fields.bbtRoot.offset)
  bytes[248] = 2
  bytes.fill(0xff, 256, 512)
  bytes[512] = 0x80
  bytes[513] = fields.cryptMethod
  writeUint64(bytes, 516, fields.nextBlockBid)
  bytes.writeUInt32LE(pstCrc(bytes.subarray(8, 8 + 471)), 4)
  bytes.writeUInt32LE(pstCrc(bytes.subarray(8, 8 + 516)), 524)
  writePageTrailer(bytes, dListOffset, pageTypes.dList, dListOffset, fields.dListBid)
  return bytes
}
