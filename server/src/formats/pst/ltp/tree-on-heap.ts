import { Buffer } from 'node:buffer'
import { type Heap, maxItemBytes } from './heap.ts'

const headerBytes = 8
/** Records that a node has room for at first: most trees are small. */
const smallestNode = 16

export const treeHeader = (keyBytes: number, dataBytes: number, levels: number, rootHid: number): Buffer => {
  const bytes = Buffer.alloc(headerBytes)
  bytes[0] = 0xb5
  bytes[1] = keyBytes
  bytes[2] = dataBytes
  bytes[3] = levels
  bytes.writeUInt32LE(rootHid, 4)
  return bytes
}

export type TreeOnHeap = {
  /** Adds a record, keys ascending: key and data begin at `start` of `bytes` and are copied. */
  add(bytes: Uint8Array, start?: number): void
  /** Completes the tree and fills in the header that was reserved at the beginning. Answers the header's HID. */
  finish(): number
  /** Where the nth record lies, once the tree is finished. */
  recordPlace(nth: number): { readonly hid: number; readonly offset: number }
}

/**
 * A B-tree on a heap ([MS-PST] §2.3.2), from its leaves up. Its header is reserved at once, in the first block if the heap is new.
 * Held are one leaf and one open node a level.
 */
export const createTreeOnHeap = (heap: Heap, keyBytes: number, dataBytes: number): TreeOnHeap => {
  const headerHid = heap.add(Buffer.alloc(headerBytes))
  const leafBytes = keyBytes + dataBytes
  const nodeBytes = keyBytes + 4
  const leafHids: number[] = []
  const recordsPerLeaf = Math.floor(maxItemBytes / leafBytes)
  const levels: { bytes: Buffer; length: number }[] = []
  const sizeOf = (level: number): number => (level === 0 ? leafBytes : nodeBytes)

  const put = (level: number, record: Uint8Array, start: number): void => {
    const size = sizeOf(level)
    const open = levels[level] ?? { bytes: Buffer.allocUnsafe(size * smallestNode), length: 0 }
    levels[level] = open
    if (open.length + size > maxItemBytes) push(level)
    if (open.length === open.bytes.length) {
      const larger = Buffer.allocUnsafe(open.bytes.length * 2)
      open.bytes.copy(larger)
      open.bytes = larger
    }
    // Some bytes only: to make a view of them would cost more.
    for (let index = 0; index < size; index++) open.bytes[open.length + index] = record[start + index]!
    open.length += size
  }
  const writeItem = (level: number): number => {
    const open = levels[level]!
    const hid = heap.add(open.bytes.subarray(0, open.length))
    open.length = 0
    if (level === 0) leafHids.push(hid)
    return hid
  }
  const push = (level: number): void => {
    const record = Buffer.alloc(nodeBytes)
    levels[level]!.bytes.copy(record, 0, 0, keyBytes)
    record.writeUInt32LE(writeItem(level), keyBytes)
    put(level + 1, record, 0)
  }

  return {
    add: (bytes, start = 0) => put(0, bytes, start),
    finish: () => {
      for (let level = 0; level < levels.length - 1; level++) push(level)
      const top = levels.length - 1
      heap.patch(headerHid, treeHeader(keyBytes, dataBytes, Math.max(0, top), top < 0 ? 0 : writeItem(top)))
      return headerHid
    },
    recordPlace: (nth) => ({
      hid: leafHids[Math.floor(nth / recordsPerLeaf)]!,
      offset: (nth % recordsPerLeaf) * leafBytes,
    }),
  }
}
