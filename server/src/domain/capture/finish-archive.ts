import { createHash, hash } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'
import type { FolderAccount, IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { createCalendarCombiner } from '../../formats/ics/combine.ts'
import { createContactCombiner } from '../../formats/vcf/combine.ts'
import { readEntry } from '../../formats/zip/read-entry.ts'
import type { ArchiveIndexBuilder, EntryPlace, ItemRecord } from '../../ports/archive-index.ts'
import type { CaptureRequest } from '../../ports/capture.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import type { ItemIssue, SourceFolder } from '../../ports/source.ts'
import { type ArchiveLayout, folderLabel } from '../archive/archive-layout.ts'
import { createHashTree, treeAlgorithm } from '../archive/hash-tree.ts'
import { issueLine, itemLine } from '../archive/item-line.ts'
import {
  archiveFormatVersion,
  entryNames,
  type ManifestContent,
  manifestText,
  signManifest,
} from '../archive/manifest.ts'
import { readmeText } from '../archive/readme-text.ts'
import { issuesShown } from '../snapshot/get-snapshot-info.ts'
import { type ArchiveDraft, readAll } from './archive-draft.ts'
import { createDeflateStream } from './deflate-stream.ts'
import type { SurveyedFolder } from './plan-capture.ts'
import { arrivedFolderIssue } from './second-look.ts'

type ListedFile = ManifestContent['files'][number]

export type FinishNeeds = {
  readonly files: WorkFiles
  readonly draft: ArchiveDraft
  readonly index: ArchiveIndexBuilder
  readonly layout: ArchiveLayout
  readonly signingKeyPem: string
  readonly productVersion: string
}

export type CaptureBooks = {
  readonly request: CaptureRequest
  readonly surveyed: readonly SurveyedFolder[]
  readonly accounts: readonly FolderAccount[]
  readonly issuesOf: (folderIndex: number) => readonly ItemIssue[]
  /** Folders that are not part of the archive, since they came too late. */
  readonly arrivedFolders: readonly SourceFolder[]
  readonly startedAt: string
  /** Null when the server could not be asked again. */
  readonly secondLookAt: string | null
  readonly finishedAt: string
}

/** A file of the archive that is made line by line, deflated on its way. */
const createTextEntry = ({ files, draft }: FinishNeeds, name: string) => {
  const stream = createDeflateStream(() => files.create(`${hash('sha256', name).slice(0, 16)}.part`))
  return {
    write: stream.write,
    discard: stream.discard,
    end: async (): Promise<ListedFile> => {
      const { body, ...done } = await stream.end()
      const entry = { name, method: 8, modifiedAt: null, ...done } as const
      if ('path' in body) {
        await draft.appendFile(entry, readAll(body))
        await body.close()
        await files.remove(body.path)
      } else await draft.appendFile(entry, fromList(body))
      return { entry: name, sizeBytes: done.sizeBytes, sha256: done.sha256 }
    },
  }
}

const fromList = async function* (parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** A short file, written at once. */
const appendText = async (draft: ArchiveDraft, name: string, text: string): Promise<ListedFile> => {
  const bytes = Buffer.from(text, 'utf8')
  const body = deflateRawSync(bytes)
  await draft.appendFile(
    { name, method: 8, crc32: crc32(bytes), sizeBytes: bytes.length, compressedBytes: body.length, modifiedAt: null },
    fromList([body]),
  )
  return { entry: name, sizeBytes: bytes.length, sha256: hash('sha256', bytes) }
}

/** Combines the objects of one calendar or address book into the one file that a person can import. */
const createCombiner = (needs: FinishNeeds, folderIndex: number, { folder }: SurveyedFolder) => {
  const { combinedEntry } = needs.layout.folders[folderIndex]!
  if (combinedEntry === null) return null
  const combiner =
    folder.kind === 'calendar' ? createCalendarCombiner({ name: folder.path.at(-1) ?? '' }) : createContactCombiner()
  const text = createTextEntry(needs, combinedEntry)
  return {
    add: async ({ sizeBytes }: ItemRecord, place: EntryPlace) => {
      const { file } = needs.draft
      const parts: Uint8Array[] = []
      for await (const part of readEntry(file, file.sizeBytes, { ...place, sizeBytes })) parts.push(part)
      await text.write(combiner.add(Buffer.concat(parts)))
    },
    end: async () => {
      await text.write(combiner.finish())
      return text.end()
    },
    discard: text.discard,
  }
}

/** Writes items.jsonl in canonical order, and beside each calendar and address book its combined file. */
const writeItems = async (needs: FinishNeeds, { surveyed }: CaptureBooks, signal: AbortSignal) => {
  const { index, layout } = needs
  const folderOf = new Map(layout.folders.map(({ label }, at) => [`${surveyed[at]!.folder.kind}\n${label}`, at]))
  const tree = createHashTree()
  const lines = createTextEntry(needs, entryNames.items)
  const files: ListedFile[] = []
  const nothing: { readonly folderIndex: number | null; readonly combiner: ReturnType<typeof createCombiner> } = {
    folderIndex: null,
    combiner: null,
  }
  let current = nothing
  let count = 0
  let bytes = 0
  const endCurrent = async () => {
    const file = await current.combiner?.end()
    if (file) files.push(file)
    current = nothing
  }
  try {
    for (const { record, place } of index.records()) {
      signal.throwIfAborted()
      const line = itemLine(record)
      tree.add(line)
      await lines.write(Buffer.from(`${line}\n`, 'utf8'))
      count += 1
      bytes += record.sizeBytes
      if (record.kind === 'mail') continue
      const folderIndex = folderOf.get(`${record.kind}\n${record.folder}`)!
      if (current.folderIndex !== folderIndex) {
        await endCurrent()
        current = { folderIndex, combiner: createCombiner(needs, folderIndex, surveyed[folderIndex]!) }
      }
      await current.combiner?.add(record, place)
    }
    await endCurrent()
    files.push(await lines.end())
  } catch (error) {
    await lines.discard()
    await current.combiner?.discard()
    throw error
  }
  return { files, count, bytes, rootHash: tree.root() }
}

const writeIssues = async (needs: FinishNeeds, { surveyed, issuesOf, arrivedFolders }: CaptureBooks) => {
  const text = createTextEntry(needs, entryNames.issues)
  const first: IssueLine[] = []
  let count = 0
  const write = async (kind: SourceFolder['kind'], folder: string, { ref, code, text: said }: ItemIssue) => {
    const issue: IssueLine = { kind, folder, ref: ref === null ? null : String(ref), code, text: said }
    await text.write(Buffer.from(`${issueLine(issue)}\n`, 'utf8'))
    if (first.length < issuesShown) first.push(issue)
    count += 1
  }
  for (const [at, { folder }] of surveyed.entries())
    for (const issue of issuesOf(at)) await write(folder.kind, needs.layout.folders[at]!.label, issue)
  for (const { kind, path } of arrivedFolders) await write(kind, folderLabel(path), arrivedFolderIssue)
  return { file: await text.end(), first, count }
}

/** Stored and not deflated, so that a reader may map it where it lies. */
const writeIndex = async ({ files, draft, index }: FinishNeeds, path: string): Promise<ListedFile> => {
  index.finish()
  const file = await files.open(path)
  try {
    const sha256 = createHash('sha256')
    let crc = 0
    for await (const chunk of readAll(file)) {
      sha256.update(chunk)
      crc = crc32(chunk, crc)
    }
    const { sizeBytes } = file
    await draft.appendFile(
      { name: entryNames.index, method: 0, crc32: crc, sizeBytes, compressedBytes: sizeBytes, modifiedAt: null },
      readAll(file),
    )
    return { entry: entryNames.index, sizeBytes, sha256: sha256.digest('hex') }
  } finally {
    await file.close()
    await files.remove(path)
  }
}

/** Writes everything that follows the items, the signed manifest last, and completes the file. */
export const finishArchive = async (needs: FinishNeeds, books: CaptureBooks, signal: AbortSignal) => {
  const { draft, layout, signingKeyPem, productVersion, files } = needs
  const { request, surveyed, accounts } = books
  const items = await writeItems(needs, books, signal)
  const issues = await writeIssues(needs, books)
  const index = await writeIndex(needs, `${files.folder}/index.sqlite`)
  const content: Omit<ManifestContent, 'files'> = {
    format: { name: 'stillbox', version: archiveFormatVersion },
    product: { name: 'Stillbox', version: productVersion },
    snapshotId: request.snapshotId,
    subject: {
      organization: request.organization,
      organizationName: request.organizationName,
      userName: request.userName,
    },
    request: {
      types: [...request.types],
      start: request.start,
      end: request.end,
      requestedAt: request.requestedAt,
      requestedBy: request.requestedBy,
    },
    capture: { startedAt: books.startedAt, finishedAt: books.finishedAt, secondLookAt: books.secondLookAt },
    folders: surveyed.map(({ folder }, at) => {
      const { kind: _, folder: label, ...counts } = accounts[at]!
      const { kind, path, serverName, generation, properties, isSelectable } = folder
      return {
        kind,
        path: [...path],
        label,
        directory: layout.folders[at]!.directory,
        serverName,
        generation,
        properties,
        isSelectable,
        ...counts,
      }
    }),
    items: { count: items.count, bytes: items.bytes, treeRoot: items.rootHash, treeAlgorithm },
    issues: { count: issues.count },
  }
  const readme = await appendText(
    draft,
    entryNames.readme,
    readmeText({ ...content, itemCount: items.count, issueCount: issues.count }),
  )
  signal.throwIfAborted()
  const manifest = signManifest({ ...content, files: [...items.files, issues.file, index, readme] }, signingKeyPem)
  // Last, so that an archive cut short has none: without it a file is not an archive.
  await appendText(draft, entryNames.manifest, manifestText(manifest))
  const { sizeBytes } = await draft.finish()
  return {
    archivePath: draft.file.path,
    sizeBytes,
    itemCount: items.count,
    issueCount: issues.count,
    issues: issues.first,
    rootHash: items.rootHash,
    folders: [...accounts],
  }
}
