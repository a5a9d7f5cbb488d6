import { noProgress, type Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { readAhead } from '../../formats/zip/random-access-file.ts'
import { openZip, type RandomAccessFile, type ZipReader } from '../../formats/zip/read-zip.ts'
import type { VerifyOutcome } from '../../ports/capture.ts'
import { checkManifestSignature, entryNames, type Manifest } from './manifest.ts'
import { readManifest } from './read-archive.ts'
import { checkEntry, type ReadEntries, readEntries } from './verify-entries.ts'
import { createFaultList, type FaultList } from './verify-faults.ts'
import { type IndexAccess, openIndexComparison } from './verify-index.ts'
import { checkIssues, checkItems } from './verify-lines.ts'

export type VerifyOptions = {
  /** At most four times a second. */
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
  /** Public keys (SPKI, base64) one of which must have signed; without them any key may have. */
  readonly trustedKeys?: readonly string[]
  /** To compare index.sqlite with items.jsonl; without it only the hash of the index is. */
  readonly index?: IndexAccess
}

const windowBytes = 2 << 20

/**
 * Reads a whole archive and checks everything it says of itself. The entries are read in the order in which they lie, each
 * once; their hashes are kept and compared afterwards with items.jsonl, which has another order.
 * @throws AppError of the file when it cannot be read, `signal.reason`; a damaged archive is a result, not an error.
 */
export const verifyArchive = async (
  file: RandomAccessFile,
  { onProgress, signal, trustedKeys, index }: VerifyOptions = {},
): Promise<VerifyOutcome> => {
  const faults = createFaultList()
  const outcome = (itemCount: number, rootHash: string | null): VerifyOutcome => ({
    ok: faults.list.length === 0,
    itemCount,
    rootHash,
    faults: faults.list,
  })

  const zip = await faults.during('', () => openZip(file))
  if (!zip) return outcome(0, null)
  const data = await openZip(readAhead(file, windowBytes))
  const read = await faults.during('', () => readEntries(zip, data, faults, progressOf(zip, file, onProgress), signal))
  if (!read) return outcome(0, null)
  const manifest = await faults.during(entryNames.manifest, () => readManifest(zip, signal))
  if (!manifest) return outcome(0, null)

  checkSignature(manifest, trustedKeys, faults)
  read.isExplained[read.find(entryNames.manifest)] = 1
  checkFiles(manifest, read, faults)
  // What is damaged is told above, and says nothing more.
  const isIndexWhole = !faults.list.some(({ entry }) => entry === entryNames.index)
  const comparison = index && isIndexWhole ? await openIndexComparison(zip, manifest, index, faults, signal) : null
  const items = await checkItems(zip, manifest, read, comparison, faults, signal).finally(comparison?.close)
  await checkIssues(zip, manifest, read, faults, signal)
  // Without the lines nothing says which entries belong.
  if (items) await checkExtras(zip, read, faults, signal)
  return outcome(items?.count ?? 0, items?.root ?? null)
}

const checkSignature = (manifest: Manifest, trustedKeys: readonly string[] | undefined, faults: FaultList): void => {
  if (!checkManifestSignature(manifest))
    faults.add(entryNames.manifest, 'signature_wrong', 'its signature does not fit its content')
  else if (trustedKeys && !trustedKeys.includes(manifest.signature.publicKey))
    faults.add(entryNames.manifest, 'signature_untrusted', 'it is signed with a key that is not trusted')
}

const requiredFiles = [entryNames.items, entryNames.issues, entryNames.index, entryNames.readme]

const checkFiles = (manifest: Manifest, read: ReadEntries, faults: FaultList): void => {
  for (const file of manifest.files) {
    const no = checkEntry(file, read, faults)
    if (no !== -1 && file.entry === entryNames.index && read.placeOf(no).method !== 0)
      faults.add(file.entry, 'structure', 'it is compressed, and cannot be opened in place')
  }
  const listed = new Set(manifest.files.map((file) => file.entry))
  for (const name of requiredFiles)
    if (!listed.has(name)) faults.add(name, 'entry_missing', 'the manifest does not list it, and every archive has it')
}

const checkExtras = async (
  zip: ZipReader,
  read: ReadEntries,
  faults: FaultList,
  signal?: AbortSignal,
): Promise<void> => {
  if (!read.isExplained.includes(0)) return
  for await (const { name } of zip.entries(signal)) {
    const no = read.find(name)
    if (no === -1 || read.isExplained[no]) continue
    read.isExplained[no] = 1
    faults.add(name, 'entry_extra', 'nothing lists it')
  }
}

const reportEveryMs = 250

const progressOf = (zip: ZipReader, file: RandomAccessFile, onProgress: VerifyOptions['onProgress']) => {
  const startedAtMs = performance.now()
  let reportedAtMs = startedAtMs
  return (itemsDone: number, bytesDone: number): void => {
    const nowMs = performance.now()
    const isLast = itemsDone === zip.entryCount
    if (!onProgress || (!isLast && nowMs - reportedAtMs < reportEveryMs)) return
    reportedAtMs = nowMs
    onProgress({
      ...noProgress,
      itemsDone,
      itemsExpected: zip.entryCount,
      bytesDone,
      bytesExpected: file.sizeBytes,
      bytesPerSecond: nowMs > startedAtMs ? Math.round((bytesDone * 1000) / (nowMs - startedAtMs)) : null,
    })
  }
}
