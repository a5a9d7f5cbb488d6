import { hash } from 'node:crypto'
import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import type { ZipEntry } from '../../formats/zip/local-header.ts'
import { createMemoryZip } from '../../formats/zip/memory-zip.ts'
import type { ArchiveIndexBuilder, EntryPlace, IndexRow, ItemRecord } from '../../ports/archive-index.ts'
import type { ItemRef, SourceFolder } from '../../ports/source.ts'
import { createLayout } from './archive-layout.ts'
import { createHashTree, treeAlgorithm } from './hash-tree.ts'
import { issueLine, itemLine } from './item-line.ts'
import { entryNames, type Manifest, type ManifestContent, manifestText, signManifest } from './manifest.ts'
import { readmeText } from './readme-text.ts'

export type SmallItem = {
  readonly folder: number
  readonly ref: ItemRef
  readonly title: string
  readonly content: string
}

/** Where a test reaches in. Each gets what is right and answers what is written. */
export type SmallArchiveChanges = {
  readonly lines?: (lines: readonly string[]) => readonly string[]
  readonly content?: (content: ManifestContent) => ManifestContent
  readonly signed?: (manifest: Manifest) => Manifest
  readonly manifestText?: (text: string) => string
  /** Makes index.sqlite; without it there is a file of that name that is none. */
  readonly index?: (rows: readonly IndexRow[], labels: SmallFolders) => Promise<Uint8Array>
  /** Every entry in the order of writing, the manifest last. */
  readonly entries?: (entries: readonly SmallEntry[]) => readonly SmallEntry[]
}
export type SmallEntry = { readonly name: string; readonly content: string | Uint8Array }
export type SmallFolders = Parameters<ArchiveIndexBuilder['addFolders']>[0]

const smallFolders: readonly SourceFolder[] = [
  { path: ['Archiv', 'Übersicht'], kind: 'mail', serverName: 'Archiv/&ANw-bersicht' },
  { path: ['INBOX'], kind: 'mail', serverName: 'INBOX' },
  { path: ['Work'], kind: 'calendar', serverName: '/dav/anna/work/' },
  { path: ['Friends'], kind: 'contact', serverName: '/dav/anna/friends/' },
].map((folder) => ({
  ...(folder as Pick<SourceFolder, 'path' | 'kind' | 'serverName'>),
  isSelectable: true,
  generation: folder.kind === 'mail' ? '77' : null,
  properties: { delimiter: '/' },
}))

