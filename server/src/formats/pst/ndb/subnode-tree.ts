import { Buffer } from 'node:buffer'
import type { NodeDatabase } from './node-database.ts'

const maxLeafEntries = 340
const maxIndexEntries = 510
/** The most subnodes that one node has room for. */
export const maxSubnodes = maxLeafEntries * maxIndexEntries
const headerBytes = 8

export type Subnode = {
  readonly nid: number
  readonly bidData: number
  readonly bidSub: number
  /** Leaf bytes of its data and of all below it, for PidTagMessageSize. */
  readonly sizeBytes: number
}

/** Writes the subnodes of one node as SLBLOCKs, under an SIBLOCK if there are many ([MS-PST] §2.2.2.8.3.3). Answers the BID, 0 for none. */
export const writeSubnodes = (database: NodeDatabase, subnodes: readonly Subnode[]): number => {
  if (subnodes.length === 0) return 0
  if (subnodes.length > maxSubnodes) throw new RangeError('more subnodes than a node can have')
  const sorted = subnodes.toSorted((one, other) => one.nid - other.nid)
  const leaves: { readonly nid: number; readonly bid: number }[] = []
  for (let first = 0; first < sorted.length; first += maxLeafEntries) {
    const entries = sorted.slice(first, first + maxLeafEntries)
    leaves.push({ nid: entries[0]!.nid, bid: writeLeaf(database, entries) })
  }
  if (leaves.length === 1) return leaves[0]!.bid
  const bytes = Buffer.alloc(headerBytes + leaves.length * 16)
  bytes[0] = 2
  bytes[1] = 1
  bytes.writeUInt16LE(leaves.length, 2)
  leaves.forEach(({ nid, bid }, index) => {
    const at = headerBytes + index * 16
    bytes.writeUInt32LE(nid, at)
    bytes.writeUInt32LE(bid, at + 8)
    database.refer(bid)
  })
  return database.writeInternal(bytes, bytes.length)
}

const writeLeaf = (database: NodeDatabase, entries: readonly Subnode[]): number => {
  const bytes = Buffer.alloc(headerBytes + entries.length * 24)
  bytes[0] = 2
  bytes.writeUInt16LE(entries.length, 2)
  entries.forEach(({ nid, bidData, bidSub }, index) => {
    const at = headerBytes + index * 24
    bytes.writeUInt32LE(nid, at)
    bytes.writeUInt32LE(bidData, at + 8)
    bytes.writeUInt32LE(bidSub, at + 16)
    database.refer(bidData)
    database.refer(bidSub)
    database.ids.note(nid)
  })
  return database.writeInternal(bytes, bytes.length)
}

export const sumOfSizes = (subnodes: readonly Subnode[]): number =>
  subnodes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
