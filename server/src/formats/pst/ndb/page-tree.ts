import { Buffer } from 'node:buffer'
import { pageBytes } from './geometry.ts'
import { writeUint64 } from './integers.ts'
import type { IntervalFile } from './interval-file.ts'
import { writePageTrailer } from './page.ts'

const indexEntryBytes = 24
const maxIndexEntries = 20

export type PageRef = { readonly bid: number; readonly offset: number }

export type PageTree = {
  /** Adds an entry; keys have to ascend. `write` puts it at the place given. */
  add(key: number, write: (page: Buffer, at: number) => void): void
  /** Writes what is open from the leaves up and answers the root. A tree has one leaf at least. */
  finish(): PageRef
}

type Level = { readonly page: Buffer; entries: number; firstKey: number }

/** Builds a B-tree of pages from its leaves up ([MS-PST] §2.2.2.7.7), holding one page a level. */
export const createPageTree = (options: {
  readonly file: IntervalFile
  readonly type: number
  readonly entryBytes: number
  readonly maxEntries: number
  readonly nextPageBid: () => number
}): PageTree => {
  const { file, type, nextPageBid } = options
  const levels: Level[] = [{ page: Buffer.alloc(pageBytes), entries: 0, firstKey: 0 }]
  const entryBytesOf = (level: number): number => (level === 0 ? options.entryBytes : indexEntryBytes)
  const maxEntriesOf = (level: number): number => (level === 0 ? options.maxEntries : maxIndexEntries)

  const writePage = (level: number): PageRef => {
    const { page, entries } = levels[level]!
    page[488] = entries
    page[489] = maxEntriesOf(level)
    page[490] = entryBytesOf(level)
    page[491] = level
    const at = file.allocate(pageBytes, pageBytes)
    const offset = file.offset + at
    const bid = nextPageBid()
    page.copy(file.bytes, at)
    writePageTrailer(file.bytes, at, type, offset, bid)
    page.fill(0)
    levels[level]!.entries = 0
    return { bid, offset }
  }
  const put = (level: number, key: number, write: (page: Buffer, at: number) => void): void => {
    const open = levels[level] ?? { page: Buffer.alloc(pageBytes), entries: 0, firstKey: 0 }
    levels[level] = open
    if (open.entries === maxEntriesOf(level)) push(level)
    if (open.entries === 0) open.firstKey = key
    write(open.page, open.entries * entryBytesOf(level))
    open.entries++
  }
  const push = (level: number): void => {
    const { firstKey } = levels[level]!
    const { bid, offset } = writePage(level)
    put(level + 1, firstKey, (page, at) => {
      writeUint64(page, at, firstKey)
      writeUint64(page, at + 8, bid)
      writeUint64(page, at + 16, offset)
    })
  }

  return {
    add: (key, write) => put(0, key, write),
    finish: () => {
      // Levels appear while lower ones are pushed, so the length is asked anew each time.
      for (let level = 0; level < levels.length - 1; level++) push(level)
      return writePage(levels.length - 1)
    },
  }
}
