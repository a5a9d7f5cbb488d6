import { Buffer } from 'node:buffer'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { type Subnode, sumOfSizes, writeSubnodes } from '../ndb/subnode-tree.ts'
import { createHeap, heapClients } from './heap.ts'
import { createValueStore, type ValueStore } from './large-values.ts'
import { inlineValue, isInline, type StoredValues, typeCodeOf } from './stored-value.ts'
import { createTreeOnHeap } from './tree-on-heap.ts'

const recordBytes = 8

/** An object that was written: what its node, or its subnode, refers to. */
export type StoredObject = {
  readonly bidData: number
  readonly bidSub: number
  /** Leaf bytes of it and of all below it ([MS-PST] has no word for it; Outlook calls it PidTagMessageSize). */
  readonly sizeBytes: number
}

export type PropertyContext = {
  /** Values that are written before the others: streams. */
  readonly values: ValueStore
  /** Writes all properties. `sized` gets the final size of the object and answers a 32-bit property that depends on it. */
  finish(
    properties: StoredValues,
    subnodes: readonly Subnode[],
    sized?: { readonly id: number; valueOf(sizeBytes: number): number },
  ): StoredObject
}

/** A property context ([MS-PST] §2.3.3): the properties of one object, in a heap of its own. */
export const createPropertyContext = (database: NodeDatabase): PropertyContext => {
  const heap = createHeap(database, heapClients.properties, true)
  const tree = createTreeOnHeap(heap, 2, 6)
  const values = createValueStore(database, heap)

  return {
    values,
    finish: (properties, subnodes, sized) => {
      const ids = Uint16Array.from(properties.keys()).sort()
      const records = Buffer.alloc(ids.length * recordBytes)
      ids.forEach((id, index) => {
        const stored = properties.get(id)!
        const at = index * recordBytes
        records.writeUInt16LE(id, at)
        records.writeUInt16LE(typeCodeOf(stored), at + 2)
        if (stored.type === 'int16') records.writeInt16LE(stored.value, at + 4)
        else if (isInline(stored.type)) records.writeInt32LE(inlineValue(stored), at + 4)
        else records.writeUInt32LE(values.put(stored), at + 4)
      })
      const all = [...values.subnodes, ...subnodes]
      const below = sumOfSizes(all)
      for (let at = 0; at < records.length; at += recordBytes) tree.add(records, at)
      const rootHid = tree.finish()
      if (sized) {
        // The value lies within its record, so the size of the heap is known before the value is.
        const value = Buffer.alloc(4)
        value.writeInt32LE(sized.valueOf(below + heap.sizeBytes))
        const { hid, offset } = tree.recordPlace(ids.indexOf(sized.id))
        heap.patch(hid, value, offset + 4)
      }
      const data = heap.finish(rootHid)
      return { bidData: data.bid, bidSub: writeSubnodes(database, all), sizeBytes: below + data.sizeBytes }
    },
  }
}
