import { Buffer } from 'node:buffer'
import type { WritableFile } from '../mapi/writable-file.ts'
import { directorySectors, type Entry, entriesPerDirectorySector, noSector } from './directory.ts'
import {
  allocationSectors,
  difatSectors,
  entriesPerSector,
  headerFatSectors,
  marks,
  type Run,
  tableSectors,
} from './sector-chains.ts'
import { createSectorWriter, sectorBytes, sectorsFor } from './sector-writer.ts'

/** A storage or the root of a compound file. */
export type Storage = Entry

export type CompoundFile = {
  readonly root: Storage
  storage(parent: Storage, name: string): Storage
  stream(parent: Storage, name: string, bytes: Uint8Array): Promise<void>
  /** Writes a stream of unknown length and answers it, in bytes. No other stream can be written meanwhile. */
  streamFrom(parent: Storage, name: string, chunks: AsyncIterable<Uint8Array>): Promise<number>
  /** Writes the tables, then the header. Nothing can be added afterwards. */
  finish(): Promise<{ readonly sizeBytes: number }>
}

export type CompoundFileNeeds = {
  readonly file: WritableFile
  readonly rootClass: Uint8Array
  /** Of the finished file. */
  readonly limitBytes: number
  /** What is thrown as soon as the finished file would be larger. */
  readonly tooLarge: () => Error
  readonly signal: AbortSignal
  /** What is collected before it is written. */
  readonly bufferBytes: number
}

const miniSectorBytes = 64
/** Shorter streams lie in the mini stream ([MS-CFB] §2.6.3). */
const miniStreamCutoff = 4096
/** So much of the mini stream is held; what is more goes to sectors of its own between the other streams. */
const miniHeldBytes = 1024 * 1024

