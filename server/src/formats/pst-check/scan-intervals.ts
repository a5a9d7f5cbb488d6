import { hex, isAll, pstCrc, signatureOf, u16, u32, u64 } from './bytes.ts'
import type { PageList } from './columns.ts'
import {
  firstMapOffset,
  hasFreeMap,
  hasFreePageMap,
  hasPageMap,
  intervalBytes,
  mapBytes,
  pageBytes,
  pageTypes,
  storedBytes,
  trailerBytes,
  unitBytes,
  unitsOfInterval,
} from './geometry.ts'
import { blockName, isInternal, type Store } from './store.ts'

type Scan = Omit<Store, 'readBlock' | 'nodes'>

/** What is in use of one interval, a bit for each 64 bytes, the highest bit of a byte first. */
type Usage = {
  readonly bits: Uint8Array /** False when part of it was in use already. */
  take(at: number, lengthBytes: number): boolean
}

const createUsage = (): Usage => {
  const bits = new Uint8Array(mapBytes)
  return {
    bits,
    take: (at, lengthBytes) => {
      let isFree = true
      for (let unit = at / unitBytes; unit < (at + lengthBytes) / unitBytes; unit++) {
        const mask = 0x80 >> (unit & 7)
        if ((bits[unit >>> 3]! & mask) !== 0) isFree = false
        bits[unit >>> 3]! |= mask
      }
      return isFree
    },
  }
}

const bitCount = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let rest = byte; rest > 0; rest &= rest - 1) count++
  return count
})

const longestFreeRun = (map: Uint8Array): number => {
  let longest = 0
  let run = 0
  for (let unit = 0; unit < unitsOfInterval; unit++) {
    run = (map[unit >>> 3]! & (0x80 >> (unit & 7))) === 0 ? run + 1 : 0
    if (run > longest) longest = run
  }
  return longest
}

/** V3 for the pages at the beginning of an interval: each has its own offset as bid, and no signature. */
const checkMapPage = (
  interval: Uint8Array,
  at: number,
  offset: number,
  name: string,
  pageType: number,
  report: (check: 'V3', place: string, text: string) => void,
): Uint8Array => {
  const page = interval.subarray(at, at + pageBytes)
  const place = `${name} at ${hex(offset)}`
  if (page.length < pageBytes) {
    report('V3', place, 'the file ends before it')
    return new Uint8Array(mapBytes)
  }
  if (page[496] !== pageType || page[497] !== pageType)
    report('V3', place, `its type is ${hex(page[496]!)} and ${hex(page[497]!)} instead of twice ${hex(pageType)}`)
  if (u32(page, 500) !== pstCrc(page.subarray(0, mapBytes))) report('V3', place, 'its checksum is wrong')
  if (u16(page, 498) !== 0) report('V3', place, 'it has a signature, and must have none')
  if (u64(page, 504) !== offset) report('V3', place, `its bid is ${hex(u64(page, 504))} and must be its own place`)
  return page.subarray(0, mapBytes)
}

/** V5 for one block whose bytes begin at `at` in the interval. */
const checkBlock = (scan: Scan, index: number, interval: Uint8Array, at: number): void => {
  const { blocks, findings } = scan
  const { fault, warn } = findings
  const bid = blocks.bidOf(index)
  const sizeBytes = blocks.sizeOf(index)
  const offset = blocks.offsetOf(index)
  const place = `${blockName(bid)} at ${hex(offset)}`
  const end = at + storedBytes(sizeBytes)
  if (end > interval.length) {
    fault('V5', place, 'it goes beyond its interval or the end of the file')
    return
  }
  const trailer = interval.subarray(end - trailerBytes, end)
  const payload = interval.subarray(at, at + sizeBytes)
  if (u16(trailer, 0) !== sizeBytes)
    fault('V5', place, `its trailer says ${u16(trailer, 0)} bytes, and the block tree ${sizeBytes}`)
  if (u64(trailer, 8) !== bid) fault('V5', place, `its trailer says the bid ${hex(u64(trailer, 8))}`)
  if (u16(trailer, 2) !== signatureOf(offset, bid)) fault('V5', place, 'its signature does not fit its place and bid')
  if (u32(trailer, 4) !== pstCrc(payload)) fault('V5', place, 'its checksum is wrong')
  if (!isAll(interval.subarray(at + sizeBytes, end - trailerBytes), 0))
    warn('V5', place, 'the room between its content and its trailer is not zero')
}

