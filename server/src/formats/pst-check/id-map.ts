import { areEqual, hex, u32, u64 } from './bytes.ts'
import { createNumberSet } from './columns.ts'
import { BrokenStructure } from './findings.ts'
import { heapKinds, openHeap } from './open-heap.ts'
import { openStream } from './open-stream.ts'
import type { Row } from './read-table.ts'
import type { Store } from './store.ts'
import { type Bth, findInBth, openBth, walkBth } from './walk-bth.ts'

/** M9: either no row has an id, and the map is empty; or each row of a folder or message has one, and the map leads back. */
export type IdMap = {
  /** `feed` is the store's own value of 0x0E34, which each row repeats. */
  check(row: Row, feed: Uint8Array | null): Promise<void>
  finish(): void
}

const place = 'id map, node 0xC01'
const cells = { id: 0x0e300102, change: 0x0e330014, feed: 0x0e340102, version: 0x0e380003 }

export const openIdMap = async (
  store: Store,
  ref: { readonly dataBid: number; readonly subBid: number } | null,
): Promise<IdMap> => {
  const { fault, during } = store.findings
  const opened = await during(async () => {
    if (ref === null) return null
    const heap = await openHeap(store, await openStream(store, ref.dataBid, place), heapKinds.idMap, place)
    const pointer = await heap.take(heap.rootHid)
    if (pointer.length !== 4) throw new BrokenStructure('M9', place, 'it does not begin with the place of its tree')
    const tree: Bth = await openBth(heap, u32(pointer, 0), 16, 4)
    let count = 0
    await walkBth(store, heap, tree, (record) => {
      count++
      const nid = u32(record, 16)
      if (store.nodes.find(nid) < 0) fault('M9', place, `it leads to node ${hex(nid)}, which does not exist`)
    })
    heap.finish()
    return { heap, tree, count }
  })
  const changes = createNumberSet()
  let found = 0
  return {
    check: async ({ rowId, cells: row, where }, feed) => {
      if (opened === null) return
      const id = row.get(cells.id)?.bytes
      if (!id) {
        if (opened.count > 0) fault('M9', where, 'it has no id, and other rows of the file have one')
        for (const tag of [cells.change, cells.feed])
          if (row.has(tag)) fault('M9', where, `it has no id, but the cell ${hex(tag)} that goes with one`)
        return
      }
      found++
      const target = id.length === 16 ? await during(() => findInBth(opened.heap, opened.tree, id)) : null
      if (target === null) fault('M9', where, 'its id is not in the id map')
      else if (u32(target, 0) !== rowId)
        fault('M9', where, `the id map leads from its id to node ${hex(u32(target, 0))}`)
      const change = row.get(cells.change)?.bytes
      const number = change ? u64(change, 0) : 0
      if (number === 0 || number >= 2 ** 53) fault('M9', where, 'its change number is missing, zero or too large')
      else if (!changes.add(number)) fault('M9', where, `its change number ${number} is that of another row too`)
      const ownFeed = row.get(cells.feed)?.bytes
      if (!ownFeed || feed === null || !areEqual(ownFeed, feed))
        fault('M9', where, 'its cell 0x0E34 is not what the store has')
      const version = row.get(cells.version)?.bytes
      if (!version || u32(version, 0) !== 0) fault('M9', where, 'its cell 0x0E38 is not 0')
    },
    finish: () => {
      if (opened !== null && opened.count !== found)
        fault('M9', place, `it has ${opened.count} ids, and ${found} rows have one of it`)
    },
  }
}
