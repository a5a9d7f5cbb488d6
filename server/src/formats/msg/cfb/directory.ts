import { Buffer } from 'node:buffer'
import { sectorBytes } from './sector-writer.ts'

const entryBytes = 128
export const entriesPerDirectorySector = sectorBytes / entryBytes
const none = 0xffffffff
const kinds = { storage: 1, stream: 2, root: 5 } as const

/** One object of a compound file ([MS-CFB] §2.6). `id` is its place in the directory. */
export type Entry = {
  readonly id: number
  readonly name: string
  readonly kind: keyof typeof kinds
  /** Only a stream has none. */
  readonly children: Entry[]
  startSector: number
  sizeBytes: number
}

type Links = { left: number; right: number; isRed: boolean }

/** Shorter names come first, then by code units in upper case ([MS-CFB] §2.6.4). */
const inSiblingOrder = (children: readonly Entry[]): Entry[] =>
  children
    .map((entry) => ({ entry, name: entry.name.toUpperCase() }))
    .sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .map(({ entry }) => entry)

/**
 * Makes a search tree of sorted siblings and answers the id of its root. Halving leaves only the deepest level incomplete; with that one red
 * and all others black, it is a red-black tree.
 */
const linkSiblings = (siblings: readonly Entry[], links: Links[]): number => {
  const deepest = Math.floor(Math.log2(siblings.length))
  const isComplete = siblings.length === 2 ** (deepest + 1) - 1
  const link = (from: number, until: number, depth: number): number => {
    if (from === until) return none
    const middle = (from + until) >> 1
    const { id } = siblings[middle]!
    links[id] = {
      left: link(from, middle, depth + 1),
      right: link(middle + 1, until, depth + 1),
      isRed: depth === deepest && !isComplete,
    }
    return id
  }
  return link(0, siblings.length, 0)
}

/**
 * The directory, one sector after the other; the yielded bytes are overwritten by the next. Times stay zero, so that the same message gives
 * the same bytes. `rootClass` is the CLSID of the root.
 */
export function* directorySectors(entries: readonly Entry[], rootClass: Uint8Array): Generator<Uint8Array> {
  const links: Links[] = entries.map(() => ({ left: none, right: none, isRed: false }))
  const childOf = entries.map(({ children }) =>
    children.length === 0 ? none : linkSiblings(inSiblingOrder(children), links),
  )
  const sector = Buffer.alloc(sectorBytes)
  for (let first = 0; first < entries.length; first += entriesPerDirectorySector) {
    sector.fill(0)
    for (let slot = 0; slot < entriesPerDirectorySector; slot++) {
      const at = slot * entryBytes
      const entry = entries[first + slot]
      if (entry === undefined) {
        sector.fill(0xff, at + 68, at + 80)
        continue
      }
      const { left, right, isRed } = links[entry.id]!
      const nameBytes = sector.write(entry.name, at, 'utf16le')
      sector.writeUInt16LE(nameBytes + 2, at + 64)
      sector[at + 66] = kinds[entry.kind]
      sector[at + 67] = isRed ? 0 : 1
      sector.writeUInt32LE(left, at + 68)
      sector.writeUInt32LE(right, at + 72)
      sector.writeUInt32LE(childOf[entry.id]!, at + 76)
      if (entry.kind === 'root') sector.set(rootClass, at + 80)
      sector.writeUInt32LE(entry.startSector, at + 116)
      sector.writeUInt32LE(entry.sizeBytes, at + 120)
    }
    yield sector
  }
}
