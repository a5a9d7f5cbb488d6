import { Buffer } from 'node:buffer'
import { createLeafChain } from '../ndb/data-tree.ts'
import { blockPayloadBytes } from '../ndb/geometry.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { maxItemBytes } from './heap.ts'

export type RowMatrix = {
  /** Room for one more row, zero, at `at` in `bytes` until the next call. */
  next(): void
  readonly bytes: Buffer
  readonly at: number
  readonly count: number
  readonly heldBytes: number
  /** The rows, if they fit one heap item; otherwise they were written as blocks. */
  finish(): { readonly small: Uint8Array } | { readonly bid: number; readonly sizeBytes: number }
}

/** The rows of a table ([MS-PST] §2.3.4.4). No row straddles two blocks, and all blocks but the last are full ones, padded with zeros. */
export const createRowMatrix = (database: NodeDatabase, rowBytes: number): RowMatrix => {
  const rowsPerBlock = Math.floor(blockPayloadBytes / rowBytes)
  const chain = createLeafChain(database)
  let bytes: Buffer = Buffer.alloc(0)
  let rowsInBlock = 0
  let count = 0
  let blocks = 0
  let at = 0

  const room = (needed: number): void => {
    if (needed <= bytes.length) return
    const larger = Buffer.alloc(Math.min(blockPayloadBytes, Math.max(needed, bytes.length * 2, rowBytes * 2)))
    bytes.copy(larger)
    bytes = larger
  }
  return {
    next: () => {
      if (rowsInBlock === rowsPerBlock) {
        room(blockPayloadBytes)
        chain.add(database.writeData(bytes, 0, blockPayloadBytes), blockPayloadBytes)
        bytes.fill(0)
        rowsInBlock = 0
        blocks++
      }
      at = rowsInBlock * rowBytes
      room(at + rowBytes)
      rowsInBlock++
      count++
    },
    get bytes() {
      return bytes
    },
    get at() {
      return at
    },
    get count() {
      return count
    },
    get heldBytes() {
      return rowsInBlock * rowBytes + blocks * 8
    },
    finish: () => {
      const length = rowsInBlock * rowBytes
      if (blocks === 0 && length <= maxItemBytes) return { small: bytes.subarray(0, length) }
      chain.add(database.writeData(bytes, 0, length), length)
      return chain.finish()
    },
  }
}
