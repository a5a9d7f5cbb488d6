import { hex, type ReadableFile, u32 } from './bytes.ts'
import { type DirectoryEntry, readDirectory } from './directory.ts'
import type { Findings } from './findings.ts'
import { marks, miniCutoffBytes, miniSectorBytes, openSectors, sectorBytes } from './sectors.ts'

export type CompoundFile = {
  readonly root: DirectoryEntry
  readonly streamCount: number
  /** All bytes of a stream; at most `mostBytes` of its beginning. */
  read(entry: DirectoryEntry, mostBytes?: number): Promise<Uint8Array>
}

const mostReadBytes = 2 ** 25

const runsOf = function* (sectors: Uint32Array): Generator<readonly [first: number, count: number]> {
  for (let from = 0; from < sectors.length; ) {
    let to = from + 1
    while (to < sectors.length && sectors[to] === sectors[to - 1]! + 1) to++
    yield [sectors[from]!, to - from]
    from = to
  }
}

/** C1 to C5. Null when the container is so broken that nothing can be read out of it. */
export const openCompoundFile = async (
  file: ReadableFile,
  findings: Findings,
  signal: AbortSignal,
): Promise<CompoundFile | null> => {
  const { fault } = findings
  const sectors = await openSectors(file, findings, signal)
  if (sectors === null) return null
  const root = await readDirectory(sectors, findings, signal)
  if (root === null) return null

  const miniFatChain =
    sectors.firstMiniFatSector === marks.end
      ? new Uint32Array(0)
      : sectors.follow(sectors.firstMiniFatSector, 'table of mini sectors')
  if (miniFatChain.length !== sectors.miniFatSectorCount)
    fault(
      'C1',
      'header',
      `it says the table of mini sectors has ${sectors.miniFatSectorCount} sectors, and it has ${miniFatChain.length}`,
    )
  const nextMini = new Uint32Array(miniFatChain.length * 128)
  for (const [number, sector] of miniFatChain.entries()) {
    signal.throwIfAborted()
    const bytes = await sectors.read(sector)
    for (let entry = 0; entry < 128; entry++) nextMini[number * 128 + entry] = u32(bytes, entry * 4)
  }
  const hasMini = root.sizeBytes > 0
  if (!hasMini && root.start !== marks.end) fault('C4', 'mini stream', `it is empty and begins at ${hex(root.start)}`)
  const miniChain = hasMini ? sectors.follow(root.start, 'mini stream') : new Uint32Array(0)
  if (miniChain.length !== Math.ceil(root.sizeBytes / sectorBytes))
    fault('C2', 'mini stream', `it has ${root.sizeBytes} bytes in ${miniChain.length} sectors`)
  if (root.sizeBytes % miniSectorBytes !== 0)
    fault('C3', 'mini stream', `its ${root.sizeBytes} bytes are no whole mini sectors`)
  const miniCount = Math.floor(root.sizeBytes / miniSectorBytes)
  if (miniCount > nextMini.length)
    fault('C3', 'table of mini sectors', `it speaks of ${nextMini.length}, and there are ${miniCount}`)
  const isMiniClaimed = new Uint8Array(miniCount)
  const followMini = (start: number, owner: string): Uint32Array => {
    const chain: number[] = []
    for (let sector = start; sector !== marks.end; sector = nextMini[sector] ?? marks.end) {
      if (sector >= miniCount) {
        fault('C3', owner, `its chain leads to mini sector ${hex(sector)}, which does not exist`)
        break
      }
      if (isMiniClaimed[sector] !== 0) {
        fault('C3', owner, `mini sector ${hex(sector)} belongs to something else too, or to it twice`)
        break
      }
      isMiniClaimed[sector] = 1
      chain.push(sector)
    }
    return Uint32Array.from(chain)
  }

  /** Chains of the streams that are read later; of long ones only the beginning. */
  const chains = new Map<number, Uint32Array>()
  let streamCount = 0
  const claimStreams = (entry: DirectoryEntry): void => {
    for (const child of entry.children) claimStreams(child)
    if (entry.kind !== 'stream') return
    signal.throwIfAborted()
    streamCount++
    const { start, sizeBytes, path } = entry
    if (sizeBytes === 0) {
      if (start !== marks.end) fault('C4', path, `it is empty and begins at ${hex(start)}`)
      return
    }
    const isMini = sizeBytes < miniCutoffBytes
    const chain = isMini ? followMini(start, path) : sectors.follow(start, path)
    const unit = isMini ? miniSectorBytes : sectorBytes
    if (chain.length !== Math.ceil(sizeBytes / unit)) {
      fault(isMini ? 'C3' : 'C2', path, `it has ${sizeBytes} bytes in ${chain.length} ${isMini ? 'mini ' : ''}sectors`)
      // The commonest reason: it lies on the wrong side of the limit.
      if (chain.length === 0)
        fault(
          'C4',
          path,
          `a stream of ${sizeBytes} bytes belongs ${isMini ? 'into the mini stream' : 'into sectors of its own'}`,
        )
    }
    chains.set(entry.sid, chain.length * unit > mostReadBytes ? chain.slice(0, mostReadBytes / unit) : chain)
  }
  claimStreams(root)
  let lost = 0
  for (let sector = 0; sector < nextMini.length; sector++) {
    const isFree = nextMini[sector] === marks.free
    const isClaimed = sector < miniCount && isMiniClaimed[sector] !== 0
    if (!isFree && !isClaimed) lost++
    else if (isFree && isClaimed)
      fault('C3', 'table of mini sectors', `mini sector ${hex(sector)} is in use and marked as free`)
  }
  if (lost > 0) fault('C3', 'table of mini sectors', `${lost} mini sectors are marked as used and belong to nothing`)
  sectors.finish()

  const readMini = async (chain: Uint32Array): Promise<Uint8Array[]> => {
    const parts: Uint8Array[] = []
    for (const sector of chain) {
      const offset = sector * miniSectorBytes
      const holder = miniChain[Math.floor(offset / sectorBytes)]
      if (holder === undefined) break
      const bytes = await file.read((holder + 1) * sectorBytes + (offset % sectorBytes), miniSectorBytes)
      parts.push(bytes)
    }
    return parts
  }
  return {
    root,
    streamCount,
    read: async (entry, mostBytes = mostReadBytes) => {
      signal.throwIfAborted()
      const chain = chains.get(entry.sid)
      if (chain === undefined) return new Uint8Array(0)
      const length = Math.min(entry.sizeBytes, mostBytes)
      const isMini = entry.sizeBytes < miniCutoffBytes
      const needed = chain.subarray(0, Math.ceil(length / (isMini ? miniSectorBytes : sectorBytes)))
      const parts = isMini ? await readMini(needed) : []
      if (!isMini) for (const [first, count] of runsOf(needed)) parts.push(await sectors.read(first, count))
      const bytes = new Uint8Array(length)
      let at = 0
      for (const part of parts) {
        bytes.set(part.subarray(0, length - at), at)
        at += part.length
        if (at >= length) break
      }
      return bytes
    },
  }
}