export const smallItems: readonly SmallItem[] = [
  { folder: 0, ref: 3, title: 'Überblick', content: 'Subject: a\r\n\r\nthree\r\n' },
  { folder: 1, ref: 9, title: 'Re: [x] "Offer"?', content: `Subject: b\r\n\r\n${'nine '.repeat(300)}\r\n` },
  { folder: 1, ref: 10, title: '', content: 'Subject: \r\n\r\nten\r\n' },
  { folder: 2, ref: '/dav/anna/work/a.ics', title: 'Meeting', content: 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' },
  { folder: 2, ref: '/dav/anna/work/B.ics', title: 'Meeting', content: 'BEGIN:VCALENDAR\r\nX:B\r\nEND:VCALENDAR\r\n' },
  { folder: 3, ref: '/dav/anna/friends/c.vcf', title: 'Bruno', content: 'BEGIN:VCARD\r\nEND:VCARD\r\n' },
]

/** A whole archive in memory: small, right in every field, unless a change makes it wrong. For tests. */
export const makeSmallArchive = async (
  privateKeyPem: string,
  changes: SmallArchiveChanges = {},
): Promise<Uint8Array> => {
  const layout = createLayout(smallFolders)
  const records = smallItems
    .map((item): ItemRecord => {
      const { kind, generation } = smallFolders[item.folder]!
      return {
        entry: layout.entryName(item.folder, item.ref, item.title),
        kind,
        folder: layout.folders[item.folder]!.label,
        sizeBytes: Buffer.byteLength(item.content),
        sha256: hash('sha256', item.content),
        ...(typeof item.ref === 'number'
          ? { uid: item.ref, uidValidity: generation!, flags: ['\\Seen'], messageId: `${item.ref}@example.org` }
          : { href: item.ref, etag: '"1"' }),
      }
    })
    .map((record, index) => ({ record, item: smallItems[index]! }))
    .sort(
      (a, b) =>
        a.item.folder - b.item.folder ||
        (typeof a.item.ref === 'number' && typeof b.item.ref === 'number'
          ? a.item.ref - b.item.ref
          : Buffer.compare(Buffer.from(String(a.item.ref)), Buffer.from(String(b.item.ref)))),
    )
  const lines = (changes.lines ?? ((same) => same))(records.map(({ record }) => itemLine(record)))
  const tree = createHashTree()
  for (const line of lines) tree.add(line)
  const issues = [
    {
      kind: 'mail' as const,
      folder: 'INBOX',
      ref: '11',
      code: 'vanished',
      text: 'It was gone when it was to be read.',
    },
  ]
  const moment = '2026-11-21T10:00:00.000Z'
  const base = {
    snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
    subject: { organization: 'sample', organizationName: 'Sample', userName: 'anna' },
    request: {
      types: ['mailbox' as const, 'calendar' as const, 'contacts' as const],
      start: '2026-01-01T00:00:00.000Z',
      end: '2026-12-01T00:00:00.000Z',
      requestedAt: moment,
      requestedBy: 'admin',
    },
    capture: { startedAt: moment, finishedAt: moment, secondLookAt: moment },
  }
  const combined = layout.folders.flatMap(({ combinedEntry }) =>
    combinedEntry === null ? [] : [{ name: combinedEntry, content: `all of ${combinedEntry}` }],
  )
  // Not in canonical order: entries lie as the readers finished.
  const itemEntries = records.map(({ record, item }) => ({ name: record.entry, content: item.content })).reverse()
  const places = await placesOf(itemEntries)
  const rows = records.map(({ record, item }) => ({
    record,
    folderNo: item.folder,
    place: places.get(record.entry)!,
    fields: { ...noFields, title: item.title, uniqueId: record.messageId ?? null },
  }))
  const labels = smallFolders.map(({ kind }, folderNo) => ({ folderNo, kind, label: layout.folders[folderNo]!.label }))
  const index = (await changes.index?.(rows, labels)) ?? 'SQLite format 3'
  const files: readonly SmallEntry[] = [
    { name: entryNames.items, content: lines.map((line) => `${line}\n`).join('') },
    { name: entryNames.issues, content: issues.map((issue) => `${issueLine(issue)}\n`).join('') },
    ...combined,
    { name: entryNames.index, content: index },
    {
      name: entryNames.readme,
      content: readmeText({ ...base, itemCount: records.length, issueCount: issues.length }),
    },
  ]
  const content: ManifestContent = {
    format: { name: 'stillbox', version: 1 },
    product: { name: 'Stillbox', version: '0.1.0' },
    ...base,
    folders: smallFolders.map((folder, index) => {
      const taken = records.filter(({ item }) => item.folder === index).map(({ record }) => record.sizeBytes)
      const vanished = folder.path[0] === 'INBOX' ? 1 : 0
      return {
        ...folder,
        path: [...folder.path],
        label: layout.folders[index]!.label,
        directory: layout.folders[index]!.directory,
        onServer: taken.length + vanished + 5,
        excludedByRequest: 5,
        taken: taken.length,
        notTaken: 0,
        vanished,
        arrivedMeanwhile: 0,
        takenBytes: taken.reduce((sum, each) => sum + each, 0),
      }
    }),
    items: {
      count: records.length,
      bytes: records.reduce((sum, { record }) => sum + record.sizeBytes, 0),
      treeRoot: tree.root(),
      treeAlgorithm,
    },
    issues: { count: issues.length },
    files: files.map(({ name, content }) => ({
      entry: name,
      sizeBytes: Buffer.byteLength(content),
      sha256: hash('sha256', content),
    })),
  }
  const signed = signManifest((changes.content ?? ((same) => same))(content), privateKeyPem)
  const text = manifestText((changes.signed ?? ((same) => same))(signed))
  const entries: readonly SmallEntry[] = [
    ...itemEntries,
    ...files,
    { name: entryNames.manifest, content: (changes.manifestText ?? ((same) => same))(text) },
  ]
  return (await zipOf((changes.entries ?? ((same) => same))(entries))).bytes()
}

const modifiedAt = new Date('2026-11-21T10:00:00.000Z')

const zipOf = async (entries: readonly SmallEntry[], onEntry?: (entry: ZipEntry, headerOffset: number) => void) => {
  const zip = createMemoryZip()
  for (const { name, content } of entries) {
    const headerOffset = zip.positionBytes
    const entry = await zip.add(name, content, { method: name === entryNames.index ? 0 : 8, modifiedAt })
    onEntry?.(entry, headerOffset)
  }
  await zip.finish()
  return zip
}

/** Where entries lie that come first. */
const placesOf = async (entries: readonly SmallEntry[]): Promise<ReadonlyMap<string, EntryPlace>> => {
  const places = new Map<string, EntryPlace>()
  await zipOf(entries, ({ name, compressedBytes, method, crc32 }, headerOffset) =>
    places.set(name, { headerOffset, compressedBytes, method, crc32 }),
  )
  return places
}

const noFields: ItemFields = {
  title: '',
  from: '',
  to: '',
  date: null,
  endDate: null,
  place: '',
  phone: '',
  company: '',
  categories: '',
  hasAttachment: false,
  uniqueId: null,
  component: null,
  isWellFormed: true,
}