/** Writes a compound file of version 3 ([MS-CFB]) from front to back; only the header is written last. Nothing of a large stream is held. */
export const createCompoundFile = (needs: CompoundFileNeeds): CompoundFile => {
  const { file, rootClass, limitBytes, tooLarge, signal } = needs
  const out = createSectorWriter(file, needs.bufferBytes)
  const header = new Uint8Array(sectorBytes)
  let isBegun = false

  const root: Entry = { id: 0, name: 'Root Entry', kind: 'root', children: [], startSector: noSector, sizeBytes: 0 }
  const entries: Entry[] = [root]
  const runs: Run[] = []
  let sectorCount = 0

  const miniRuns: Run[] = []
  let miniSectorCount = 0
  let mini = Buffer.allocUnsafe(16 * 1024)
  let miniFilledBytes = 0
  /** The run of the mini stream that was written last, so far without a successor. */
  let lastMiniRun = -1

  const checkRoom = (openBytes = 0): void => {
    const others =
      sectorCount +
      sectorsFor(openBytes) +
      sectorsFor(miniFilledBytes) +
      Math.ceil(miniSectorCount / entriesPerSector) +
      Math.ceil(entries.length / entriesPerDirectorySector)
    const { fat, difat } = tableSectors(others)
    if ((1 + others + fat + difat) * sectorBytes > limitBytes) throw tooLarge()
  }

  const add = (parent: Storage, name: string, kind: 'storage' | 'stream'): Entry => {
    const startSector = kind === 'stream' ? noSector : 0
    const entry: Entry = { id: entries.length, name, kind, children: [], startSector, sizeBytes: 0 }
    entries.push(entry)
    parent.children.push(entry)
    return entry
  }

  const append = async (bytes: Uint8Array): Promise<void> => {
    if (!isBegun) {
      isBegun = true
      await out.append(header)
    }
    await out.append(bytes)
  }
  /** Ends what was appended since the last run, and answers the sector where it begins. */
  const closeRun = (sizeBytes: number, last: number = marks.endOfChain): number => {
    out.pad()
    const start = sectorCount
    const count = sectorsFor(sizeBytes)
    runs.push({ count, last })
    sectorCount += count
    return start
  }

  const writeMini = async (sizeBytes: number): Promise<void> => {
    await append(mini.subarray(0, sizeBytes))
    const start = closeRun(sizeBytes)
    if (lastMiniRun < 0) root.startSector = start
    else runs[lastMiniRun] = { count: runs[lastMiniRun]!.count, last: start }
    lastMiniRun = runs.length - 1
    mini.copyWithin(0, sizeBytes, miniFilledBytes)
    miniFilledBytes -= Math.min(sizeBytes, miniFilledBytes)
  }

  const addMini = async (entry: Entry, bytes: Uint8Array): Promise<void> => {
    entry.sizeBytes = bytes.length
    if (bytes.length > 0) {
      const count = Math.ceil(bytes.length / miniSectorBytes)
      const end = miniFilledBytes + count * miniSectorBytes
      if (end > mini.length) {
        const larger = Buffer.allocUnsafe(mini.length * 2)
        larger.set(mini.subarray(0, miniFilledBytes))
        mini = larger
      }
      mini.set(bytes, miniFilledBytes)
      mini.fill(0, miniFilledBytes + bytes.length, end)
      miniFilledBytes = end
      entry.startSector = miniSectorCount
      miniRuns.push({ count, last: marks.endOfChain })
      miniSectorCount += count
    }
    checkRoom()
    if (miniFilledBytes >= miniHeldBytes) await writeMini(miniFilledBytes - (miniFilledBytes % sectorBytes))
  }

  const writeSectors = async (sectors: Iterable<Uint8Array>): Promise<number> => {
    let count = 0
    for (const sector of sectors) {
      await append(sector)
      count += 1
    }
    return count
  }
  const writeTable = async (sectors: Iterable<Uint8Array>): Promise<number> =>
    closeRun((await writeSectors(sectors)) * sectorBytes)

  const writeHeader = async (directory: number, miniFat: number, miniFatCount: number): Promise<void> => {
    const { fat, difat } = tableSectors(sectorCount)
    const firstFat = sectorCount
    const firstDifat = firstFat + fat
    const tables: Run[] = [
      { count: fat, last: 0, all: marks.fat },
      { count: difat, last: 0, all: marks.difat },
    ]
    await writeSectors(allocationSectors([...runs, ...tables]))
    await writeSectors(difatSectors(firstFat, fat, firstDifat, difat))
    await out.flush()
    sectorCount += fat + difat

    const view = new DataView(header.buffer)
    header.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    view.setUint16(24, 0x3e, true)
    view.setUint16(26, 3, true)
    view.setUint16(28, 0xfffe, true)
    view.setUint16(30, Math.log2(sectorBytes), true)
    view.setUint16(32, Math.log2(miniSectorBytes), true)
    view.setUint32(44, fat, true)
    view.setUint32(48, directory, true)
    view.setUint32(56, miniStreamCutoff, true)
    view.setUint32(60, miniFatCount === 0 ? noSector : miniFat, true)
    view.setUint32(64, miniFatCount, true)
    view.setUint32(68, difat === 0 ? noSector : firstDifat, true)
    view.setUint32(72, difat, true)
    header.fill(0xff, 76)
    for (let at = 0; at < Math.min(fat, headerFatSectors); at++) view.setUint32(76 + at * 4, firstFat + at, true)
    await file.write(0, header)
  }

  return {
    root,
    storage: (parent, name) => add(parent, name, 'storage'),

    stream: async (parent, name, bytes) => {
      const entry = add(parent, name, 'stream')
      if (bytes.length < miniStreamCutoff) return addMini(entry, bytes)
      checkRoom(bytes.length)
      await append(bytes)
      entry.sizeBytes = bytes.length
      entry.startSector = closeRun(bytes.length)
    },

    streamFrom: async (parent, name, chunks) => {
      const entry = add(parent, name, 'stream')
      const held = Buffer.allocUnsafe(miniStreamCutoff)
      let sizeBytes = 0
      for await (const chunk of chunks) {
        signal.throwIfAborted()
        const before = sizeBytes
        sizeBytes += chunk.length
        if (sizeBytes < miniStreamCutoff) {
          held.set(chunk, before)
          continue
        }
        checkRoom(sizeBytes)
        if (before < miniStreamCutoff) await append(held.subarray(0, before))
        await append(chunk)
      }
      signal.throwIfAborted()
      if (sizeBytes < miniStreamCutoff) await addMini(entry, held.subarray(0, sizeBytes))
      else {
        entry.sizeBytes = sizeBytes
        entry.startSector = closeRun(sizeBytes)
      }
      return sizeBytes
    },

    finish: async () => {
      checkRoom()
      if (miniFilledBytes > 0) {
        await writeMini(miniFilledBytes)
      }
      root.sizeBytes = miniSectorCount * miniSectorBytes
      const miniFatCount = Math.ceil(miniSectorCount / entriesPerSector)
      const miniFat = miniFatCount === 0 ? noSector : await writeTable(allocationSectors(miniRuns))
      const directory = await writeTable(directorySectors(entries, rootClass))
      await writeHeader(directory, miniFat, miniFatCount)
      return { sizeBytes: (1 + sectorCount) * sectorBytes }
    },
  }
}
