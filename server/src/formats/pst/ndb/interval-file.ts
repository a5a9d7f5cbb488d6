import { Buffer } from 'node:buffer'
import type { WritableFile } from '../../mapi/writable-file.ts'
import {
  aMapsPerFMap,
  hasFMap,
  intervalBytes,
  intervalOffset,
  pageBodyBytes,
  pageBytes,
  pageTypes,
  specialPages,
  unitBytes,
  unitsPerInterval,
} from './geometry.ts'
import { writeMapPage } from './page.ts'

/** Intervals that are being written while the next is filled. */
const maxFlying = 2
/** Intervals that are kept to be filled again. */
const maxSpare = 3

/** Where the file stood at the begin of something that may have to be undone. */
export type Mark = { readonly interval: number; readonly usedBytes: number }

export type IntervalFile = {
  /**
   * Takes room in the current interval, or in the next if it does not fit, and answers where it begins in `bytes`. The room is zero.
   * @param alignment 64 for blocks, 512 for pages
   */
  allocate(sizeBytes: number, alignment: number): number
  /** The current interval; another one after each `allocate`. */
  readonly bytes: Buffer
  /** The place of `bytes` in the file. */
  readonly offset: number
  /** Where the next block would begin at the earliest. */
  readonly positionBytes: number
  /** Whether complete intervals wait for `flush`. */
  readonly isFull: boolean
  /**
   * Begins to write what is complete; a failure comes out of a later call. What is allocated between two calls is held in memory, and two intervals
   * that are being written.
   */
  flush(): Promise<void>
  /** From here on everything can be undone, until `settle`. Only blocks may be allocated meanwhile. */
  mark(): Mark
  settle(): void
  /** Forgets all that was allocated since the mark. What was written of it is written over; the file does not become shorter. */
  rewind(mark: Mark): Promise<void>
  /** Writes the rest, and the FMap pages, which only now are known. */
  finish(): Promise<{ readonly sizeBytes: number; readonly lastAMapOffset: number; readonly freeBytes: number }>
}

/**
 * The part of the file that allocation maps cover ([MS-PST] §2.2.2.7.2): intervals filled from front to back and written one after the other, each with
 * its maps. Nothing crosses the end of an interval.
 */
