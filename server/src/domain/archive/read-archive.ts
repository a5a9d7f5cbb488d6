import { Buffer } from 'node:buffer'
import type { IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import {
  type CentralEntry,
  type EntryFacts,
  openZip,
  type RandomAccessFile,
  type ZipReader,
} from '../../formats/zip/read-zip.ts'
import type { EntryPlace, ItemRecord } from '../../ports/archive-index.ts'
import { createEntryTable } from './entry-table.ts'
import { parseIssueLine, parseItemLine } from './item-line.ts'
import { entryNames, type Manifest, parseManifest } from './manifest.ts'
import { lineText, readLines } from './read-lines.ts'

/** stillbox.json of a few thousand folders has some MB; more is not read into memory. */
const largestManifestBytes = 64 << 20

/** `place` is null for an item whose entry is missing. */
export type PlacedItem = { readonly record: ItemRecord; readonly place: EntryPlace | null }
/** With its line of items.jsonl, which is the one that `itemLine` makes of the record. */
export type ListedItem = PlacedItem & { readonly line: string }

export type Archive = {
  readonly manifest: Manifest
  readonly zip: ZipReader
  /** All items in canonical order, with their places. Costs 60 bytes of memory an entry while it runs. */
  items(signal?: AbortSignal): AsyncIterable<ListedItem>
  /** All lines of issues.jsonl. */
  issues(signal?: AbortSignal): AsyncIterable<IssueLine>
  /** The bytes of one item; nothing else of the archive is read. Checked as they come. @throws AppError `archive_invalid` */
  openItem(item: PlacedItem, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** The same bytes as they lie there, deflated or not, and not checked. */
  openPacked(item: PlacedItem, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** The bytes of an entry that is no item. @throws AppError `archive_invalid` when there is none of that name. */
  openFile(entry: string, signal?: AbortSignal): AsyncIterable<Uint8Array>
}

/**
 * Opens an archive and reads its manifest. The signature and the entries are not checked here: `verifyArchive` does.
 * @throws AppError `archive_invalid`
 */
export const openArchive = async (file: RandomAccessFile, signal?: AbortSignal): Promise<Archive> => {
  const zip = await openZip(file)
  const manifest = await readManifest(zip, signal)
  async function* openFile(entry: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* zip.openEntry(await findFile(zip, entry, signal), signal)
  }
  return {
    manifest,
    zip,
    openFile,
    async *items(signal) {
      const placeOf = await readPlaces(zip, signal)
      for await (const lines of readLines(openFile(entryNames.items, signal)))
        for (const each of lines) {
          const line = lineText(each)
          const record = parseItemLine(line)
          yield { record, line, place: placeOf(record.entry) }
        }
    },
    async *issues(signal) {
      for await (const lines of readLines(openFile(entryNames.issues, signal)))
        for (const line of lines) yield parseIssueLine(lineText(line))
    },
    openItem: async function* (item, signal) {
      yield* zip.openEntry(factsOf(item), signal)
    },
    openPacked: async function* (item, signal) {
      yield* zip.openPacked(factsOf(item), signal)
    },
  }
}

const factsOf = ({ record: { entry, sizeBytes }, place }: PlacedItem): EntryFacts => {
  if (place === null) throw invalid('entry_missing', `“${entry}” is missing`, entry)
  return { ...place, name: entry, sizeBytes }
}

/** @throws AppError `archive_invalid`, with `fault` `manifest_missing` or `manifest_invalid` where it is the manifest's */
export const readManifest = async (zip: ZipReader, signal?: AbortSignal): Promise<Manifest> => {
  const entry = await findFile(zip, entryNames.manifest, signal, 'manifest_missing')
  if (entry.sizeBytes > largestManifestBytes)
    throw invalid('manifest_invalid', 'stillbox.json is too large', entryNames.manifest)
  const parts: Uint8Array[] = []
  for await (const chunk of zip.openEntry(entry, signal)) parts.push(chunk)
  return parseManifest(lineText(Buffer.concat(parts)))
}

const findFile = async (
  zip: ZipReader,
  name: string,
  signal?: AbortSignal,
  fault = 'entry_missing',
): Promise<CentralEntry> => {
  const entry = await zip.find(name, signal)
  if (entry === null) throw invalid(fault, `it has no ${name}`, name)
  return entry
}

/** Where every entry lies, in arrays of numbers: the directory is in the order of writing, the items are in canonical order. */
const readPlaces = async (zip: ZipReader, signal?: AbortSignal): Promise<(entry: string) => EntryPlace | null> => {
  const table = createEntryTable(zip.entryCount)
  const offsets = new Float64Array(zip.entryCount)
  const sizes = new Float64Array(zip.entryCount)
  const crcs = new Uint32Array(zip.entryCount)
  const methods = new Uint8Array(zip.entryCount)
  for await (const entry of zip.entries(signal)) {
    const no = table.add(entry.name)
    if (no === -1) throw invalid('entry_repeated', `two entries have the name “${entry.name}”`, entry.name)
    offsets[no] = entry.headerOffset
    sizes[no] = entry.compressedBytes
    crcs[no] = entry.crc32
    methods[no] = entry.method
  }
  return (entry) => {
    const no = table.find(entry)
    if (no === -1) return null
    return {
      headerOffset: offsets[no]!,
      compressedBytes: sizes[no]!,
      method: methods[no] === 0 ? 0 : 8,
      crc32: crcs[no]!,
    }
  }
}

const invalid = (fault: string, reason: string, entry: string): AppError =>
  new AppError('archive_invalid', { details: { reason, fault, entry } })
