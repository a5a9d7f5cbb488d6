import type { ReadableFile } from './bytes.ts'
import type { BlockIndex, NodeIndex } from './columns.ts'
import { decodePermuted } from './decode.ts'
import { BrokenStructure, type Findings } from './findings.ts'
import { firstMapOffset, intervalBytes } from './geometry.ts'
import type { Header } from './read-header.ts'

/** What all checks look at. */
export type Store = {
  readonly file: ReadableFile
  readonly signal: AbortSignal
  readonly findings: Findings
  readonly header: Header
  readonly blocks: BlockIndex
  readonly nodes: NodeIndex
  /** The bytes of a page; fewer where the file ends. */
  readRaw(offset: number, lengthBytes: number): Promise<Uint8Array>
  /** The payload of a block, decoded. It is shared: nobody may change it. */
  readBlock(index: number): Promise<Uint8Array>
}

/** Keeps the `most` values that came last. What is in constant use comes back at once; to keep it in order would cost more. */
const createCache = <T>(most: number) => {
  const held = new Map<number, T>()
  return {
    get: (key: number): T | undefined => held.get(key),
    set: (key: number, value: T): void => {
      held.set(key, value)
      if (held.size > most) held.delete(held.keys().next().value!)
    },
  }
}

/** A quarter of an interval: what belongs together was mostly written together, and no block or page lies in two intervals. */
const windowBytes = intervalBytes / 4

/** Reads a window at a time and keeps some. */
export const createWindowReader = (file: ReadableFile, windows = 64) => {
  const cache = createCache<Uint8Array>(windows)
  return async (offset: number, lengthBytes: number): Promise<Uint8Array> => {
    const window = Math.floor((offset - firstMapOffset) / windowBytes)
    const start = firstMapOffset + window * windowBytes
    if (offset < firstMapOffset || offset + lengthBytes > start + windowBytes)
      return offset < file.sizeBytes ? file.read(offset, lengthBytes) : new Uint8Array(0)
    let bytes = cache.get(window)
    if (bytes === undefined) {
      bytes = start < file.sizeBytes ? await file.read(start, windowBytes) : new Uint8Array(0)
      cache.set(window, bytes)
    }
    return bytes.subarray(offset - start, offset - start + lengthBytes)
  }
}

export const blockName = (bid: number): string => `block 0x${bid.toString(16).toUpperCase()}`

export const isInternal = (bid: number): boolean => Math.floor(bid / 2) % 2 === 1

export const createBlockReader = ({ header, blocks, readRaw }: Pick<Store, 'header' | 'blocks' | 'readRaw'>) => {
  const cache = createCache<Uint8Array>(512)
  return async (index: number): Promise<Uint8Array> => {
    const known = cache.get(index)
    if (known !== undefined) return known
    const bid = blocks.bidOf(index)
    const offset = blocks.offsetOf(index)
    const sizeBytes = blocks.sizeOf(index)
    const stored = offset === 0 ? new Uint8Array(0) : await readRaw(offset, sizeBytes)
    if (stored.length !== sizeBytes)
      throw new BrokenStructure('V5', blockName(bid), 'its place is not inside the file, so that it cannot be read')
    // A copy, so that the cache of small blocks holds no windows; `slice` of a Buffer would be one.
    const payload = header.isEncoded && !isInternal(bid) ? decodePermuted(stored) : Uint8Array.from(stored)
    cache.set(index, payload)
    return payload
  }
}
