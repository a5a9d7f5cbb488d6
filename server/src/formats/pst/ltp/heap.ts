import { Buffer } from 'node:buffer'
import { createLeafChain, type StoredData } from '../ndb/data-tree.ts'
import { blockPayloadBytes } from '../ndb/geometry.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'

/** The most that one item holds; what is larger becomes a subnode. */
export const maxItemBytes = 3580
const maxItemsPerBlock = 2047
export const maxHeapBlocks = 65_536
const firstBitmapBlock = 8
const blocksPerBitmap = 128
const smallestBuffer = 512

export const heapClients = { table: 0x7c, properties: 0xbc, idMapRoot: 0x9c } as const

/** Free bytes from which on a block has the fill level that is the position in here ([MS-PST] §2.3.1.2). */
const fillSteps = [3584, 2560, 2048, 1792, 1536, 1280, 1024, 768, 512, 256, 128, 64, 32, 16, 8]
const fillLevel = (freeBytes: number): number => {
  const level = fillSteps.findIndex((step) => freeBytes >= step)
  return level === -1 ? 15 : level
}

const isBitmapBlock = (index: number): boolean =>
  index >= firstBitmapBlock && (index - firstBitmapBlock) % blocksPerBitmap === 0
const headerBytesOf = (index: number): number => (index === 0 ? 12 : isBitmapBlock(index) ? 66 : 2)

/** Full-sized blocks for the next heap, so that a message leaves no garbage outside of the JavaScript heap. */
const spareBlocks: Buffer[] = []
const maxSpareBlocks = 16
const takeBlock = (): Buffer => spareBlocks.pop() ?? Buffer.allocUnsafeSlow(blockPayloadBytes)
const giveBlock = (block: Buffer): void => {
  if (block.length === blockPayloadBytes && spareBlocks.length < maxSpareBlocks) spareBlocks.push(block)
}

type Block = { bytes: Buffer; length: number }

export type Heap = {
  /** Makes room for an item of at least one byte, at `at` in `bytes` until the next call, and answers its HID. */
  allocate(sizeBytes: number): number
  readonly bytes: Buffer
  readonly at: number
  add(item: Uint8Array): number
  /** Bytes of all leaves if nothing more were added. */
  readonly sizeBytes: number
  readonly blockCount: number
  /** Bytes held in memory, as they will be on disk at most. */
  readonly heldBytes: number
  /** Writes into an item of a block that is still held, as the first always is. */
  patch(hid: number, part: Uint8Array, offset?: number): void
  finish(userRootHid: number): StoredData
}

/**
 * A heap on a node ([MS-PST] §2.3.1) that is written while it grows: held are the first block, the open one and the open bitmap block of 128. With
 * `isHeld` all blocks are, and each can be patched.
 */
export const createHeap = (database: NodeDatabase, client: number, isHeld = false): Heap => {
  const bids: number[] = []
  const held = new Map<number, Block>()
  let index = -1
  let bytes: Buffer = Buffer.alloc(0)
  let end = 0
  let at = 0
  let starts: number[] = []

  const open = (): void => {
    index++
    if (index >= maxHeapBlocks) throw new RangeError('a heap of more than 65536 blocks')
    bytes = isHeld || index > 0 ? takeBlock() : Buffer.allocUnsafe(smallestBuffer)
    end = headerBytesOf(index)
    bytes.fill(0, 0, end)
    starts = []
    if (index === 0) {
      bytes[2] = 0xec
      bytes[3] = client
    }
  }
  const room = (needed: number): void => {
    if (needed <= bytes.length) return
    const wanted = Math.max(needed, bytes.length * 2)
    const larger = wanted > blockPayloadBytes / 2 ? takeBlock() : Buffer.allocUnsafe(wanted)
    bytes.copy(larger, 0, 0, end)
    bytes = larger
  }
  const closedLength = (items: number): number => end + (end & 1) + 4 + 2 * (items + 1)
  const setFillLevel = (level: number): void => {
    const group = index < firstBitmapBlock ? 0 : index - ((index - firstBitmapBlock) % blocksPerBitmap)
    const nth = index - group
    const owner = group === index ? bytes : held.get(group)!.bytes
    const place = (group === 0 ? 8 : 2) + (nth >>> 1)
    owner[place]! |= nth & 1 ? level << 4 : level
  }
  const write = (which: number): void => {
    const { bytes: block, length } = held.get(which)!
    bids[which] = database.writeData(block, 0, length)
    held.delete(which)
    giveBlock(block)
  }
  /** Completes the open block with its page map. */
  const close = (isLast: boolean): void => {
    const length = closedLength(starts.length)
    room(isLast ? length : blockPayloadBytes)
    const map = end + (end & 1)
    bytes.fill(0, end, map)
    bytes.writeUInt16LE(map, 0)
    bytes.writeUInt16LE(starts.length, map)
    bytes.writeUInt16LE(0, map + 2)
    starts.forEach((start, item) => void bytes.writeUInt16LE(start, map + 4 + item * 2))
    bytes.writeUInt16LE(end, map + 4 + starts.length * 2)
    // All blocks but the last are full blocks to the tree above them.
    if (!isLast) bytes.fill(0, length, blockPayloadBytes)
    setFillLevel(fillLevel(blockPayloadBytes - length))
    held.set(index, { bytes, length: isLast ? length : blockPayloadBytes })
    if (isHeld || isLast) return
    if (index !== 0 && !isBitmapBlock(index)) write(index)
    if (index >= firstBitmapBlock && (index - firstBitmapBlock) % blocksPerBitmap === blocksPerBitmap - 1)
      write(index - blocksPerBitmap + 1)
  }
  const allocate = (sizeBytes: number): number => {
    if (sizeBytes < 1 || sizeBytes > maxItemBytes) throw new RangeError('a heap item of a size that no item has')
    const after = end + sizeBytes
    if (after + (after & 1) + 4 + 2 * (starts.length + 2) > blockPayloadBytes || starts.length === maxItemsPerBlock) {
      close(false)
      open()
    }
    room(end + sizeBytes)
    at = end
    starts.push(at)
    end += sizeBytes
    return ((index << 16) | (starts.length << 5)) >>> 0
  }

  open()
  return {
    allocate,
    get bytes() {
      return bytes
    },
    get at() {
      return at
    },
    add: (item) => {
      const hid = allocate(item.length)
      bytes.set(item, at)
      return hid
    },
    get sizeBytes() {
      return index * blockPayloadBytes + closedLength(starts.length)
    },
    get blockCount() {
      return index + 1
    },
    get heldBytes() {
      return held.size * (blockPayloadBytes + 16) + closedLength(starts.length) + 80 + index * 8
    },
    patch: (hid, part, offset = 0) => {
      const which = hid >>> 16
      const block = which === index ? bytes : held.get(which)!.bytes
      const nth = ((hid >>> 5) & 0x7ff) - 1
      const start = which === index ? starts[nth]! : block.readUInt16LE(block.readUInt16LE(0) + 4 + nth * 2)
      block.set(part, start + offset)
    },
    finish: (userRootHid) => {
      close(true)
      held.get(0)!.bytes.writeUInt32LE(userRootHid, 4)
      for (const which of [...held.keys()].sort((one, other) => one - other)) write(which)
      const chain = createLeafChain(database)
      const lastLength = closedLength(starts.length)
      bids.forEach((bid, which) => {
        chain.add(bid, which === index ? lastLength : blockPayloadBytes)
      })
      return chain.finish()
    },
  }
}
