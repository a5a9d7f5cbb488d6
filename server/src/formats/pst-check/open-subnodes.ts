import { hex, u16, u32, u64 } from './bytes.ts'
import { BrokenStructure } from './findings.ts'
import { openStream } from './open-stream.ts'
import { blockName, isInternal, type Store } from './store.ts'

export type Subnode = { readonly nid: number; readonly dataBid: number; readonly subBid: number; isUsed: boolean }
export type Subnodes = ReadonlyMap<number, Subnode>

const leafMost = 340
const indexMost = 510

/** V9: the subnodes of a node. `bid` 0 is a node without any. Throws when the tree cannot be followed. */
export const openSubnodes = async (store: Store, bid: number, place: string): Promise<Subnodes> => {
  const found = new Map<number, Subnode>()
  if (bid === 0) return found
  const { blocks, findings } = store
  const { fault } = findings
  let last = -1
  const read = async (childBid: number, level: number | null, key: number | null): Promise<void> => {
    const index = blocks.find(childBid)
    const where = `${place}, ${blockName(childBid)}`
    if (index < 0) throw new BrokenStructure('V7', place, `${blockName(childBid)} is not in the block tree`)
    if (!isInternal(childBid)) throw new BrokenStructure('V9', where, 'it should list subnodes, and is a block of data')
    const payload = await store.readBlock(index)
    if (payload.length < 8) throw new BrokenStructure('V9', where, 'it is too short to list subnodes')
    const ownLevel = payload[1]!
    if (payload[0] !== 2 || ownLevel > 1 || (level !== null && ownLevel !== level))
      throw new BrokenStructure(
        'V9',
        where,
        `its type ${hex(payload[0]!)} and level ${ownLevel} are not those of a list of subnodes`,
      )
    const count = u16(payload, 2)
    const [entryBytes, most] = ownLevel === 0 ? [24, leafMost] : [16, indexMost]
    if (count === 0 || count > most || payload.length !== 8 + entryBytes * count)
      throw new BrokenStructure(
        'V9',
        where,
        `it says it has ${count} entries, which does not fit its ${payload.length} bytes`,
      )
    if (u32(payload, 4) !== 0) findings.warn('V9', where, 'the filling behind its count is not zero')
    if (key !== null && u64(payload, 8) !== key)
      fault('V9', where, `it begins with ${hex(u64(payload, 8))}, and the block above says ${hex(key)}`)
    for (let entry = 0; entry < count; entry++) {
      const at = 8 + entry * entryBytes
      const nid = u64(payload, at)
      if (ownLevel === 1) {
        await read(u64(payload, at + 8), 0, nid)
        continue
      }
      if (nid > 0xffffffff) fault('V9', where, `the nid ${hex(nid)} has more than 32 bits`)
      if (nid <= last) fault('V9', where, `subnode ${hex(nid)} does not come after ${hex(last)}`)
      last = nid
      found.set(nid, { nid, dataBid: u64(payload, at + 8), subBid: u64(payload, at + 16), isUsed: false })
    }
  }
  await read(bid, null, null)
  return found
}

/** Bytes of the data of a node and of everything below it, blocks of the trees not counted (as PidTagMessageSize has it). */
export const sizeOfTree = async (
  store: Store,
  dataBid: number,
  subBid: number,
  place: string,
  depth = 0,
): Promise<number> => {
  if (depth > 64) throw new BrokenStructure('V9', place, 'its subnodes lie deeper in each other than anything is read')
  let sizeBytes = (await openStream(store, dataBid, place)).sizeBytes
  for (const subnode of (await openSubnodes(store, subBid, place)).values())
    sizeBytes += await sizeOfTree(store, subnode.dataBid, subnode.subBid, place, depth + 1)
  return sizeBytes
}
