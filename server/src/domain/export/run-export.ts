import { createHash } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { exportFormats, splitGb } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ExportOrder, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { RandomAccessFile } from '../../formats/zip/random-access-file.ts'
import type { ArchiveIndex, ItemRecord } from '../../ports/archive-index.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import type { ItemReader, ReadItem } from '../../ports/item-reader.ts'
import { createHashTree } from '../archive/hash-tree.ts'
import { checkManifestSignature, entryNames, type ManifestFolder } from '../archive/manifest.ts'
import { type Archive, openArchive, type PlacedItem } from '../archive/read-archive.ts'
import { safeName } from '../archive/safe-name.ts'
import { createProgressMeter, type ProgressMeter } from '../capture/progress-meter.ts'
import { checkOrder } from './check-order.ts'
import { chooseFolders, findWords, type TextSearch } from './choose-items.ts'
import { createExportLedger, type ExportLedger } from './export-ledger.ts'
import type { ExportWriter } from './export-writer.ts'
import { exportWriters } from './export-writers.ts'
import { createMemberFinder } from './find-member.ts'
import { type RawItem, rawItemOf } from './raw-item.ts'
import { readAhead } from './read-ahead.ts'
import { sizeText } from './report-text.ts'

const longestUserNameBytes = 120
const bytesPerGb = 1_000_000_000
/** What is left free of the disk, for everything else on it. */
const sparedBytes = 100_000_000

export type ExportNeeds = {
  readonly archiveFile: RandomAccessFile
  /** Reads items of the same archive; spools to `work`. */
  readonly openReader: (signal: AbortSignal) => ItemReader
  /** Both are empty folders. What is exported is in `out` once it has succeeded; `work` can be thrown away then, and both after a failure. */
  readonly out: WorkFiles
  readonly work: WorkFiles
  readonly openIndex: (path: string) => ArchiveIndex
  /** The full-text index of the archive; null when it has none. */
  readonly openTexts: (() => TextSearch) | null
  /** Free bytes of the disk that `out` and `work` are on; null when nobody knows. */
  readonly freeBytes: () => Promise<number | null>
  readonly productVersion: string
  readonly onProgress: (progress: Progress) => void
  readonly nowMs: () => number
}

/**
 * Writes the items of an archive in another format, each compared with its SHA-256 on the way, and a report of what became of each.
 * @throws AppError `archive_invalid`, `invalid_params`, `export_no_room`, `disk_full`, `store_failed`; `signal.reason`
 */
export const runExport = async (order: ExportOrder, needs: ExportNeeds, signal: AbortSignal): Promise<ExportReport> => {
  const startedAt = new Date(needs.nowMs()).toISOString()
  checkOrder(order)
  const archive = await openArchive(needs.archiveFile, signal)
  const { manifest } = archive
  const folders = chooseFolders(manifest.folders, order)
  const { kinds } = exportFormats[order.format]
  const kind = exportWriters[order.format]
  const expected = expectedOf(folders.filter((folder) => kinds.includes(folder.kind)))
  await checkRoom(expected.bytes * kind.diskFactor, needs)
  const words = order.words === null ? null : await markWords(archive, order.words, needs, signal)

  const meter = createProgressMeter(expected, needs.onProgress, needs.nowMs)
  const ledger = await createExportLedger(needs.work)
  const reader = needs.openReader(signal)
  let writer: ExportWriter | null = null
  try {
    writer = await kind.open({
      out: needs.out,
      work: needs.work,
      baseName: `${safeName(manifest.subject.userName, longestUserNameBytes) || 'snapshot'} ${manifest.capture.startedAt.slice(0, 10)}`,
      manifest,
      findMember: createMemberFinder(archive, signal),
      folders,
      limitBytes: (order.maxGb ?? splitGb.usual) * bytesPerGb,
      signal,
    })
    const rootHash = await writeItems(
      { archive, folders, kinds, words, meter, ledger, writer, reader, work: needs.work },
      signal,
    )
    const files = await writer.finish()
    signal.throwIfAborted()
    const report: ExportReport = {
      product: { name: 'Stillbox', version: needs.productVersion },
      archive: {
        snapshotId: manifest.snapshotId,
        organization: manifest.subject.organizationName,
        userName: manifest.subject.userName,
        takenAt: manifest.capture.startedAt,
        isSignatureRight: checkManifestSignature(manifest),
        isListRight: rootHash === manifest.items.treeRoot,
      },
      asked: order,
      wordsIn: order.words === null ? null : needs.openTexts ? 'header and text' : 'header',
      startedAt,
      finishedAt: new Date(needs.nowMs()).toISOString(),
      counts: ledger.counts(),
      reasons: [...ledger.reasons()],
      files: [...files],
      notes: [...kind.notes],
    }
    await ledger.write(report, needs.out)
    meter.emit()
    return report
  } finally {
    await reader.close()
    await writer?.close()
    await ledger.close()
  }
}

