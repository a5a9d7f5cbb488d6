import { blockPayloadBytes, intervalBytes } from './ndb/geometry.ts'
import type { NodeDatabase } from './ndb/node-database.ts'

/** What the end of the file costs for each of these at most: entries in the B-trees with their share of the pages above. */
const bytesPerBlock = 28
const bytesPerNode = 38
const bytesPerItemId = 22
const bytesPerName = 80
/** Its properties, its row in its parent's table, its tables' first blocks, and the nodes and blocks of these. */
const bytesPerFolder = 2_500
const fixedBytes = 64 * 1024
/** Of the whole: intervals are not filled to the end, and lists of blocks come in between. */
const waste = 1.04

export type SizeProjection = (extraBytes: number) => number

/** Answers how large a file would become at most if it were finished after so many bytes more. */
export const createSizeProjection = (state: {
  readonly database: NodeDatabase
  readonly heldTableBytes: () => number
  readonly folders: () => number
  readonly itemIds: () => number
  readonly names: () => number
}): SizeProjection => {
  return (extraBytes) => {
    const { positionBytes, blockCount, nodeCount } = state.database
    const extraBlocks = Math.ceil(extraBytes / blockPayloadBytes) + 8
    const content = extraBytes + extraBlocks * 64 + state.heldTableBytes()
    const closing =
      (blockCount + extraBlocks + state.heldTableBytes() / blockPayloadBytes) * bytesPerBlock +
      (nodeCount + 1) * bytesPerNode +
      (state.itemIds() + 1) * bytesPerItemId +
      state.names() * bytesPerName +
      state.folders() * bytesPerFolder +
      fixedBytes
    const end = positionBytes + (content + closing) * waste
    return 0x4400 + (Math.ceil((end - 0x4400) / intervalBytes) + 1) * intervalBytes
  }
}