/** Counts what an internal block refers to, and notes the nids in it. What is wrong with its shape is said where it is read. */
const countReferences = (
  payload: Uint8Array,
  place: string,
  refer: (bid: number, place: string) => void,
  note: (nid: number) => void,
): void => {
  const isDataTree = payload[0] === 1
  const isLeaf = payload[1] === 0
  const [entryBytes, firstBid] = isDataTree ? [8, 0] : isLeaf ? [24, 8] : [16, 8]
  const from = 8
  const count = Math.min(u16(payload, 2), Math.floor((payload.length - from) / entryBytes))
  for (let index = 0; index < count; index++) {
    const at = from + index * entryBytes
    refer(u64(payload, at + firstBid), place)
    if (isDataTree || !isLeaf) continue
    refer(u64(payload, at + 16), place)
    note(u32(payload, at))
  }
}

const compareUsage = (scan: Scan, map: Uint8Array, used: Uint8Array, start: number, reportsExtra: boolean): void => {
  const { fault, warn } = scan.findings
  const place = `allocation map at ${hex(start)}`
  let missing = 0
  let extra = 0
  let firstMissing = -1
  let firstExtra = -1
  for (let byte = 0; byte < mapBytes; byte++) {
    const difference = map[byte]! ^ used[byte]!
    if (difference === 0) continue
    const offset = start + byte * 8 * unitBytes
    missing += bitCount[difference & used[byte]!]!
    extra += bitCount[difference & map[byte]!]!
    if ((difference & used[byte]!) !== 0 && firstMissing < 0) firstMissing = offset
    if ((difference & map[byte]!) !== 0 && firstExtra < 0) firstExtra = offset
  }
  if (missing > 0)
    fault(
      'V6',
      place,
      `${missing * unitBytes} bytes that are in use are marked as free, first near ${hex(firstMissing)}`,
    )
  if (extra === 0) return
  const text = `${extra * unitBytes} bytes that nothing uses are marked as used, first near ${hex(firstExtra)}`
  if (reportsExtra) fault('V6', place, text)
  else warn('V6', place, `${text}: space that Outlook has not taken back`)
}

/** Sorts the blocks by the interval they lie in: `order` from `starts[i]` to `starts[i + 1]` is interval i. */
const groupByInterval = ({ blocks, header }: Scan) => {
  const starts = new Uint32Array(header.intervalCount + 2)
  const intervalOf = (index: number): number =>
    blocks.offsetOf(index) === 0 ? -1 : Math.floor((blocks.offsetOf(index) - firstMapOffset) / intervalBytes)
  for (let index = 0; index < blocks.count; index++) starts[intervalOf(index) + 2]!++
  for (let interval = 1; interval < starts.length; interval++) starts[interval]! += starts[interval - 1]!
  const order = new Uint32Array(blocks.count)
  const next = starts.slice()
  for (let index = 0; index < blocks.count; index++) order[next[intervalOf(index) + 1]!++] = index
  return {
    order,
    from: (interval: number) => starts[interval + 1]!,
    to: (interval: number) => starts[interval + 2] ?? blocks.count,
  }
}

type FreeMap = { readonly offset: number; readonly first: number; readonly bytes: Uint8Array }

const checkFreeMaps = (scan: Scan, maps: readonly FreeMap[], longestRuns: Uint8Array): void => {
  for (const { offset, first, bytes } of maps) {
    const place = `free map at ${hex(offset)}`
    const wrong = bytes.findIndex((byte, index) => byte !== (longestRuns[first + index] ?? 0))
    if (wrong < 0) continue
    if (isAll(bytes, 0xff))
      scan.findings.warn('V6', place, 'it says 255 everywhere instead of the longest free run of each interval')
    else
      scan.findings.fault(
        'V6',
        place,
        `it says ${bytes[wrong]} for interval ${first + wrong}, whose longest free run is ${longestRuns[first + wrong] ?? 0}`,
      )
  }
}

