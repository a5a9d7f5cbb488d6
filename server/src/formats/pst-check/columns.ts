/** Numbers in one growing typed array: a large file has millions of blocks, and an object for each is too much. */
type Numbers = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>

const grown = <T extends Numbers>(make: (buffer: ArrayBuffer) => T, from: T): T =>
  // transfer() moves the memory instead of keeping two copies.
  make(from.buffer.transfer(Math.max(1024, from.length * 2) * from.BYTES_PER_ELEMENT))

/** The blocks of the file as the block tree lists them, in its order: 14 bytes each. A `bid` is kept as its half: bit 0 is always clear. */
export type BlockIndex = {
  readonly count: number
  add(bid: number, offset: number, sizeBytes: number, refCount: number): void
  bidOf(index: number): number
  /** 0 when the tree gives a place that cannot be one. */
  offsetOf(index: number): number
  sizeOf(index: number): number
  refCountOf(index: number): number
  referencesTo(index: number): number
  refer(index: number): void
  /** -1 when there is none. */
  find(bid: number): number
}

const findSorted = (values: Numbers, count: number, wanted: number): number => {
  let low = 0
  let high = count - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const value = values[middle]!
    if (value === wanted) return middle
    if (value < wanted) low = middle + 1
    else high = middle - 1
  }
  return -1
}

const words = (buffer: ArrayBuffer): Uint32Array<ArrayBuffer> => new Uint32Array(buffer)
const halves = (buffer: ArrayBuffer): Uint16Array<ArrayBuffer> => new Uint16Array(buffer)
const noWords = () => words(new ArrayBuffer(0))
const noHalves = () => halves(new ArrayBuffer(0))

export const createBlockIndex = (): BlockIndex => {
  let count = 0
  let bids = noWords()
  let places = noWords()
  let sizes = noHalves()
  let refCounts = noHalves()
  let references = noHalves()
  return {
    get count() {
      return count
    },
    add: (bid, offset, sizeBytes, refCount) => {
      if (count === bids.length) {
        bids = grown(words, bids)
        places = grown(words, places)
        sizes = grown(halves, sizes)
        refCounts = grown(halves, refCounts)
        references = grown(halves, references)
      }
      bids[count] = Math.floor(bid / 2)
      places[count] = offset / 64
      sizes[count] = sizeBytes
      refCounts[count] = refCount
      count++
    },
    bidOf: (index) => bids[index]! * 2,
    offsetOf: (index) => places[index]! * 64,
    sizeOf: (index) => sizes[index]!,
    refCountOf: (index) => refCounts[index]!,
    referencesTo: (index) => references[index]!,
    refer: (index) => {
      // A count of the file is 16 bits wide: more than that many references are wrong however many more there are.
      if (references[index]! < 0xffff) references[index]!++
    },
    find: (bid) => (bid > 0 && bid < 2 ** 33 ? findSorted(bids, count, Math.floor(bid / 2)) : -1),
  }
}

export type NodeRef = {
  readonly nid: number
  readonly dataBid: number
  readonly subBid: number
  readonly parentNid: number
}

/** The nodes of the file as the node tree lists them, in its order: 16 bytes each. */
export type NodeIndex = {
  readonly count: number
  add(node: NodeRef): void
  at(index: number): NodeRef
  nidOf(index: number): number
  find(nid: number): number
}

export const createNodeIndex = (): NodeIndex => {
  let count = 0
  let nids = noWords()
  let data = noWords()
  let subs = noWords()
  let parents = noWords()
  return {
    get count() {
      return count
    },
    add: ({ nid, dataBid, subBid, parentNid }) => {
      if (count === nids.length) {
        nids = grown(words, nids)
        data = grown(words, data)
        subs = grown(words, subs)
        parents = grown(words, parents)
      }
      nids[count] = nid
      data[count] = Math.min(dataBid / 2, 0xffffffff)
      subs[count] = Math.min(subBid / 2, 0xffffffff)
      parents[count] = parentNid
      count++
    },
    at: (index) => ({
      nid: nids[index]!,
      dataBid: data[index]! * 2,
      subBid: subs[index]! * 2,
      parentNid: parents[index]!,
    }),
    nidOf: (index) => nids[index]!,
    find: (nid) => findSorted(nids, count, nid),
  }
}

/** Page numbers (offset / 512) of the two trees. */
export type PageList = { readonly count: number; add(page: number): void; sorted(): Uint32Array }

export const createPageList = (): PageList => {
  let count = 0
  let pages = noWords()
  return {
    get count() {
      return count
    },
    add: (page) => {
      if (count === pages.length) pages = grown(words, pages)
      pages[count++] = page
    },
    sorted: () => pages.subarray(0, count).sort(),
  }
}

/** A set of whole numbers below 2^53 that are dense in places: a bit each, in pieces of 1 KiB. */
export type NumberSet = { /** False when it was there already. */ add(number: number): boolean; readonly size: number }

export const createNumberSet = (): NumberSet => {
  const pieces = new Map<number, Uint8Array>()
  let size = 0
  return {
    get size() {
      return size
    },
    add: (number) => {
      const key = Math.floor(number / 2 ** 13)
      let piece = pieces.get(key)
      if (piece === undefined) {
        piece = new Uint8Array(2 ** 10)
        pieces.set(key, piece)
      }
      const bit = number % 2 ** 13
      const mask = 1 << (bit & 7)
      if ((piece[bit >>> 3]! & mask) !== 0) return false
      piece[bit >>> 3]! |= mask
      size++
      return true
    },
  }
}
