import { Buffer } from 'node:buffer'
import { createHeap, heapClients } from '../ltp/heap.ts'
import type { StoredValues } from '../ltp/stored-value.ts'
import { createTreeOnHeap } from '../ltp/tree-on-heap.ts'
import type { StoredData } from '../ndb/data-tree.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { ids } from './property-ids.ts'

const recordBytes = 20

export type ItemIds = {
  /** Gives an object an id, and answers the cells that its row in a table has for that. They are of the row alone, not of the object. */
  issue(nid: number): StoredValues
  /** PidTagReplVersionhistory of the store. */
  readonly versionHistory: Uint8Array
  readonly count: number
  /** Writes the map from id to NID (NID 0xC01). */
  write(): StoredData
}

/**
 * Replication ids of folders and messages. Outlook adds them sooner or later, and SCANPST speaks of "minor inconsistencies" where they are missing.
 * An id is a fixed prefix and a big-endian counter, so that they ascend as they are issued and the map is written as it grows.
 */
export const createItemIds = (database: NodeDatabase, randomBytes: (count: number) => Uint8Array): ItemIds => {
  const prefix = randomBytes(8)
  const one = Buffer.from([1, 0, 0, 0])
  const versionHistory = Buffer.concat([one, randomBytes(16), one])
  const heap = createHeap(database, heapClients.idMapRoot)
  const rootHid = heap.add(Buffer.alloc(4))
  const tree = createTreeOnHeap(heap, 16, 4)
  const record = Buffer.alloc(recordBytes)
  record.set(prefix)
  let count = 0

  return {
    issue: (nid) => {
      count++
      record.writeUInt32BE(count, 12)
      record.writeUInt32LE(nid, 16)
      tree.add(record)
      return new Map([
        [ids.replItemId, { type: 'binary', value: Buffer.from(record.subarray(0, 16)) }],
        [ids.replChangeNumber, { type: 'int64', value: BigInt(count) }],
        [ids.replVersionHistory, { type: 'binary', value: versionHistory }],
        [ids.replFlags, { type: 'int32', value: 0 }],
      ])
    },
    versionHistory,
    get count() {
      return count
    },
    write: () => {
      const header = Buffer.alloc(4)
      header.writeUInt32LE(tree.finish(), 0)
      heap.patch(rootHid, header)
      return heap.finish(rootHid)
    },
  }
}
