import { crc32 } from 'node:zlib'

/** A field of a PST: its place in the file, its bytes, and what must be made right again after a change. */
export type Field = { readonly at: number; readonly size: 1 | 2 | 4 | 8; readonly seal: () => void }

const crc = (bytes: Uint8Array): number => (crc32(bytes, 0xffffffff) ^ 0xffffffff) >>> 0

/**
 * A PST with its data as it is (not encoded) laid open, so that single fields of it can be changed with the checksums
 * behind them made right again. It reads what a good file has, and checks nothing.
 */
export const openSurgery = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u16 = (at: number) => view.getUint16(at, true)
  const u32 = (at: number) => view.getUint32(at, true)
  const u64 = (at: number) => Number(view.getBigUint64(at, true))
  const get = ({ at, size }: Pick<Field, 'at' | 'size'>): number =>
    size === 1 ? bytes[at]! : size === 2 ? u16(at) : size === 4 ? u32(at) : u64(at)
  const set = ({ at, size, seal }: Field, value: number): void => {
    if (size === 1) bytes[at] = value
    else if (size === 2) view.setUint16(at, value, true)
    else if (size === 4) view.setUint32(at, value, true)
    else view.setBigUint64(at, BigInt(value), true)
    seal()
  }
  const sealHeader = () => {
    view.setUint32(4, crc(bytes.subarray(8, 479)), true)
    view.setUint32(524, crc(bytes.subarray(8, 524)), true)
  }
  const sealPage = (page: number) => () => view.setUint32(page + 500, crc(bytes.subarray(page, page + 496)), true)

  type Block = { readonly at: number; readonly size: number; readonly entryAt: number; readonly page: number }
  type Node = { readonly data: number; readonly sub: number; readonly entryAt: number; readonly page: number }
  const blocks = new Map<number, Block>()
  const nodes = new Map<number, Node>()
  const pages: { readonly at: number; readonly tree: 'nodes' | 'blocks'; readonly level: number }[] = []
  const walk = (page: number, tree: 'nodes' | 'blocks'): void => {
    const level = bytes[page + 491]!
    pages.push({ at: page, tree, level })
    for (let entry = 0; entry < bytes[page + 488]!; entry++) {
      const at = page + entry * bytes[page + 490]!
      if (level > 0) walk(u64(at + 16), tree)
      else if (tree === 'blocks') blocks.set(u64(at), { at: u64(at + 8), size: u16(at + 16), entryAt: at, page })
      else nodes.set(u32(at), { data: u64(at + 8), sub: u64(at + 16), entryAt: at, page })
    }
  }
  walk(u64(224), 'nodes')
  walk(u64(240), 'blocks')

  const trailerOf = ({ at, size }: Block): number => at + Math.ceil((size + 16) / 64) * 64 - 16
  const sealBlock = (bid: number) => () => {
    const block = blocks.get(bid)!
    view.setUint32(trailerOf(block) + 4, crc(bytes.subarray(block.at, block.at + block.size)), true)
  }
  const leavesOf = (bid: number): readonly number[] => {
    const { at } = blocks.get(bid)!
    if ((bid & 2) === 0) return [bid]
    return Array.from({ length: u16(at + 2) }, (_, child) => u64(at + 8 + 8 * child)).flatMap(leavesOf)
  }
  /** Bids of a list of subnodes and the lists below it. */
  const subnodesOf = (
    bid: number,
  ): ReadonlyMap<
    number,
    { readonly data: number; readonly sub: number; readonly at: number; readonly list: number }
  > => {
    const { at } = blocks.get(bid)!
    const count = u16(at + 2)
    if (bytes[at + 1] === 1)
      return new Map(Array.from({ length: count }, (_, child) => [...subnodesOf(u64(at + 16 + 16 * child))]).flat())
    return new Map(
      Array.from({ length: count }, (_, entry) => {
        const entryAt = at + 8 + 24 * entry
        return [u32(entryAt), { data: u64(entryAt + 8), sub: u64(entryAt + 16), at: entryAt, list: bid }]
      }),
    )
  }
  /** An item of the heap in this data. */
  const item = (
    data: number,
    hid: number,
  ): { readonly at: number; readonly size: number; readonly seal: () => void } => {
    const bid = leavesOf(data)[hid >>> 16]!
    const { at } = blocks.get(bid)!
    const entry = at + u16(at) + 4 + 2 * ((hid & 0xffff) >>> 5)
    return { at: at + u16(entry - 2), size: u16(entry) - u16(entry - 2), seal: sealBlock(bid) }
  }
  const heapRoot = (data: number): number => u32(blocks.get(leavesOf(data)[0]!)!.at + 4)
  /** The record of a property: id, type, value. Its tree has no index. */
  const property = (data: number, id: number): Field & { readonly value: Field; readonly type: Field } => {
    const records = item(data, u32(item(data, heapRoot(data)).at + 4))
    for (let at = records.at; at < records.at + records.size; at += 8)
      if (u16(at) === id)
        return {
          at,
          size: 2,
          seal: records.seal,
          type: { at: at + 2, size: 2, seal: records.seal },
          value: { at: at + 4, size: 4, seal: records.seal },
        }
    throw new Error(`there is no property ${id.toString(16)}`)
  }
  /** The bytes of a property that lie in the heap. */
  const heldValue = (data: number, id: number) => item(data, get(property(data, id).value))
  const field = (size: Field['size'], at: number, seal: () => void): Field => ({ at, size, seal })
  return {
    bytes,
    blocks,
    nodes,
    pages,
    u16,
    u32,
    u64,
    get,
    set,
    flip: (target: Field) => set(target, get(target) ^ 1),
    header: (at: number, size: Field['size']) => field(size, at, sealHeader),
    page: (page: number, at: number, size: Field['size']) => field(size, page + at, sealPage(page)),
    /** Nothing is made right again. */
    raw: (at: number, size: Field['size']) => field(size, at, () => {}),
    block: (bid: number, at: number, size: Field['size']) => field(size, blocks.get(bid)!.at + at, sealBlock(bid)),
    trailer: (bid: number) => trailerOf(blocks.get(bid)!),
    leavesOf,
    subnodesOf,
    item,
    heapRoot,
    property,
    heldValue,
    field,
  }
}

export type Surgery = ReturnType<typeof openSurgery>
