import { miniSectorBytes, miniStreamCutoff } from './mini-stream.ts'
import { headerFatSectors } from './sector-chains.ts'
import { sectorBytes } from './sector-writer.ts'

/** Where the tables of a compound file lie. Sectors of the FAT follow each other. */
export type Tables = {
  readonly directory: number
  readonly fat: number
  readonly fatCount: number
  readonly miniFat: number
  readonly miniFatCount: number
  readonly difat: number
  readonly difatCount: number
}

/** The header of a compound file of version 3 ([MS-CFB] §2.2). */
export const headerSector = (tables: Tables): Uint8Array => {
  const header = new Uint8Array(sectorBytes)
  const view = new DataView(header.buffer)
  header.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
  view.setUint16(24, 0x3e, true)
  view.setUint16(26, 3, true)
  view.setUint16(28, 0xfffe, true)
  view.setUint16(30, Math.log2(sectorBytes), true)
  view.setUint16(32, Math.log2(miniSectorBytes), true)
  view.setUint32(44, tables.fatCount, true)
  view.setUint32(48, tables.directory, true)
  view.setUint32(56, miniStreamCutoff, true)
  view.setUint32(60, tables.miniFat, true)
  view.setUint32(64, tables.miniFatCount, true)
  view.setUint32(68, tables.difat, true)
  view.setUint32(72, tables.difatCount, true)
  header.fill(0xff, 76)
  for (let at = 0; at < Math.min(tables.fatCount, headerFatSectors); at++)
    view.setUint32(76 + at * 4, tables.fat + at, true)
  return header
}
