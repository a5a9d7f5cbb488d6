const chunkBits = 14
const chunkSize = 1 << chunkBits
const wordsPerNode = 4

export type NodeVisitor = (nid: number, bidData: number, bidSub: number, parent: number) => void

/** The nodes of the file, sixteen bytes each: those that come in ascending order as they come, the few others sorted at the end. */
export type NodeTable = {
  add(nid: number, bidData: number, bidSub: number, parent: number): void
  readonly count: number
  /** Visits all in ascending order of the NIDs, and yields now and then. */
  walk(visit: NodeVisitor): Generator<void>
}

export const createNodeTable = (): NodeTable => {
  const chunks: Uint32Array[] = []
  const others: { nid: number; bidData: number; bidSub: number; parent: number }[] = []
  let ascending = 0
  let lastNid = -1
  const isMessage = (nid: number): boolean => (nid & 0x1f) === 4

  return {
    add: (nid, bidData, bidSub, parent) => {
      // Folders come in between with lower indexes; kept with the messages they would stop the ascent.
      if (!isMessage(nid) || nid <= lastNid) {
        others.push({ nid, bidData, bidSub, parent })
        return
      }
      if (ascending >>> chunkBits === chunks.length) chunks.push(new Uint32Array(chunkSize * wordsPerNode))
      const chunk = chunks[ascending >>> chunkBits]!
      const at = (ascending & (chunkSize - 1)) * wordsPerNode
      chunk[at] = nid
      chunk[at + 1] = bidData
      chunk[at + 2] = bidSub
      chunk[at + 3] = parent
      lastNid = nid
      ascending++
    },
    get count() {
      return ascending + others.length
    },
    walk: function* (visit) {
      others.sort((one, other) => one.nid - other.nid)
      let next = 0
      const visitOthersBelow = (limit: number): void => {
        for (; next < others.length && others[next]!.nid < limit; next++) {
          const { nid, bidData, bidSub, parent } = others[next]!
          visit(nid, bidData, bidSub, parent)
        }
      }
      for (let index = 0; index < ascending; index++) {
        const chunk = chunks[index >>> chunkBits]!
        const at = (index & (chunkSize - 1)) * wordsPerNode
        visitOthersBelow(chunk[at]!)
        visit(chunk[at]!, chunk[at + 1]!, chunk[at + 2]!, chunk[at + 3]!)
        if ((index & (chunkSize - 1)) === chunkSize - 1) yield
      }
      visitOthersBelow(Number.POSITIVE_INFINITY)
    },
  }
}