export const createIntervalFile = (file: WritableFile): IntervalFile => {
  const spare: Buffer[] = []
  const bitmap = Buffer.alloc(pageBodyBytes)
  /** Of each complete interval: its free units, and the longest run of them as an FMap has it. */
  const freeUnits: number[] = []
  const longestRuns: number[] = []
  let waiting: { readonly interval: number; readonly bytes: Buffer }[] = []
  /** Being written, the oldest first. */
  const flying: { readonly bytes: Buffer; readonly done: Promise<void> }[] = []
  let interval = 0
  let usedBytes = 0
  let bytes: Buffer = Buffer.alloc(intervalBytes)
  let writtenIntervals = 0
  let marked: Mark | undefined
  /** The interval of the mark, kept after it was completed. */
  let kept: Buffer | undefined

  const markUsed = (from: number, to: number): void => {
    for (let unit = from / unitBytes; unit < to / unitBytes; ) {
      if (unit % 8 === 0 && unit + 8 <= to / unitBytes) {
        bitmap[unit / 8] = 0xff
        unit += 8
      } else {
        bitmap[unit >>> 3]! |= 0x80 >>> (unit & 7)
        unit++
      }
    }
  }
  const begin = (): void => {
    const pages = specialPages(interval)
    usedBytes = pages.at(-1)!.at + pageBytes
    bitmap.fill(0)
    markUsed(0, usedBytes)
  }
  const countFree = (): void => {
    let free = 0
    let run = 0
    let longest = 0
    for (let unit = 0; unit < unitsPerInterval; unit++) {
      if ((bitmap[unit >>> 3]! & (0x80 >>> (unit & 7))) === 0) {
        free++
        run++
        if (run > longest) longest = run
      } else run = 0
    }
    freeUnits.push(free)
    longestRuns.push(Math.min(255, longest))
  }
  const complete = (): void => {
    const offset = intervalOffset(interval)
    for (const { type, at } of specialPages(interval)) {
      if (type === pageTypes.aMap) bitmap.copy(bytes, at)
      else bytes.fill(type === pageTypes.fMap ? 0 : 0xff, at, at + pageBodyBytes)
      writeMapPage(bytes, at, type, offset + at)
    }
    countFree()
    waiting.push({ interval, bytes })
    if (marked?.interval === interval) kept = bytes
  }
  const next = (): void => {
    complete()
    interval++
    bytes = spare.pop()?.fill(0) ?? Buffer.alloc(intervalBytes)
    begin()
  }
  const release = (released: Buffer): void => {
    if (released !== kept && spare.length < maxSpare) spare.push(released)
  }
  const land = async (): Promise<void> => {
    const { bytes: full, done } = flying[0]!
    await done
    flying.shift()
    release(full)
  }
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      if (flying.length === maxFlying) await land()
      const { interval: index, bytes: full } = waiting.shift()!
      writtenIntervals = Math.max(writtenIntervals, index + 1)
      const done = file.write(intervalOffset(index), full)
      // Whoever lands it gets the error.
      done.catch(() => {})
      flying.push({ bytes: full, done })
    }
  }
  const drain = async (): Promise<void> => {
    while (flying.length > 0) await land()
  }
  const writeFMaps = async (): Promise<void> => {
    const page = Buffer.alloc(pageBytes)
    for (let first = 128; first < longestRuns.length; first += aMapsPerFMap) {
      if (!hasFMap(first)) continue
      page.fill(0)
      page.set(longestRuns.slice(first, first + aMapsPerFMap))
      const offset = intervalOffset(first) + 1024
      writeMapPage(page, 0, pageTypes.fMap, offset)
      await file.write(offset, page)
    }
  }

  begin()
  return {
    allocate: (sizeBytes, alignment) => {
      let at = Math.ceil(usedBytes / alignment) * alignment
      if (at + sizeBytes > intervalBytes) {
        next()
        at = usedBytes
      }
      const end = Math.ceil((at + sizeBytes) / unitBytes) * unitBytes
      markUsed(at, end)
      usedBytes = end
      return at
    },
    get bytes() {
      return bytes
    },
    get offset() {
      return intervalOffset(interval)
    },
    get positionBytes() {
      return intervalOffset(interval) + usedBytes
    },
    get isFull() {
      return waiting.length > 0
    },
    flush,
    mark: () => {
      kept = undefined
      marked = { interval, usedBytes }
      return marked
    },
    settle: () => {
      marked = undefined
      const isInUse = [...waiting, ...flying].some((one) => one.bytes === kept)
      if (kept && !isInUse && spare.length < maxSpare) spare.push(kept)
      kept = undefined
    },
    rewind: async (mark) => {
      // What is being written of it may not come after what is written over it.
      await drain()
      if (interval !== mark.interval) {
        bytes = kept!
        interval = mark.interval
        freeUnits.length = interval
        longestRuns.length = interval
        waiting = waiting.filter((one) => one.interval < interval)
      }
      begin()
      // Blocks alone were allocated, so there are no gaps before the place of the mark.
      usedBytes = mark.usedBytes
      markUsed(0, usedBytes)
      bytes.fill(0, usedBytes)
      marked = undefined
      kept = undefined
    },
    finish: async () => {
      complete()
      await flush()
      // What a rewind left behind in the file stays there as free space.
      while (freeUnits.length < writtenIntervals) {
        interval++
        bytes = spare.pop()?.fill(0) ?? Buffer.alloc(intervalBytes)
        begin()
        complete()
        await flush()
      }
      await drain()
      await writeFMaps()
      return {
        sizeBytes: intervalOffset(freeUnits.length),
        lastAMapOffset: intervalOffset(freeUnits.length - 1),
        freeBytes: freeUnits.reduce((sum, units) => sum + units, 0) * unitBytes,
      }
    },
  }
}
