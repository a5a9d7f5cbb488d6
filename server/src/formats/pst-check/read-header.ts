import { hex, isAll, pstCrc, type ReadableFile, u16, u32, u64 } from './bytes.ts'
import type { Findings } from './findings.ts'
import { firstMapOffset, intervalBytes } from './geometry.ts'

export type PageRef = { readonly bid: number; readonly offset: number }

export type Header = {
  readonly isEncoded: boolean
  readonly intervalCount: number
  readonly freeBytes: number
  readonly nextPageBid: number
  readonly nextBlockBid: number
  /** Above every row version of the file. */
  readonly unique: number
  /** The highest index of each type of nid. */
  readonly nidMarks: readonly number[]
  readonly nodeTree: PageRef
  readonly blockTree: PageRef
}

const place = 'header'

/** Fields of a fixed value: offset, size, value, name. */
const fixedFields: readonly (readonly [number, number, number, string])[] = [
  [8, 2, 0x4d53, 'the client mark'],
  [12, 2, 19, 'the client version'],
  [14, 1, 1, 'the creating platform'],
  [15, 1, 1, 'the accessing platform'],
  [248, 1, 2, 'the mark of valid allocation maps'],
  [512, 1, 0x80, 'the sentinel'],
]

/** Fields that Outlook writes with one value and nobody is known to read: offset, size, byte, name. */
const idleFields: readonly (readonly [number, number, number, string])[] = [
  [16, 8, 0, 'the reserved fields at 16'],
  [24, 8, 0, 'the unused bid'],
  [172, 12, 0, 'the reserved fields at 172'],
  [208, 8, 0, 'the free bytes of the page maps'],
  [249, 7, 0, 'the reserved fields at 249'],
  [256, 128, 0xff, 'the old free map'],
  [384, 128, 0xff, 'the old free page map'],
  [514, 2, 0, 'the reserved field at 514'],
  [528, 36, 0, 'the reserved fields at 528'],
]

const numberAt = (bytes: Uint8Array, at: number, size: number): number => (size === 1 ? bytes[at]! : u16(bytes, at))

const checkSizes = (header: Uint8Array, file: ReadableFile, { fault }: Findings): void => {
  const intervals = (file.sizeBytes - firstMapOffset) / intervalBytes
  if (!Number.isInteger(intervals) || intervals < 1)
    fault('V2', place, `the file has ${file.sizeBytes} bytes, which is no whole number of intervals`)
  if (u64(header, 184) !== file.sizeBytes)
    fault('V2', place, `the header says the file ends at ${u64(header, 184)}, and it ends at ${file.sizeBytes}`)
  const lastMap = firstMapOffset + (Math.max(1, Math.ceil(intervals)) - 1) * intervalBytes
  if (u64(header, 192) !== lastMap)
    fault(
      'V2',
      place,
      `the last allocation map is said to be at ${hex(u64(header, 192))}, and belongs at ${hex(lastMap)}`,
    )
}

/** V1 and V2. Null when the file is no Unicode PST, so that nothing else can be said of it. */
export const readHeader = async (file: ReadableFile, findings: Findings): Promise<Header | null> => {
  const { fault, warn } = findings
  const header = await file.read(0, 564)
  if (header.length < 564 || u32(header, 0) !== 0x4e444221) {
    fault('V1', place, 'this is no PST file: it does not begin with “!BDN” and a header of 564 bytes')
    return null
  }
  if (u16(header, 10) !== 23) {
    fault('V1', place, `version ${u16(header, 10)} of the format is not checked here, only 23 (Unicode)`)
    return null
  }
  if (u32(header, 4) !== pstCrc(header.subarray(8, 8 + 471))) fault('V1', place, 'the short checksum is wrong')
  if (u32(header, 524) !== pstCrc(header.subarray(8, 8 + 516))) fault('V1', place, 'the full checksum is wrong')
  for (const [at, size, value, name] of fixedFields)
    if (numberAt(header, at, size) !== value)
      fault('V1', place, `${name} is ${hex(numberAt(header, at, size))} and must be ${hex(value)}`)
  for (const [at, size, value, name] of idleFields)
    if (!isAll(header.subarray(at, at + size), value)) warn('V1', place, `${name}: not all bytes are ${hex(value)}`)
  const encoding = header[513]!
  if (encoding > 1) {
    fault('V1', place, `the encoding of the data is ${encoding}, and only none (0) and permute (1) are checked here`)
    return null
  }
  if (!isAll(await file.read(564, 0x4200 - 564), 0)) warn('V1', place, 'the room behind the header is not all zero')
  checkSizes(header, file, findings)
  return {
    isEncoded: encoding === 1,
    intervalCount: Math.max(0, Math.ceil((file.sizeBytes - firstMapOffset) / intervalBytes)),
    freeBytes: u64(header, 200),
    nextPageBid: u64(header, 32),
    nextBlockBid: u64(header, 516),
    unique: u32(header, 40),
    nidMarks: Array.from({ length: 32 }, (_, type) => u32(header, 44 + 4 * type)),
    nodeTree: { bid: u64(header, 216), offset: u64(header, 224) },
    blockTree: { bid: u64(header, 232), offset: u64(header, 240) },
  }
}
