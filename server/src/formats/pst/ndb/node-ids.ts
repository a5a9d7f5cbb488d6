/** Types of nodes ([MS-PST] §2.2.2.1): the low five bits of a NID. */
export const nodeTypes = {
  internal: 0x01,
  folder: 0x02,
  searchFolder: 0x03,
  message: 0x04,
  attachment: 0x05,
  associatedMessage: 0x08,
  hierarchyTable: 0x0d,
  contentsTable: 0x0e,
  associatedTable: 0x0f,
  stream: 0x1f,
} as const

export const nodeId = (index: number, type: number): number => ((index << 5) | type) >>> 0

/** Types whose high-water mark stays as it is in files of Outlook. */
const unraised = new Set([0x01, 0x06, 0x07, 0x10])
/** Nodes with a fixed NID inside each message: the attachment and the recipient table. */
const fixedSubnodes = new Set([0x671, 0x692])

export type NodeIds = {
  /** A new NID of the type, above all before. */
  next(type: number): number
  /** Tells of a NID that is used, at whatever depth, for the high-water marks of the header. */
  note(nid: number): void
  readonly highestIndexes: Uint32Array
}

export const createNodeIds = (): NodeIds => {
  const highest = new Uint32Array(32).fill(0x400)
  highest[nodeTypes.searchFolder] = 0x4000
  highest[nodeTypes.message] = 0x10000
  highest[nodeTypes.associatedMessage] = 0x8000
  const issued = highest.slice()
  // 0x401 to 0x404 are the folders that each store has.
  issued[nodeTypes.folder] = 0x404

  const note = (nid: number): void => {
    const type = nid & 0x1f
    if (unraised.has(type) || fixedSubnodes.has(nid)) return
    const index = nid >>> 5
    if (index > highest[type]!) highest[type] = index
  }
  return {
    next: (type) => {
      const index = ++issued[type]!
      const nid = nodeId(index, type)
      note(nid)
      return nid
    },
    note,
    highestIndexes: highest,
  }
}
