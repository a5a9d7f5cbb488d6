import { closeSync, readSync, type Stats } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type {
  DirectorySourceSpec,
  FolderListing,
  ItemFacts,
  ItemIssue,
  ItemRef,
  ItemSink,
  ListedItem,
  Source,
  SourceFolder,
} from '../../ports/source.ts'
import { collectionFolders, scanCollection } from './collections.ts'
import { compare, comparePaths } from './compare-names.ts'
import { errnoOf, isRefused, nullWhenGone, toAppError } from './directory-errors.ts'
import type { FolderScan, StoredItem } from './folder-scan.ts'
import { type InsideRoot, insideRoot } from './inside-root.ts'
import { internalDateOf, wholeSeconds } from './internal-date.ts'
import { maildirFolders, maildirStamp, scanMaildir } from './maildir.ts'
import { isNameless } from './names.ts'

const chunkBytes = 256 * 1024
/** After so much work in one go the event loop gets a turn: timers, the abort, the messages of the parent process. */
const turnFiles = 128
const turnBytes = 4 * 1024 * 1024

const receivedAt = (stats: Stats): number => wholeSeconds(stats.mtimeMs)
const etagOf = (stats: Stats): string => `"${stats.size.toString(16)}-${Math.floor(stats.mtimeMs * 1000).toString(16)}"`

const compareRefs = (a: ItemRef, b: ItemRef): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b))

const lost = (ref: ItemRef | null, code: ItemIssue['code'], text: string): ItemIssue => ({
  ref,
  code,
  text,
  isLost: true,
})
const vanished = (ref: ItemRef) => lost(ref, 'vanished', 'The file was gone when it was to be read.')

