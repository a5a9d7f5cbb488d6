const chunkBits = 16
const chunkSize = 1 << chunkBits
const chunkMask = chunkSize - 1
const internalBit = 0x8000

type Chunk = { readonly units: Uint32Array; readonly sizes: Uint16Array; readonly references: Uint16Array }

/**
 * All blocks of the file, eight bytes each. Their BIDs count up by four, so the position in here is the BID ([MS-PST] §2.2.2.2), and the order
 * that of the B-tree.
 */
export type BlockTable = {
  /** Answers the BID, below 2^32. */
  add(isInternal: boolean): number
  place(bid: number, offset: number, sizeBytes: number): void
  /** One more reference to the block; none for BID 0. */
  refer(bid: number): void
  readonly count: number
  /** Forgets all blocks after the first `count`. */
  truncate(count: number): void
  /** Visits all in the order of the BIDs, and yields now and then. */
  walk(visit: (bid: number, offset: number, sizeBytes: number, references: number) => void): Generator<void>
}

export const createBlockTable = (): BlockTable => {
  const chunks: Chunk[] = []
  let count = 0
  return {
    add: (isInternal) => {
      if (count >>> chunkBits === chunks.length)
        chunks.push({
          units: new Uint32Array(chunkSize),
          sizes: new Uint16Array(chunkSize),
          references: new Uint16Array(chunkSize),
        })
      // A block counts itself ([MS-PST] §2.2.2.7.7.3).
      chunks[count >>> chunkBits]!.references[count & chunkMask] = 1 | (isInternal ? internalBit : 0)
      count++
      return count * 4 + (isInternal ? 2 : 0)
    },
    place: (bid, offset, sizeBytes) => {
      const index = (bid >>> 2) - 1
      const chunk = chunks[index >>> chunkBits]!
      chunk.units[index & chunkMask] = offset / 64
      chunk.sizes[index & chunkMask] = sizeBytes
    },
    refer: (bid) => {
      if (bid === 0) return
      const index = (bid >>> 2) - 1
      chunks[index >>> chunkBits]!.references[index & chunkMask]!++
    },
    get count() {
      return count
    },
    truncate: (to) => {
      count = to
    },
    walk: function* (visit) {
      for (let index = 0; index < count; index++) {
        const chunk = chunks[index >>> chunkBits]!
        const at = index & chunkMask
        const references = chunk.references[at]!
        const bid = (index + 1) * 4 + (references & internalBit ? 2 : 0)
        visit(bid, chunk.units[at]! * 64, chunk.sizes[at]!, references & ~internalBit)
        if (at === chunkMask) yield
      }
    },
  }
}
