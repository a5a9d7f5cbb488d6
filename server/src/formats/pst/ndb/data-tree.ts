import { Buffer } from 'node:buffer'
import { blockPayloadBytes } from './geometry.ts'
import type { NodeDatabase } from './node-database.ts'

const maxChildren = 1021
const headerBytes = 8

/** What a node's data or a subnode's data became. `sizeBytes` counts the bytes of the leaves alone. */
export type StoredData = { readonly bid: number; readonly sizeBytes: number }

export type LeafChain = {
  /** The next leaf; all but the last have to be full (8176 bytes). */
  add(bid: number, sizeBytes: number): void
  /** The BID of the tree over the leaves; 0 without any. */
  finish(): StoredData
}

/** Joins leaf blocks to one stream by XBLOCKs and an XXBLOCK ([MS-PST] §2.2.2.8.3.2), writing each list as soon as it is full. */
export const createLeafChain = (database: NodeDatabase): LeafChain => {
  let children: number[] = []
  let childrenBytes = 0
  let totalBytes = 0
  const lists: number[] = []

  const writeList = (level: number, bids: readonly number[], sizeBytes: number): number => {
    const bytes = Buffer.alloc(headerBytes + bids.length * 8)
    bytes[0] = 1
    bytes[1] = level
    bytes.writeUInt16LE(bids.length, 2)
    bytes.writeUInt32LE(sizeBytes, 4)
    bids.forEach((bid, index) => {
      bytes.writeUInt32LE(bid, headerBytes + index * 8)
      database.refer(bid)
    })
    return database.writeInternal(bytes, bytes.length)
  }
  const closeList = (): void => {
    lists.push(writeList(1, children, childrenBytes))
    children = []
    childrenBytes = 0
  }

  return {
    add: (bid, sizeBytes) => {
      if (children.length === maxChildren) closeList()
      if (lists.length === maxChildren) throw new RangeError('a stream of more than 8 GB has no place in a PST')
      children.push(bid)
      childrenBytes += sizeBytes
      totalBytes += sizeBytes
    },
    finish: () => {
      if (lists.length === 0 && children.length <= 1) return { bid: children[0] ?? 0, sizeBytes: totalBytes }
      closeList()
      return { bid: lists.length === 1 ? lists[0]! : writeList(2, lists, totalBytes), sizeBytes: totalBytes }
    },
  }
}

export type DataStream = {
  append(bytes: Uint8Array): void
  finish(): StoredData
}

/** Cuts a stream into leaves as it comes. */
export const createDataStream = (database: NodeDatabase): DataStream => {
  const chain = createLeafChain(database)
  let leaf: Buffer | undefined
  let filled = 0
  const addLeaf = (bytes: Uint8Array, start: number, length: number): void =>
    chain.add(database.writeData(bytes, start, length), length)

  return {
    append: (bytes) => {
      let start = 0
      while (start < bytes.length) {
        const left = bytes.length - start
        if (filled === 0 && left >= blockPayloadBytes) {
          addLeaf(bytes, start, blockPayloadBytes)
          start += blockPayloadBytes
          continue
        }
        leaf ??= Buffer.allocUnsafe(blockPayloadBytes)
        const taken = Math.min(left, blockPayloadBytes - filled)
        leaf.set(bytes.subarray(start, start + taken), filled)
        filled += taken
        start += taken
        if (filled === blockPayloadBytes) {
          addLeaf(leaf, 0, filled)
          filled = 0
        }
      }
    },
    finish: () => {
      if (filled > 0) addLeaf(leaf!, 0, filled)
      filled = 0
      return chain.finish()
    },
  }
}

export const writeBytes = (database: NodeDatabase, bytes: Uint8Array): StoredData => {
  const stream = createDataStream(database)
  stream.append(bytes)
  return stream.finish()
}

/** One leaf for all texts: what it holds is copied at once. */
const textLeaf = Buffer.allocUnsafeSlow(blockPayloadBytes)
const charactersPerLeaf = blockPayloadBytes / 2

/** Writes a text in UTF-16 leaf by leaf, so that it is not held a second time. */
export const writeText = (database: NodeDatabase, text: string): StoredData => {
  const chain = createLeafChain(database)
  for (let start = 0; start < text.length; start += charactersPerLeaf) {
    const length = textLeaf.write(text.slice(start, start + charactersPerLeaf), 'utf16le')
    chain.add(database.writeData(textLeaf, 0, length), length)
  }
  return chain.finish()
}
