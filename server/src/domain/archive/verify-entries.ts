import { Buffer } from 'node:buffer'
import { createHash, type Hash, hash } from 'node:crypto'
import { entryBytes } from '../../formats/zip/local-header.ts'
import type { CentralEntry, ZipReader } from '../../formats/zip/read-zip.ts'
import type { EntryPlace } from '../../ports/archive-index.ts'
import { createEntryTable } from './entry-table.ts'
import { entryNames } from './manifest.ts'
import type { FaultList } from './verify-faults.ts'

/** What reading every entry once has found, in arrays of numbers: 100 bytes an entry. */
export type ReadEntries = {
  /** Number of an entry, or -1. */
  find(name: string): number
  readonly sizes: Float64Array
  /** SHA-256 of each entry, one after the other. */
  readonly digests: Buffer
  /** 1 where the entry could be read to its end. */
  readonly isReadable: Uint8Array
  /** 1 once something has accounted for the entry. */
  readonly isExplained: Uint8Array
  /** Where the entry of this number lies. */
  placeOf(no: number): EntryPlace
}

/** Reads every entry once, in the order in which they lie. @throws AppError `archive_invalid` where the directory itself cannot be read */
export const readEntries = async (
  zip: ZipReader,
  data: ZipReader,
  faults: FaultList,
  report: (entriesDone: number, bytesDone: number) => void,
  signal?: AbortSignal,
): Promise<ReadEntries> => {
  const count = zip.entryCount
  const table = createEntryTable(count)
  const sizes = new Float64Array(count)
  const digests = Buffer.alloc(count * 32)
  const offsets = new Float64Array(count)
  const compressedSizes = new Float64Array(count)
  const checksums = new Uint32Array(count)
  const isDeflated = new Uint8Array(count)
  const isReadable = new Uint8Array(count)
  const isExplained = new Uint8Array(count)
  const order = createOrderCheck(faults)
  let last = ''
  let done = 0
  for await (const entry of zip.entries(signal)) {
    const { name } = entry
    last = name
    report(done++, entry.headerOffset)
    if (!entry.isPlain) faults.add(name, 'structure', 'its record in the central directory is not as the format has it')
    if (!isSafe(name)) faults.add(name, 'name_unsafe', 'its name could lead out of the folder it is unpacked to')
    order.next(entry)
    const no = table.add(name)
    if (no === -1) {
      faults.add(name, 'entry_repeated', 'there are two entries of this name')
      continue
    }
    sizes[no] = entry.sizeBytes
    offsets[no] = entry.headerOffset
    compressedSizes[no] = entry.compressedBytes
    checksums[no] = entry.crc32
    isDeflated[no] = entry.method === 8 ? 1 : 0
    await faults.during(name, async () => {
      const digest = await digestOf(data.openEntry(entry, signal), entry.sizeBytes)
      digest.copy(digests, no * 32)
      isReadable[no] = 1
    })
  }
  order.end(last, zip.directoryOffset)
  if (last !== entryNames.manifest && table.find(entryNames.manifest) !== -1)
    faults.add(entryNames.manifest, 'order_wrong', 'it is not the last entry')
  report(done, zip.directoryOffset)
  const placeOf = (no: number): EntryPlace => ({
    headerOffset: offsets[no]!,
    compressedBytes: compressedSizes[no]!,
    method: isDeflated[no] === 1 ? 8 : 0,
    crc32: checksums[no]!,
  })
  return { find: table.find, sizes, digests, isReadable, isExplained, placeOf }
}

/** An entry that comes in one piece, as most do, is hashed in one call. */
const digestOf = async (chunks: AsyncIterable<Uint8Array>, sizeBytes: number): Promise<Buffer> => {
  let digest: Hash | null = null
  let whole: Buffer | null = null
  for await (const chunk of chunks) {
    if (chunk.length === sizeBytes) whole = hash('sha256', chunk, 'buffer')
    else {
      digest ??= createHash('sha256')
      digest.update(chunk)
    }
  }
  return whole ?? (digest ?? createHash('sha256')).digest()
}

/**
 * The entries must follow each other from the first byte to the central directory, in the order of the directory: no bytes
 * before, between or shared. After one that does not fit, the next may continue from where it says it is or from where it should be.
 */
const createOrderCheck = (faults: FaultList) => {
  let expected = 0
  let alternative = 0
  return {
    next: (entry: CentralEntry): void => {
      const fits = entry.headerOffset === expected || entry.headerOffset === alternative
      if (!fits) faults.add(entry.name, 'structure', 'it does not begin where the entry before it ends')
      const bytes = entryBytes(entry)
      alternative = entry.headerOffset + bytes
      expected = fits ? alternative : expected + bytes
    },
    end: (last: string, directoryOffset: number): void => {
      if (directoryOffset !== expected && directoryOffset !== alternative)
        faults.add(last, 'structure', 'it does not end where the central directory begins')
    },
  }
}

const isSafe = (name: string): boolean =>
  !/[\\:\p{Cc}]/u.test(name) &&
  name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')

/** Compares what is said of an entry with what was read, and marks it as explained. Answers its number, or -1. */
export const checkEntry = (
  { entry, sizeBytes, sha256 }: { readonly entry: string; readonly sizeBytes: number; readonly sha256: string },
  { find, sizes, digests, isReadable, isExplained }: ReadEntries,
  faults: FaultList,
): number => {
  const no = find(entry)
  if (no === -1) {
    faults.add(entry, 'entry_missing', 'it is listed and is not there')
    return no
  }
  if (isExplained[no] === 1) {
    faults.add(entry, 'entry_repeated', 'it is listed twice')
    return no
  }
  isExplained[no] = 1
  if (!isReadable[no]) return no // what is wrong with it has been said
  if (sizes[no] !== sizeBytes) faults.add(entry, 'size_differs', `it has ${sizes[no]} bytes instead of ${sizeBytes}`)
  else if (digests.toString('hex', no * 32, no * 32 + 32) !== sha256)
    faults.add(entry, 'hash_differs', 'its SHA-256 is another')
  return no
}
