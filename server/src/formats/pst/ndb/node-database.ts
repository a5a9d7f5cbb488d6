import type { Buffer } from 'node:buffer'
import type { WritableFile } from '../../mapi/writable-file.ts'
import { type BlockTable, createBlockTable } from './block-table.ts'
import { pstCrc, signature } from './checksums.ts'
import { blockPayloadBytes, blockTrailerBytes, pageTypes, unitBytes } from './geometry.ts'
import { headerRegion } from './header.ts'
import { writeUint64 } from './integers.ts'
import { createIntervalFile } from './interval-file.ts'
import { createNodeIds, type NodeIds } from './node-ids.ts'
import { createNodeTable } from './node-table.ts'
import { createPageTree } from './page-tree.ts'
import { permuteInto } from './permute.ts'

/** How data blocks are encoded ([MS-PST] §2.2.2.6, bCryptMethod). Outlook writes `permute`. */
export const cryptMethods = { none: 0, permute: 1 } as const
export type CryptMethod = keyof typeof cryptMethods

/**
 * The storage of a PST ([MS-PST] §2.2.2): nodes over blocks. Blocks are allocated and copied at once and written by `flush`, so what is done between two
 * flushes is what memory has to hold.
 */
export type NodeDatabase = {
  /** Writes a data block of 1 to 8176 bytes and answers its BID. */
  writeData(source: Uint8Array, start: number, length: number): number
  /** Writes a block of the format's own (a list of blocks or subnodes). */
  writeInternal(source: Uint8Array, length: number): number
  /** Has to be called for each mention of a block in another block. */
  refer(bid: number): void
  /** A node of the file; counts as a mention of its blocks. BID 0 is none. */
  addNode(nid: number, bidData: number, bidSub: number, parent: number): void
  readonly ids: NodeIds
  /** A value for PidTagLtpRowVer: unique in the file. */
  nextRowVersion(): number
  readonly hasPending: boolean
  flush(): Promise<void>
  /** Runs `work` and undoes its blocks if it fails. It may add no node before it has done all that can fail. */
  attempt<T>(work: () => Promise<T>): Promise<T>
  readonly positionBytes: number
  readonly blockCount: number
  readonly nodeCount: number
  finish(): Promise<{ readonly sizeBytes: number }>
}

export const createNodeDatabase = (options: {
  readonly file: WritableFile
  readonly cryptMethod: CryptMethod
}): NodeDatabase => {
  const intervals = createIntervalFile(options.file)
  const blocks: BlockTable = createBlockTable()
  const nodes = createNodeTable()
  const ids = createNodeIds()
  const isEncoded = options.cryptMethod === 'permute'
  let pageBid = 0
  let rowVersion = 0
  const nextPageBid = (): number => ++pageBid
  const dListBid = nextPageBid()

  const writeBlock = (source: Uint8Array, start: number, length: number, isInternal: boolean): number => {
    if (length < 1 || length > blockPayloadBytes) throw new Error('a block of a size that no block has')
    const sizeOnDisk = Math.ceil((length + blockTrailerBytes) / unitBytes) * unitBytes
    const at = intervals.allocate(sizeOnDisk, unitBytes)
    const { bytes, offset } = intervals
    const bid = blocks.add(isInternal)
    blocks.place(bid, offset + at, length)
    if (isEncoded && !isInternal) permuteInto(bytes, at, source, start, length)
    else bytes.set(source.subarray(start, start + length), at)
    const trailer = at + sizeOnDisk - blockTrailerBytes
    bytes.writeUInt16LE(length, trailer)
    bytes.writeUInt16LE(signature(offset + at, bid), trailer + 2)
    bytes.writeUInt32LE(pstCrc(bytes.subarray(at, at + length)), trailer + 4)
    writeUint64(bytes, trailer + 8, bid)
    return bid
  }

  return {
    writeData: (source, start, length) => writeBlock(source, start, length, false),
    writeInternal: (source, length) => writeBlock(source, 0, length, true),
    refer: blocks.refer,
    addNode: (nid, bidData, bidSub, parent) => {
      ids.note(nid)
      blocks.refer(bidData)
      blocks.refer(bidSub)
      nodes.add(nid, bidData, bidSub, parent)
    },
    ids,
    nextRowVersion: () => ++rowVersion,
    get hasPending() {
      return intervals.isFull
    },
    flush: () => intervals.flush(),
    attempt: async (work) => {
      const mark = intervals.mark()
      const { count } = blocks
      try {
        const result = await work()
        intervals.settle()
        return result
      } catch (error) {
        await intervals.rewind(mark)
        blocks.truncate(count)
        throw error
      }
    },
    get positionBytes() {
      return intervals.positionBytes
    },
    get blockCount() {
      return blocks.count
    },
    get nodeCount() {
      return nodes.count
    },
    finish: async () => {
      const nbt = createPageTree({ file: intervals, type: pageTypes.nbt, entryBytes: 32, maxEntries: 15, nextPageBid })
      const allNodes = nodes.walk((nid, bidData, bidSub, parent) => {
        nbt.add(nid, (page, at) => {
          page.writeUInt32LE(nid, at)
          writeUint64(page, at + 8, bidData)
          writeUint64(page, at + 16, bidSub)
          page.writeUInt32LE(parent, at + 24)
        })
      })
      for (const _ of allNodes) await intervals.flush()
      const nbtRoot = nbt.finish()
      const bbt = createPageTree({ file: intervals, type: pageTypes.bbt, entryBytes: 24, maxEntries: 20, nextPageBid })
      const allBlocks = blocks.walk((bid, offset, sizeBytes, references) => {
        bbt.add(bid, (page, at) => {
          writeUint64(page, at, bid)
          writeUint64(page, at + 8, offset)
          page.writeUInt16LE(sizeBytes, at + 16)
          page.writeUInt16LE(references, at + 18)
        })
      })
      for (const _ of allBlocks) await intervals.flush()
      const bbtRoot = bbt.finish()
      const { sizeBytes, lastAMapOffset, freeBytes } = await intervals.finish()
      const region: Buffer = headerRegion({
        nextPageBid: pageBid + 1,
        nextBlockBid: (blocks.count + 1) * 4,
        unique: rowVersion + 1,
        highestIndexes: ids.highestIndexes,
        sizeBytes,
        lastAMapOffset,
        freeBytes,
        nbtRoot,
        bbtRoot,
        cryptMethod: cryptMethods[options.cryptMethod],
        dListBid,
      })
      await options.file.write(0, region)
      return { sizeBytes }
    },
  }
}
