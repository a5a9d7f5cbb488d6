import { sectorBytes } from './sector-writer.ts'

/** What an entry of the FAT holds beside the number of the next sector ([MS-CFB] §2.1). */
export const marks = { difat: 0xfffffffc, fat: 0xfffffffd, endOfChain: 0xfffffffe } as const
/** Where a chain without sectors begins. */
export const noSector = marks.endOfChain

/**
 * Neighbouring sectors, in the order of the file. Each leads to the one after it; `last` is the entry of the last. With `all`, every
 * entry is that.
 */
export type Run = { readonly count: number; readonly last: number; readonly all?: number }

export const entriesPerSector = sectorBytes / 4

/** Runs as the sectors of a FAT or mini FAT, the rest of the last one free. The yielded bytes are overwritten by the next. */
export function* allocationSectors(runs: Iterable<Run>): Generator<Uint8Array> {
  const sector = new Uint8Array(sectorBytes)
  const view = new DataView(sector.buffer)
  let filled = 0
  let at = 0
  for (const { count, last, all } of runs) {
    for (let left = count; left > 0; left--) {
      at += 1
      view.setUint32(filled * 4, all ?? (left === 1 ? last : at), true)
      filled += 1
      if (filled === entriesPerSector) {
        yield sector
        filled = 0
      }
    }
  }
  if (filled > 0) yield sector.fill(0xff, filled * 4)
}

/** Numbers of FAT sectors that the header itself holds ([MS-CFB] §2.2). */
export const headerFatSectors = 109
/** A DIFAT sector ends with the number of the next one ([MS-CFB] §2.5). */
export const fatSectorsPerDifat = entriesPerSector - 1

/** How many sectors the FAT and the DIFAT take beside so many others. They have entries of their own, so it is found by approximation. */
export const tableSectors = (otherSectors: number): { readonly fat: number; readonly difat: number } => {
  let fat = 0
  let difat = 0
  for (;;) {
    const neededFat = Math.ceil((otherSectors + fat + difat) / entriesPerSector)
    const neededDifat = Math.max(0, Math.ceil((neededFat - headerFatSectors) / fatSectorsPerDifat))
    if (neededFat === fat && neededDifat === difat) return { fat, difat }
    fat = neededFat
    difat = neededDifat
  }
}

/** The DIFAT: the numbers of all FAT sectors that the header does not hold. They follow each other from `firstFat` on. */
export function* difatSectors(firstFat: number, fat: number, firstDifat: number, difat: number): Generator<Uint8Array> {
  const sector = new Uint8Array(sectorBytes)
  const view = new DataView(sector.buffer)
  for (let index = 0; index < difat; index++) {
    sector.fill(0xff)
    const from = headerFatSectors + index * fatSectorsPerDifat
    const until = Math.min(fat, from + fatSectorsPerDifat)
    for (let at = from; at < until; at++) view.setUint32((at - from) * 4, firstFat + at, true)
    const next = index === difat - 1 ? marks.endOfChain : firstDifat + index + 1
    view.setUint32(fatSectorsPerDifat * 4, next, true)
    yield sector
  }
}
