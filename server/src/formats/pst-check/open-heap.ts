import { hex, isAll, u16, u32 } from './bytes.ts'
import { BrokenStructure } from './findings.ts'
import { mostPayloadBytes } from './geometry.ts'
import type { Stream } from './open-stream.ts'
import type { Store } from './store.ts'

export const heapKinds = { table: 0x7c, properties: 0xbc, idMap: 0x9c } as const

export type Heap = {
  readonly place: string
  readonly rootHid: number
  /** The bytes of an item. Throws when there is no such item. */
  peek(hid: number): Promise<Uint8Array>
  /** The same, and it must be the only one who takes it. */
  take(hid: number): Promise<Uint8Array>
  /** L2: each item was taken by somebody. */
  finish(): void
}

const mostItemBytes = 3580

/** Block 8, and each 128th after it, holds the fill levels of the blocks from it on ([MS-PST] 2.3.1.2 and the two after it). */
const holdsLevels = (number: number): boolean => number >= 8 && (number - 8) % 128 === 0

const headerBytes = (number: number): number => (number === 0 ? 12 : holdsLevels(number) ? 66 : 2)

const leastFreeOfLevel = [3584, 2560, 2048, 1792, 1536, 1280, 1024, 768, 512, 256, 128, 64, 32, 16, 8, 0]
const levelOf = (freeBytes: number): number => leastFreeOfLevel.findIndex((least) => freeBytes >= least)

/** L1 for one block. Answers how many items it has, and how many bytes are free in it. */
const checkBlock = (payload: Uint8Array, number: number, isLast: boolean, place: string, store: Store) => {
  const { fault, warn } = store.findings
  const where = number === 0 ? place : `${place}, block ${number} of its heap`
  const broken = (text: string) => new BrokenStructure('L1', where, text)
  const map = u16(payload, 0)
  if (map < headerBytes(number) || map + 6 > payload.length)
    throw broken(`its page map is said to be at ${map}, which is not inside it`)
  if (map % 2 !== 0) fault('L1', where, `its page map is at ${map}, which is odd`)
  const count = u16(payload, map)
  const end = map + 4 + 2 * (count + 1)
  if (end > payload.length || count > 2047) throw broken(`its page map says it has ${count} items, which does not fit`)
  let last = u16(payload, map + 4)
  if (last !== headerBytes(number))
    fault('L1', where, `its first item begins at ${last}, not at ${headerBytes(number)}`)
  let empty = 0
  for (let item = 1; item <= count; item++) {
    const next = u16(payload, map + 4 + 2 * item)
    if (next < last || next > map)
      throw broken(`item ${item} ends at ${next}, which is before its beginning or inside the page map`)
    if (next === last) empty++
    if (next - last > mostItemBytes)
      fault('L1', where, `item ${item} has ${next - last} bytes, more than ${mostItemBytes}`)
    last = next
  }
  if (map - last > 1) fault('L1', where, `there are ${map - last} bytes between its last item and its page map`)
  if (map - last === 1 && payload[last] !== 0) warn('L1', where, 'the byte before its page map is not zero')
  if (u16(payload, map + 2) !== empty)
    fault('L1', where, `it says ${u16(payload, map + 2)} of its items are free, and ${empty} are empty`)
  if (isLast && end !== payload.length) fault('L1', where, `${payload.length - end} bytes follow its page map`)
  if (!isLast && !isAll(payload.subarray(end), 0)) fault('L1', where, 'what follows its page map is not zero')
  return { count, freeBytes: mostPayloadBytes - end }
}

/** L1: the heap that a stream holds. Throws when it is none of this kind. */
export const openHeap = async (store: Store, stream: Stream, kind: number, place: string): Promise<Heap> => {
  const { fault, warn } = store.findings
  const { leaves } = stream
  if (leaves.length === 0) throw new BrokenStructure('L1', place, 'it has no data, and should have a heap')
  if (leaves.length > 65_536) throw new BrokenStructure('L1', place, 'its heap has more than 65,536 blocks')
  const taken: Uint8Array[] = []
  let rootHid = 0
  let levels = new Uint8Array(0)
  let firstOfLevels = 0
  for (const [number, leaf] of leaves.entries()) {
    store.signal.throwIfAborted()
    const payload = await store.readBlock(leaf)
    if (number === 0) {
      if (payload.length < 18) throw new BrokenStructure('L1', place, 'it is too short to have a heap')
      if (payload[2] !== 0xec)
        throw new BrokenStructure('L1', place, `its heap has the mark ${hex(payload[2]!)}, not ${hex(0xec)}`)
      if (payload[3] !== kind)
        throw new BrokenStructure('L1', place, `its heap is of the kind ${hex(payload[3]!)}, not ${hex(kind)}`)
      rootHid = u32(payload, 4)
    }
    const { count, freeBytes } = checkBlock(payload, number, number === leaves.length - 1, place, store)
    if (number === 0 || holdsLevels(number)) {
      levels = payload.slice(number === 0 ? 8 : 2, number === 0 ? 12 : 66)
      firstOfLevels = number
    }
    const within = number - firstOfLevels
    const level = (levels[within >>> 1]! >>> (within % 2 === 0 ? 0 : 4)) & 15
    // A warning alone: Outlook itself writes another one now and then.
    if (level !== levelOf(freeBytes))
      warn(
        'L1',
        place,
        `the fill level of block ${number} of its heap is ${level}, and ${freeBytes} free bytes make ${levelOf(freeBytes)}`,
      )
    if (number === leaves.length - 1) {
      const nibbles = levels.length * 2
      for (let next = within + 1; next < nibbles; next++)
        if (((levels[next >>> 1]! >>> (next % 2 === 0 ? 0 : 4)) & 15) !== 0) {
          warn('L1', place, 'its heap has fill levels of blocks that do not exist')
          break
        }
    }
    taken.push(new Uint8Array(count))
  }
  const peek = async (hid: number): Promise<Uint8Array> => {
    const number = hid >>> 16
    const item = (hid & 0xffff) >>> 5
    if ((hid & 31) !== 0 || item === 0 || item > (taken[number]?.length ?? 0))
      throw new BrokenStructure('L2', place, `there is no item ${hex(hid)} in its heap`)
    const payload = await store.readBlock(leaves[number]!)
    const at = u16(payload, 0) + 4 + 2 * item
    return payload.subarray(u16(payload, at - 2), u16(payload, at))
  }
  return {
    place,
    rootHid,
    peek,
    take: async (hid) => {
      const bytes = await peek(hid)
      const ofBlock = taken[hid >>> 16]!
      const item = ((hid & 0xffff) >>> 5) - 1
      if (ofBlock[item] !== 0) fault('L2', place, `item ${hex(hid)} of its heap is used twice`)
      ofBlock[item] = 1
      return bytes
    },
    finish: () => {
      let unused = 0
      for (const ofBlock of taken) for (const one of ofBlock) if (one === 0) unused++
      if (unused > 0) warn('L2', place, `${unused} items of its heap are used by nothing`)
    },
  }
}
