import { hex, u16, u32, u64 } from './bytes.ts'
import { BrokenStructure } from './findings.ts'
import { mostPayloadBytes } from './geometry.ts'
import { blockName, isInternal, type Store } from './store.ts'

/** The bytes of a node: its blocks from the first to the last, by their place in the block index. */
export type Stream = { readonly leaves: Uint32Array; readonly sizeBytes: number }

const none: Stream = { leaves: new Uint32Array(0), sizeBytes: 0 }
const mostChildren = 1021

const findBlock = (store: Store, bid: number, place: string): number => {
  const index = store.blocks.find(bid)
  if (index < 0) throw new BrokenStructure('V7', place, `${blockName(bid)} is not in the block tree`)
  return index
}

/** One block of a data tree: what it refers to, and the size it says all of that has. */
const readBranch = async (store: Store, index: number, level: number, place: string) => {
  const payload = await store.readBlock(index)
  const where = `${place}, ${blockName(store.blocks.bidOf(index))}`
  if (payload.length < 8) throw new BrokenStructure('V8', where, 'it is too short to list blocks')
  if (payload[0] !== 1 || payload[1] !== level)
    throw new BrokenStructure(
      'V8',
      where,
      `its type ${hex(payload[0]!)} and level ${payload[1]} are not ${hex(1)} and ${level}`,
    )
  const count = u16(payload, 2)
  if (count === 0 || count > mostChildren || payload.length !== 8 + 8 * count)
    throw new BrokenStructure(
      'V8',
      where,
      `it says it has ${count} children, which does not fit its ${payload.length} bytes`,
    )
  return {
    where,
    saidBytes: u32(payload, 4),
    children: Array.from({ length: count }, (_, child) => u64(payload, 8 + 8 * child)),
  }
}

/** V8: follows a data tree to its leaves. `bid` 0 is a node without bytes. Throws when the tree cannot be followed. */
export const openStream = async (store: Store, bid: number, place: string): Promise<Stream> => {
  if (bid === 0) return none
  const { blocks, findings } = store
  const root = findBlock(store, bid, place)
  if (!isInternal(bid)) return { leaves: Uint32Array.of(root), sizeBytes: blocks.sizeOf(root) }
  const leaves: number[] = []
  let sizeBytes = 0
  const addLeaves = async (index: number): Promise<void> => {
    store.signal.throwIfAborted()
    const { where, saidBytes, children } = await readBranch(store, index, 1, place)
    let branchBytes = 0
    for (const child of children) {
      const leaf = findBlock(store, child, where)
      if (isInternal(child)) throw new BrokenStructure('V8', where, `${blockName(child)} below it holds no data`)
      leaves.push(leaf)
      branchBytes += blocks.sizeOf(leaf)
    }
    sizeBytes += branchBytes
    if (saidBytes !== branchBytes)
      findings.fault('V8', where, `it says there are ${saidBytes} bytes below it, and there are ${branchBytes}`)
  }
  const first = await store.readBlock(root)
  if (first[1] === 2) {
    const { where, saidBytes, children } = await readBranch(store, root, 2, place)
    for (const [number, child] of children.entries()) {
      if (!isInternal(child)) throw new BrokenStructure('V8', where, `${blockName(child)} below it is no branch`)
      const before = leaves.length
      await addLeaves(findBlock(store, child, where))
      if (number < children.length - 1 && leaves.length - before !== mostChildren)
        findings.warn('V8', where, `${blockName(child)} is not the last below it and not full`)
    }
    if (saidBytes !== sizeBytes)
      findings.fault('V8', where, `it says there are ${saidBytes} bytes below it, and there are ${sizeBytes}`)
  } else await addLeaves(root)
  for (let number = 0; number < leaves.length - 1; number++) {
    const size = blocks.sizeOf(leaves[number]!)
    if (size === mostPayloadBytes) continue
    const leaf = blockName(blocks.bidOf(leaves[number]!))
    findings.fault(
      'V8',
      `${place}, ${leaf}`,
      `it is not the last of its data and holds ${size} bytes, not ${mostPayloadBytes}`,
    )
  }
  return { leaves: Uint32Array.from(leaves), sizeBytes }
}

/** All bytes of a stream that is known to be small. */
export const readStream = async (store: Store, stream: Stream): Promise<Uint8Array> => {
  const bytes = new Uint8Array(stream.sizeBytes)
  let at = 0
  for (const leaf of stream.leaves) {
    const payload = await store.readBlock(leaf)
    bytes.set(payload, at)
    at += payload.length
  }
  return bytes
}
