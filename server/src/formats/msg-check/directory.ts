import { hex, isAll, textOf, u16, u32 } from './bytes.ts'
import type { Findings } from './findings.ts'
import { marks, type Sectors, sectorBytes } from './sectors.ts'

export type DirectoryEntry = {
  readonly sid: number
  readonly name: string
  readonly kind: 'root' | 'storage' | 'stream'
  readonly start: number
  readonly sizeBytes: number
  /** From the root down. */
  readonly path: string
  readonly children: readonly DirectoryEntry[]
}

const entryBytes = 128
const none = marks.free
const messageClassId = [0x0b, 0x0d, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46]
const kinds = { 1: 'storage', 2: 'stream', 5: 'root' } as const

/** Order of siblings ([MS-CFB] 2.6.4): shorter names first, then by upper-case code units. */
const compareNames = (a: string, b: string): number => {
  if (a.length !== b.length) return a.length - b.length
  const [upperA, upperB] = [a.toUpperCase(), b.toUpperCase()]
  return upperA < upperB ? -1 : upperA > upperB ? 1 : 0
}

const isBlank = (raw: Uint8Array): boolean =>
  isAll(raw.subarray(0, 68), 0) && isAll(raw.subarray(68, 80), 0xff) && isAll(raw.subarray(80), 0)

const checkEntry = (raw: Uint8Array, sid: number, name: string, { fault, warn }: Findings): void => {
  const where = `directory entry ${sid}, ${name}`
  const nameBytes = u16(raw, 64)
  if (
    nameBytes < 4 ||
    nameBytes > 64 ||
    nameBytes % 2 !== 0 ||
    !isAll(raw.subarray(nameBytes - 2, 64), 0) ||
    name.includes('\0')
  )
    fault('C5', where, `its name is said to have ${nameBytes} bytes, and does not end there`)
  if (raw[67]! > 1) fault('C5', where, `its colour is ${raw[67]}`)
  if (u32(raw, 96) !== 0) warn('C5', where, 'its state is not zero')
  if (u32(raw, 124) !== 0) fault('C4', where, 'its size has more than 32 bits')
  const type = raw[66]
  if (type === 5) {
    if (!messageClassId.every((byte, at) => raw[80 + at] === byte))
      fault('C5', where, 'its class id is not the one of a message')
    if (name !== 'Root Entry') fault('C5', where, 'it is not called “Root Entry”')
    if (u32(raw, 68) !== none || u32(raw, 72) !== none) fault('C5', where, 'it has siblings')
    if (!isAll(raw.subarray(100, 108), 0)) fault('C5', where, 'it has a time of its creation')
    return
  }
  if (!isAll(raw.subarray(80, 96), 0)) fault('C5', where, 'it has a class id')
  if (type === 2) {
    if (!isAll(raw.subarray(100, 116), 0)) fault('C5', where, 'it has times, and is a stream')
    if (u32(raw, 76) !== none) fault('C5', where, 'it has children, and is a stream')
  } else if (u32(raw, 116) !== 0 || u32(raw, 120) !== 0) fault('C5', where, 'it has content, and is a storage')
}

/** C5: the tree of storages and streams. Null when there is no root. */
export const readDirectory = async (
  sectors: Sectors,
  findings: Findings,
  signal: AbortSignal,
): Promise<DirectoryEntry | null> => {
  const { fault, warn } = findings
  const chain = sectors.follow(sectors.firstDirectorySector, 'directory')
  const count = (chain.length * sectorBytes) / entryBytes
  const raws: Uint8Array[] = []
  for (const sector of chain) {
    signal.throwIfAborted()
    const bytes = await sectors.read(sector)
    for (let at = 0; at < sectorBytes; at += entryBytes) raws.push(bytes.subarray(at, at + entryBytes))
  }
  const rootRaw = raws[0]
  if (rootRaw === undefined || rootRaw[66] !== 5) {
    fault('C5', 'directory', 'it does not begin with the root')
    return null
  }
  const isReached = new Uint8Array(count)
  const nameOf = (sid: number): string =>
    textOf(raws[sid]!.subarray(0, Math.max(0, Math.min(64, u16(raws[sid]!, 64)) - 2)))

  /** The entries of one tree of siblings, in their order. */
  const siblingsOf = (top: number, where: string): readonly number[] => {
    const found: number[] = []
    let deepest = 0
    type Step = { readonly sid: number; readonly depth: number; readonly isRed: boolean; readonly isDone: boolean }
    const steps: Step[] = top === none ? [] : [{ sid: top, depth: 1, isRed: false, isDone: false }]
    while (steps.length > 0) {
      const { sid, depth, isRed, isDone } = steps.pop()!
      if (isDone) {
        found.push(sid)
        continue
      }
      const raw = raws[sid]
      if (raw === undefined || isReached[sid] !== 0 || (raw[66] !== 1 && raw[66] !== 2)) {
        fault(
          'C5',
          where,
          `it leads to directory entry ${hex(sid)}, which ${raw === undefined ? 'does not exist' : isReached[sid] !== 0 ? 'something else leads to as well' : 'is neither storage nor stream'}`,
        )
        continue
      }
      isReached[sid] = 1
      deepest = Math.max(deepest, depth)
      const isOwnRed = raw[67] === 0
      if (isRed && isOwnRed) warn('C5', where, `directory entry ${sid} and the one above it are both red`)
      const [left, right] = [u32(raw, 68), u32(raw, 72)]
      // In order: what is pushed last comes first.
      if (right !== none) steps.push({ sid: right, depth: depth + 1, isRed: isOwnRed, isDone: false })
      steps.push({ sid, depth, isRed, isDone: true })
      if (left !== none) steps.push({ sid: left, depth: depth + 1, isRed: isOwnRed, isDone: false })
    }
    for (let index = 1; index < found.length; index++) {
      const [before, name] = [nameOf(found[index - 1]!), nameOf(found[index]!)]
      const order = compareNames(before, name)
      if (order === 0) fault('C5', where, `two of its children are called ${name}`)
      else if (order > 0) fault('C5', where, `its children ${before} and ${name} are in the wrong order`)
    }
    if (found.length > 0 && deepest > 2 * Math.log2(found.length) + 2)
      fault('C5', where, `the tree of its ${found.length} children is ${deepest} deep`)
    return found
  }

  isReached[0] = 1
  const read = (sid: number, parentPath: string, depth: number): DirectoryEntry => {
    const raw = raws[sid]!
    const name = nameOf(sid)
    const kind = kinds[raw[66] as 1 | 2 | 5]
    const path = sid === 0 ? '' : parentPath === '' ? name : `${parentPath}/${name}`
    checkEntry(raw, sid, name, findings)
    const where = path === '' ? 'root' : path
    const isTooDeep = depth > 256
    if (isTooDeep) fault('C5', where, 'storages lie more than 256 deep in each other')
    const children =
      kind === 'stream' || isTooDeep ? [] : siblingsOf(u32(raw, 76), where).map((child) => read(child, path, depth + 1))
    return { sid, name, kind, start: u32(raw, 116), sizeBytes: u32(raw, 120), path, children }
  }
  const root = read(0, '', 0)
  for (const [sid, raw] of raws.entries()) {
    if (isReached[sid] !== 0) continue
    if (raw[66] !== 0) fault('C5', `directory entry ${sid}`, 'nothing leads to it')
    else if (!isBlank(raw)) fault('C5', `directory entry ${sid}`, 'it is unused and not blank')
  }
  return root
}
