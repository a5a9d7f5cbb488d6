import { hex, isAll, type ReadableFile, u16, u32 } from './bytes.ts'
import type { Findings } from './findings.ts'

export const sectorBytes = 512
export const miniSectorBytes = 64
export const miniCutoffBytes = 4096

/** Numbers in a table of sectors that are no sector ([MS-CFB] 2.1). */
export const marks = { difat: 0xfffffffc, fat: 0xfffffffd, end: 0xfffffffe, free: 0xffffffff } as const

/** The numbers of the sectors of the file, and what follows each. */
export type Sectors = {
  readonly count: number
  readonly firstDirectorySector: number
  readonly firstMiniFatSector: number
  readonly miniFatSectorCount: number
  /** Follows a chain to its end and claims each sector for its owner. Faults are those of C2. */
  follow(start: number, owner: string): Uint32Array
  read(sector: number, count?: number): Promise<Uint8Array>
  /** C2: what belongs to nobody is free, and what is free belongs to nobody. */
  finish(): void
}

const place = 'header'
const signature = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]
const mostFileBytes = 2 ** 31

const checkHeader = (header: Uint8Array, { fault }: Findings): void => {
  const fields: readonly (readonly [number, number, number, string])[] = [
    [24, 2, 0x3e, 'the minor version'],
    [28, 2, 0xfffe, 'the order of bytes'],
    [30, 2, 9, 'the size of sectors (as a power of 2)'],
    [32, 2, 6, 'the size of mini sectors (as a power of 2)'],
    [40, 4, 0, 'the number of directory sectors, which version 3 does not have,'],
    [52, 4, 0, 'the transaction'],
    [56, 4, miniCutoffBytes, 'the size from which streams are no mini streams'],
  ]
  for (const [at, size, wanted, name] of fields) {
    const found = size === 2 ? u16(header, at) : u32(header, at)
    if (found !== wanted) fault('C1', place, `${name} is ${hex(found)} and must be ${hex(wanted)}`)
  }
  if (!isAll(header.subarray(8, 24), 0) || !isAll(header.subarray(34, 40), 0))
    fault('C1', place, 'its reserved fields are not zero')
}

/** C1, and C2 for the tables themselves. Null when the file is no compound file that can be read on. */
export const openSectors = async (
  file: ReadableFile,
  findings: Findings,
  signal: AbortSignal,
): Promise<Sectors | null> => {
  const { fault } = findings
  const header = await file.read(0, sectorBytes)
  if (header.length < sectorBytes || !signature.every((byte, at) => header[at] === byte)) {
    fault('C1', place, 'this is no MSG file: it does not begin as a compound file does')
    return null
  }
  if (u16(header, 26) !== 3) {
    fault('C1', place, `version ${u16(header, 26)} of compound files is not checked here, only 3`)
    return null
  }
  checkHeader(header, findings)
  if (file.sizeBytes % sectorBytes !== 0)
    fault('C1', place, `the file has ${file.sizeBytes} bytes, no multiple of ${sectorBytes}`)
  if (file.sizeBytes >= mostFileBytes) {
    fault('C1', place, 'the file has 2 GB or more, which no reader of MSG files takes')
    return null
  }
  const count = Math.floor(file.sizeBytes / sectorBytes) - 1
  const isClaimed = new Uint8Array(Math.max(0, count))
  const claim = (sector: number, owner: string): boolean => {
    if (sector >= count) fault('C2', owner, `sector ${hex(sector)} is beyond the end of the file`)
    else if (isClaimed[sector] !== 0)
      fault('C2', owner, `sector ${hex(sector)} belongs to something else too, or to it twice`)
    else {
      isClaimed[sector] = 1
      return true
    }
    return false
  }
  const read = (sector: number, sectors = 1) => file.read((sector + 1) * sectorBytes, sectors * sectorBytes)

  const fatSectors: number[] = []
  const difatSectors: number[] = []
  let hasEnded = false
  const addFatSector = (sector: number, where: string): void => {
    if (sector === marks.free) hasEnded = true
    else if (hasEnded) fault('C1', where, 'an unused place comes before a sector of the table')
    else if (claim(sector, 'table of sectors')) fatSectors.push(sector)
  }
  for (let at = 76; at < sectorBytes; at += 4) addFatSector(u32(header, at), place)
  let nextDifat = u32(header, 68)
  while (nextDifat !== marks.end) {
    signal.throwIfAborted()
    if (nextDifat === marks.free && difatSectors.length === 0) {
      fault('C1', place, 'a file without further lists of the table says so with 0xFFFFFFFE, not with 0xFFFFFFFF')
      break
    }
    if (!claim(nextDifat, 'list of the table of sectors')) break
    difatSectors.push(nextDifat)
    const bytes = await read(nextDifat)
    if (bytes.length < sectorBytes) break
    for (let at = 0; at < 508; at += 4) addFatSector(u32(bytes, at), 'list of the table of sectors')
    nextDifat = u32(bytes, 508)
  }
  if (u32(header, 72) !== difatSectors.length)
    fault('C1', place, `it says the table has ${u32(header, 72)} further lists, and there are ${difatSectors.length}`)
  if (u32(header, 44) !== fatSectors.length)
    fault('C1', place, `it says the table has ${u32(header, 44)} sectors, and there are ${fatSectors.length}`)
  if (fatSectors.length * 128 < count)
    fault('C2', 'table of sectors', `it speaks of ${fatSectors.length * 128} sectors, and the file has ${count}`)

  const next = new Uint32Array(fatSectors.length * 128).fill(marks.free)
  for (const [number, sector] of fatSectors.entries()) {
    signal.throwIfAborted()
    const bytes = await read(sector)
    for (let entry = 0; entry < 128; entry++) next[number * 128 + entry] = u32(bytes, entry * 4)
  }
  for (const sector of fatSectors)
    if (next[sector] !== marks.fat)
      fault('C2', 'table of sectors', `its sector ${hex(sector)} is not marked as one of it`)
  for (const sector of difatSectors)
    if (next[sector] !== marks.difat)
      fault('C2', 'list of the table of sectors', `its sector ${hex(sector)} is not marked as one of it`)
  const beyond = next.subarray(Math.max(0, count)).findIndex((entry) => entry !== marks.free)
  if (beyond >= 0)
    fault(
      'C2',
      'table of sectors',
      `it has an entry for sector ${hex(count + beyond)}, which is beyond the end of the file`,
    )

  return {
    count,
    firstDirectorySector: u32(header, 48),
    firstMiniFatSector: u32(header, 60),
    miniFatSectorCount: u32(header, 64),
    read,
    follow: (start, owner) => {
      const chain: number[] = []
      for (let sector = start; sector !== marks.end; sector = next[sector]!) {
        if (sector > marks.difat - 1) {
          fault('C2', owner, `its chain leads to ${hex(sector)}, which is no sector`)
          break
        }
        if (sector >= next.length || !claim(sector, owner)) break
        chain.push(sector)
      }
      return Uint32Array.from(chain)
    },
    finish: () => {
      let lost = 0
      let first = -1
      for (let sector = 0; sector < count; sector++) {
        const isFree = (next[sector] ?? marks.free) === marks.free
        if (isClaimed[sector] === 0 && !isFree) {
          lost++
          if (first < 0) first = sector
        } else if (isClaimed[sector] !== 0 && isFree)
          fault('C2', 'table of sectors', `sector ${hex(sector)} is in use and marked as free`)
      }
      if (lost > 0)
        fault(
          'C2',
          'table of sectors',
          `${lost} sectors are marked as used and belong to nothing, ${hex(first)} the first`,
        )
    },
  }
}
