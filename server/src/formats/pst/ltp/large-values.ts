import { Buffer } from 'node:buffer'
import { writeBytes, writeText } from '../ndb/data-tree.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { nodeId, nodeTypes } from '../ndb/node-ids.ts'
import type { Subnode } from '../ndb/subnode-tree.ts'
import { type Heap, maxItemBytes } from './heap.ts'
import { type StoredValue, valueBytes, writeValue } from './stored-value.ts'

/** First index for the values of one node that are subnodes; Outlook uses none below. */
const firstStreamIndex = 0x401

export type ValueStore = {
  /** Puts a value where it belongs and answers its HNID ([MS-PST] §2.3.3.2): 0 if it is empty. */
  put(stored: StoredValue): number
  /** Puts bytes that are written already among the subnodes; answers the NID. */
  adopt(bid: number, sizeBytes: number): number
  /** What did not fit the heap. */
  readonly subnodes: Subnode[]
}

/** The variable values of one heap: small ones in it, large ones as subnodes of its node. */
export const createValueStore = (database: NodeDatabase, heap: Heap): ValueStore => {
  const subnodes: Subnode[] = []
  const adopt = (bid: number, sizeBytes: number): number => {
    const nid = nodeId(firstStreamIndex + subnodes.length, nodeTypes.stream)
    subnodes.push({ nid, bidData: bid, bidSub: 0, sizeBytes })
    return nid
  }
  return {
    put: (stored) => {
      if (stored.type === 'stored') return stored.nid
      if (stored.type === 'object') {
        const hid = heap.allocate(8)
        heap.bytes.writeUInt32LE(stored.nid, heap.at)
        heap.bytes.writeUInt32LE(stored.sizeBytes, heap.at + 4)
        return hid
      }
      const size = valueBytes(stored)
      if (size === 0) return 0
      if (size <= maxItemBytes) {
        const hid = heap.allocate(size)
        writeValue(stored, heap.bytes, heap.at)
        return hid
      }
      if (stored.type === 'binary') return adopt(writeBytes(database, stored.value).bid, size)
      if (stored.type === 'string') return adopt(writeText(database, stored.value).bid, size)
      const bytes = Buffer.allocUnsafe(size)
      writeValue(stored, bytes, 0)
      return adopt(writeBytes(database, bytes).bid, size)
    },
    adopt,
    subnodes,
  }
}