/** Opens a Maildir++ or a folder of calendars or address books on disk. Nothing in it is changed, moved or locked. */
export const openDirectorySource = async (spec: DirectorySourceSpec, signal: AbortSignal): Promise<Source> => {
  signal.throwIfAborted()
  const { kind, path: root } = spec
  const translated = <T>(act: () => T): T => {
    try {
      return act()
    } catch (cause) {
      throw toAppError(cause)
    }
  }
  const inside: InsideRoot = translated(() => insideRoot(root))
  const scans = new Map<string, FolderScan>()

  const scan = ({ serverName }: SourceFolder): FolderScan => {
    const found =
      kind === 'mail' ? scanMaildir(root, serverName, inside) : scanCollection(root, serverName, kind, inside)
    scans.set(serverName, found)
    return found
  }
  const current = (folder: SourceFolder): FolderScan => {
    const known = scans.get(folder.serverName)
    if (!known || (kind === 'mail' && known.stamp !== maildirStamp(root, folder.serverName))) return scan(folder)
    return known
  }
  const checkGeneration = (folder: SourceFolder, found: FolderScan): FolderScan => {
    if (found.generation === folder.generation) return found
    throw new AppError('source_changed', { details: { folder: folder.path.join('/') } })
  }

  const folders = async (signal: AbortSignal) => {
    signal.throwIfAborted()
    const found = translated(() =>
      kind === 'mail' ? maildirFolders(root, inside) : collectionFolders(root, kind, inside),
    )
    return [...found].sort((a, b) => comparePaths(a.path, b.path) || compare(a.serverName, b.serverName))
  }

  const list = async (folder: SourceFolder, signal: AbortSignal): Promise<FolderListing> => {
    signal.throwIfAborted()
    if (!folder.isSelectable) return { expectedCount: 0, items: [], issues: [] }
    const unreadable = (text: string): FolderListing => ({
      expectedCount: 0,
      items: [],
      issues: [lost(null, 'folder_unreadable', text)],
    })
    if (isNameless(folder.serverName)) return unreadable('The name of the folder is not UTF-8; it was not read.')
    let found: FolderScan
    try {
      found = scan(folder)
    } catch (cause) {
      if (isRefused(cause)) return unreadable(`The folder may not be read (${errnoOf(cause)}).`)
      throw toAppError(cause)
    }
    if (found.isOutside)
      return unreadable('The folder is a link that leads out of the user’s directory; it was not followed.')
    checkGeneration(folder, found)
    const items: ListedItem[] = []
    const issues = Array.from({ length: found.namelessCount }, () =>
      lost(null, 'not_listed', 'A file has a name that is not UTF-8; it was not taken.'),
    )
    let looked = 0
    for (const [ref, { path }] of found.items) {
      if (++looked % turnFiles === 0) {
        await breathe()
        signal.throwIfAborted()
      }
      const stats = translated(() => inside.facts(path))
      if (stats === 'outside')
        issues.push(
          lost(ref, 'not_listed', 'The file is a link that leads out of the user’s directory; it was not followed.'),
        )
      else if (stats === 'special') issues.push(lost(ref, 'not_listed', 'What lies there is not a file.'))
      else if (stats)
        items.push({ ref, sizeBytes: stats.size, receivedAtMs: kind === 'mail' ? receivedAt(stats) : null })
    }
    return {
      expectedCount: items.length + issues.length,
      items: items.sort((a, b) => compareRefs(a.ref, b.ref)),
      issues: issues.sort((a, b) => compareRefs(a.ref ?? '', b.ref ?? '')),
    }
  }

  const buffer = Buffer.allocUnsafe(chunkBytes)

  type OpenItem = { readonly item: StoredItem; readonly fd: number; readonly stats: Stats }

  const openItem = (item: StoredItem | undefined): OpenItem | 'refused' | null => {
    if (!item) return null
    try {
      const opened = inside.open(item.path)
      return opened && { item, ...opened }
    } catch (cause) {
      if (isRefused(cause)) return 'refused'
      return nullWhenGone(cause)
    }
  }

  /** The bytes of one open file into the sink; answers how many there were. */
  const pour = async (fd: number, sink: ItemSink, signal: AbortSignal): Promise<number> => {
    let total = 0
    for (let turn = 0; ; ) {
      const length = translated(() => readSync(fd, buffer, 0, chunkBytes, null))
      if (length === 0) return total
      total += length
      turn += length
      const pending = sink.write(buffer.subarray(0, length))
      if (pending) await pending
      else if (turn >= turnBytes) {
        turn = 0
        await breathe()
      }
      signal.throwIfAborted()
    }
  }

  const read: Source['read'] = async (folder, refs, sink, signal) => {
    signal.throwIfAborted()
    if (refs.length === 0) return
    let found = translated(() => checkGeneration(folder, current(folder)))
    let looksLeft = 1
    let turnedAt = 0
    for (const [index, ref] of refs.entries()) {
      if (index - turnedAt >= turnFiles) {
        turnedAt = index
        await breathe()
      }
      signal.throwIfAborted()
      let opened = translated(() => openItem(found.items.get(ref)))
      // A changed flag renames a message, and a server moves it from new to cur: a file that was known is looked for again,
      // twice, as a folder that is read during a rename may show neither name. One that was never known costs one look a call.
      for (let looks = found.items.has(ref) ? 2 : looksLeft--; opened === null && looks > 0; looks--) {
        found = translated(() => checkGeneration(folder, scan(folder)))
        opened = translated(() => openItem(found.items.get(ref)))
      }
      if (opened === null) sink.skip(vanished(ref))
      else if (opened === 'refused') sink.skip(lost(ref, 'fetch_refused', 'The file may not be read.'))
      else {
        const { item, fd, stats } = opened
        try {
          const facts: ItemFacts =
            kind === 'mail'
              ? {
                  ref,
                  receivedAtMs: receivedAt(stats),
                  internalDate: internalDateOf(receivedAt(stats)),
                  flags: item.flags ?? [],
                }
              : { ref, receivedAtMs: null, etag: etagOf(stats) }
          sink.begin(facts, stats.size)
          await pour(fd, sink, signal)
          const pending = sink.end()
          if (pending) await pending
        } finally {
          closeSync(fd)
        }
      }
    }
  }

  return { folders, list, read, close: async () => scans.clear() }
}