const expectedOf = (folders: readonly ManifestFolder[]) => ({
  items: folders.reduce((sum, { taken }) => sum + taken, 0),
  bytes: folders.reduce((sum, { takenBytes }) => sum + takenBytes, 0),
})

const checkRoom = async (neededBytes: number, { freeBytes }: ExportNeeds): Promise<void> => {
  const free = await freeBytes()
  if (free === null || neededBytes + sparedBytes <= free) return
  throw new AppError('export_no_room', { details: { needed: sizeText(neededBytes), free: sizeText(free) } })
}

/** The index is derived, so it is believed only if it is the one that the manifest lists. */
const markWords = async (
  archive: Archive,
  words: string,
  { work, openIndex, openTexts }: ExportNeeds,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const rows = await work.create('index.sqlite.part')
  try {
    const sha256 = createHash('sha256')
    for await (const chunk of archive.openFile(entryNames.index, signal)) {
      sha256.update(chunk)
      await rows.append(chunk)
    }
    const listed = archive.manifest.files.find(({ entry }) => entry === entryNames.index)
    if (sha256.digest('hex') !== listed?.sha256)
      throw new AppError('archive_invalid', {
        details: {
          reason: 'its index is not the one it lists, so no words can be looked for',
          entry: entryNames.index,
        },
      })
  } finally {
    await rows.close()
  }
  const index = openIndex(rows.path)
  try {
    const texts = openTexts?.() ?? null
    try {
      return findWords(words, index, texts, signal)
    } finally {
      texts?.close()
    }
  } finally {
    index.close()
    await work.remove(rows.path)
  }
}

type Course = {
  readonly archive: Archive
  readonly folders: readonly ManifestFolder[]
  readonly kinds: readonly string[]
  readonly words: Uint8Array | null
  readonly meter: ProgressMeter
  readonly ledger: ExportLedger
  readonly writer: ExportWriter
  readonly reader: ItemReader
  readonly work: WorkFiles
}

/** Answers the root of the hash tree over the list as it was read. */
const writeItems = async (course: Course, signal: AbortSignal): Promise<string> => {
  const { archive, folders, kinds, words, meter, ledger, reader } = course
  const folderOf = new Map(folders.map((folder) => [`${folder.kind}\n${folder.label}`, folder]))
  const folderWith = ({ kind, folder }: ItemRecord) => folderOf.get(`${kind}\n${folder}`)
  const tree = createHashTree()
  async function* wanted(): AsyncGenerator<PlacedItem> {
    let no = 0
    for await (const item of archive.items(signal)) {
      const { record, line } = item
      tree.add(line)
      no += 1
      if (!folderWith(record)) ledger.notAsked()
      else if (!kinds.includes(record.kind)) ledger.otherKind()
      else if (words === null || words[no] === 1) yield item
      else {
        ledger.notAsked()
        meter.bytes(record.sizeBytes)
        meter.items(1)
      }
    }
  }
  for await (const batch of readAhead(wanted(), reader))
    for (const { item, taken } of batch) {
      signal.throwIfAborted()
      const { record } = item
      meter.folder(record.folder)
      await writeItem(item, taken, folderWith(record)!, course)
      meter.bytes(record.sizeBytes)
      meter.items(1)
    }
  return tree.root()
}

const writeItem = async (
  item: PlacedItem,
  taken: ReadItem,
  folder: ManifestFolder,
  { archive, ledger, writer, work }: Course,
): Promise<void> => {
  const { record, place } = item
  if (taken.form === 'damaged' || place === null) {
    const fault = taken.form === 'damaged' ? taken : { code: 'entry_missing', text: 'It is missing.' }
    return ledger.note(record, { outcome: 'skipped', code: fault.code, text: fault.text })
  }
  const { method, crc32, compressedBytes } = place
  const packed = { method, crc32, compressedBytes, open: (at: AbortSignal) => archive.openPacked(item, at) }
  const write = async (raw: RawItem) => ledger.note(record, await writer.add({ record, folder, raw, packed }))
  if (taken.form === 'held') return write(rawItemOf(taken.bytes))
  const spool = await work.open(taken.path)
  try {
    await write(spool)
  } finally {
    await spool.close()
    await work.remove(taken.path)
  }
}