/**
 * V3, V5 and V6, and the references for V7 and the nids for V10: reads the file once from the front to the end, an
 * interval at a time.
 */
export const scanIntervals = async (
  scan: Scan,
  pages: PageList,
  refer: (bid: number, place: string) => void,
  note: (nid: number) => void,
): Promise<void> => {
  const { file, signal, findings, header, blocks } = scan
  const { fault, warn } = findings
  const { order, from, to } = groupByInterval(scan)
  const pageNumbers = pages.sorted()
  const longestRuns = new Uint8Array(header.intervalCount)
  const freeMaps: FreeMap[] = []
  const differing: { readonly start: number; readonly map: Uint8Array; readonly used: Uint8Array }[] = []
  let freeBytes = 0
  let freePageMaps = 0
  let nextPage = 0
  for (let number = 0; number < header.intervalCount; number++) {
    signal.throwIfAborted()
    const start = firstMapOffset + number * intervalBytes
    const interval = await file.read(start, intervalBytes)
    const usage = createUsage()
    const mapPage = (at: number, name: string, pageType: number, report = fault): Uint8Array => {
      usage.take(at, pageBytes)
      return checkMapPage(interval, at, start + at, name, pageType, report)
    }
    const map = mapPage(0, 'allocation map', pageTypes.allocationMap)
    if (hasPageMap(number) && !isAll(mapPage(pageBytes, 'page map', pageTypes.pageMap), 0xff))
      warn('V3', `page map at ${hex(start + pageBytes)}`, 'its bytes are not all 0xFF')
    if (hasFreeMap(number)) {
      const bytes = mapPage(2 * pageBytes, 'free map', pageTypes.freeMap).slice()
      freeMaps.push({ offset: start + 2 * pageBytes, first: number, bytes })
    }
    if (hasFreePageMap(number)) {
      // Nobody has confirmed where those beyond the first belong.
      const report = freePageMaps++ === 0 ? fault : warn
      if (!isAll(mapPage(2 * pageBytes, 'free page map', pageTypes.freePageMap, report), 0xff))
        warn('V3', `free page map at ${hex(start + 2 * pageBytes)}`, 'its bytes are not all 0xFF')
    }
    for (; nextPage < pageNumbers.length && pageNumbers[nextPage]! * pageBytes < start + intervalBytes; nextPage++) {
      const offset = pageNumbers[nextPage]! * pageBytes
      if (!usage.take(offset - start, pageBytes))
        fault('V6', `page at ${hex(offset)}`, 'something else lies in the same place')
    }
    for (let next = from(number); next < to(number); next++) {
      const index = order[next]!
      const bid = blocks.bidOf(index)
      const at = blocks.offsetOf(index) - start
      const sizeBytes = Math.min(storedBytes(blocks.sizeOf(index)), intervalBytes - at)
      if (!usage.take(at, sizeBytes))
        fault('V6', `${blockName(bid)} at ${hex(start + at)}`, 'something else lies in the same place')
      checkBlock(scan, index, interval, at)
      if (isInternal(bid))
        countReferences(interval.subarray(at, at + blocks.sizeOf(index)), blockName(bid), refer, note)
    }
    for (const byte of map) freeBytes += (8 - bitCount[byte]!) * unitBytes
    longestRuns[number] = Math.min(255, longestFreeRun(map))
    // A file with much space that Outlook has not taken back has many of these, so that they are not all kept.
    if (differing.length < 1000 && map.some((byte, index) => byte !== usage.bits[index]))
      differing.push({ start, map: map.slice(), used: usage.bits })
  }
  const isCounted = freeBytes === header.freeBytes
  if (!isCounted)
    fault('V6', 'header', `it says ${header.freeBytes} bytes are free, and the allocation maps say ${freeBytes}`)
  // Space that Outlook takes back later is marked as used and counted so; a damaged bit is marked and not counted.
  for (const { start, map, used } of differing) compareUsage(scan, map, used, start, !isCounted)
  checkFreeMaps(scan, freeMaps, longestRuns)
}
