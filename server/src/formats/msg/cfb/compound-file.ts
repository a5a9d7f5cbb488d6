import { Buffer } from 'node:buffer'
import type { WritableFile } from '../../mapi/writable-file.ts'
import { directorySectors, type Entry, entriesPerDirectorySector } from './directory.ts'
import { headerSector } from './header.ts'
import { createMiniStream, miniStreamCutoff } from './mini-stream.ts'
import { allocationSectors, difatSectors, marks, noSector, type Run, tableSectors } from './sector-chains.ts'
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

/** So much of the mini stream is held; what is more goes to sectors of its own between the other streams. */
const miniHeldBytes = 1024 * 1024

/**
 * Writes a compound file of version 3 ([MS-CFB]) from front to back; only the header is written last. Nothing of a large stream is held, but
 * some hundred bytes for each stream and storage are.
 */
export const createCompoundFile = (needs: CompoundFileNeeds): CompoundFile => {
  const { file, rootClass, limitBytes, tooLarge, signal } = needs
  const out = createSectorWriter(file, needs.bufferBytes)
  const mini = createMiniStream()
  const root: Entry = { id: 0, name: 'Root Entry', kind: 'root', children: [], startSector: noSector, sizeBytes: 0 }
  const entries: Entry[] = [root]
  const runs: Run[] = []
  let sectorCount = 0
  /** The run of the mini stream that was written last, so far without a successor. */
  let lastMiniRun = -1

  /** Counts what is written, held, and follows at the end; `openBytes` are of the stream that is being written. */
  const checkRoom = (openBytes = 0): void => {
    const others =
      sectorCount +
      sectorsFor(openBytes) +
      sectorsFor(mini.heldBytes) +
      mini.fatSectorCount +
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

  /** Ends what was appended since the last run, and answers the sector where it begins. */
  const closeRun = (sizeBytes: number): number => {
    out.pad()
    const start = sectorCount
    const count = sectorsFor(sizeBytes)
    runs.push({ count, last: marks.endOfChain })
    sectorCount += count
    return start
  }

  const writeMini = async (sizeBytes: number): Promise<void> => {
    await out.append(mini.held(sizeBytes))
    mini.drop(sizeBytes)
    const start = closeRun(sizeBytes)
    if (lastMiniRun < 0) root.startSector = start
    else runs[lastMiniRun] = { count: runs[lastMiniRun]!.count, last: start }
    lastMiniRun = runs.length - 1
  }

  const addMini = async (entry: Entry, bytes: Uint8Array): Promise<void> => {
    entry.sizeBytes = bytes.length
    entry.startSector = mini.add(bytes)
    checkRoom()
    if (mini.heldBytes >= miniHeldBytes) await writeMini(mini.heldBytes - (mini.heldBytes % sectorBytes))
  }

  const appendAll = async (sectors: Iterable<Uint8Array>): Promise<number> => {
    let count = 0
    for (const sector of sectors) {
      await out.append(sector)
      count += 1
    }
    return count
  }
  const writeTable = async (sectors: Iterable<Uint8Array>): Promise<number> =>
    closeRun((await appendAll(sectors)) * sectorBytes)

  return {
    root,
    storage: (parent, name) => add(parent, name, 'storage'),

    stream: async (parent, name, bytes) => {
      const entry = add(parent, name, 'stream')
      if (bytes.length < miniStreamCutoff) return addMini(entry, bytes)
      checkRoom(bytes.length)
      await out.append(bytes)
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
        if (before < miniStreamCutoff) await out.append(held.subarray(0, before))
        await out.append(chunk)
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
      if (mini.heldBytes > 0) await writeMini(mini.heldBytes)
      root.sizeBytes = mini.sizeBytes
      const miniFatCount = mini.fatSectorCount
      const miniFat = miniFatCount === 0 ? noSector : await writeTable(mini.fatSectors())
      const directory = await writeTable(directorySectors(entries, rootClass))

      const { fat: fatCount, difat: difatCount } = tableSectors(sectorCount)
      const fat = sectorCount
      const difat = difatCount === 0 ? noSector : fat + fatCount
      const tables: Run[] = [
        { count: fatCount, last: marks.fat, all: marks.fat },
        { count: difatCount, last: marks.difat, all: marks.difat },
      ]
      await appendAll(allocationSectors([...runs, ...tables]))
      await appendAll(difatSectors(fat, fatCount, difat, difatCount))
      await out.flush()
      await file.write(0, headerSector({ directory, fat, fatCount, miniFat, miniFatCount, difat, difatCount }))
      return { sizeBytes: (1 + sectorCount + fatCount + difatCount) * sectorBytes }
    },
  }
}
