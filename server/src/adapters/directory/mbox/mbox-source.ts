import { closeSync, readSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { readFromLine } from '../../../formats/mbox/from-line.ts'
import { createFromUnquoter, type MboxQuoting } from '../../../formats/mbox/from-unquoter.ts'
import type { MboxMessage } from '../../../formats/mbox/scan-mbox.ts'
import type {
  FolderListing,
  ItemIssue,
  ListedItem,
  MboxSourceSpec,
  Source,
  SourceFolder,
} from '../../../ports/source.ts'
import { foldersInOrder } from '../compare-names.ts'
import { toAppError } from '../directory-errors.ts'
import { type InsideRoot, insideRoot } from '../inside-root.ts'
import { wholeSeconds } from '../internal-date.ts'
import { missingParents } from '../missing-parents.ts'
import { pourMessage } from '../pour-message.ts'
import { type MboxPlace, mboxTree } from './mbox-folders.ts'
import { buildMboxIndex, type MboxIndex, openMboxIndex, stampOf } from './mbox-index.ts'

const chunkBytes = 256 * 1024
const fromLineLimitBytes = 1000
/** Records of an index that are read at once. */
const sliceMessages = 1024

const unreadable = (text: string): FolderListing => ({
  expectedCount: 0,
  items: [],
  issues: [{ ref: null, code: 'folder_unreadable', text, isLost: true }],
})
const vanished = (ref: number | string): ItemIssue => ({
  ref,
  code: 'vanished',
  text: 'The file holds no such message.',
  isLost: true,
})

/** The folder of one mbox open for reading. */
type OpenMbox = {
  readonly serverName: string
  readonly fd: number
  readonly stats: Stats
  readonly index: MboxIndex
  readonly quoting: MboxQuoting
}

/**
 * Opens an mbox, or a folder of them, as one user's mail. Messages are numbered in the order of the file. Where they lie is found in one
 * pass and kept in the scratch folder, for this source and for others of the same spec.
 */
export const openMboxSource = async (spec: MboxSourceSpec, signal: AbortSignal): Promise<Source> => {
  signal.throwIfAborted()
  const { path: root, scratchFolder } = spec
  const translated = async <T>(signal: AbortSignal, act: () => T | Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (cause) {
      throw signal.aborted ? signal.reason : toAppError(cause)
    }
  }
  const inside: InsideRoot = await translated(signal, () => insideRoot(root))
  let current: OpenMbox | null = null
  const letGo = () => {
    current?.index.close()
    if (current) closeSync(current.fd)
    current = null
  }
  let places: ReadonlyMap<string, MboxPlace> | null = null
  let isFile = false
  const survey = async (signal: AbortSignal) => {
    const tree = await mboxTree(root, inside, signal)
    isFile = tree.root === 'file'
    places = new Map(tree.places.map((place) => [place.serverName, place]))
    return tree
  }
  const placeOf = async (folder: SourceFolder, signal: AbortSignal): Promise<MboxPlace | null> => {
    if (places === null) await survey(signal)
    return places!.get(folder.serverName) ?? null
  }
  const quotingOf = (place: MboxPlace): MboxQuoting => (spec.quoting === 'auto' ? place.quoting : spec.quoting)
  const changed = (folder: SourceFolder) =>
    new AppError('source_changed', { details: { folder: folder.path.join('/') } })

  const open = async (folder: SourceFolder, place: MboxPlace, signal: AbortSignal): Promise<OpenMbox | null> => {
    const { serverName } = folder
    const quoting = quotingOf(place)
    if (current?.serverName !== serverName) letGo()
    const opened = inside.open(isFile ? root : join(root, serverName))
    if (!opened) return null
    const { fd, stats } = opened
    try {
      if (current) {
        if (current.index.stamp !== stampOf(stats)) throw changed(folder)
        closeSync(fd)
        return current
      }
      let index = openMboxIndex(scratchFolder, serverName)
      if (!index) {
        await buildMboxIndex(scratchFolder, { fd, stats, serverName, quoting }, signal)
        index = openMboxIndex(scratchFolder, serverName)!
      }
      if (index.stamp !== stampOf(stats)) {
        index.close()
        throw changed(folder)
      }
      current = { serverName, fd, stats, index, quoting }
      return current
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  const buffer = Buffer.allocUnsafe(chunkBytes)
  async function* chunksOf(
    { fd, quoting }: OpenMbox,
    { startOffset, endOffset }: MboxMessage,
    folder: SourceFolder,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const unquoter = createFromUnquoter(quoting)
    for (let at = startOffset; at < endOffset; ) {
      const length = await translated(signal, () => readSync(fd, buffer, 0, Math.min(chunkBytes, endOffset - at), at))
      if (length === 0) throw changed(folder)
      at += length
      const parts = unquoter.add(buffer.subarray(0, length))
      if (parts.length > 0) yield parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      await breathe()
    }
    yield* unquoter.finish()
  }
  const fromDate = ({ fd, stats }: OpenMbox, { fromOffset, startOffset }: MboxMessage) => {
    const line = Buffer.allocUnsafe(Math.min(fromLineLimitBytes, startOffset - fromOffset))
    const length = readSync(fd, line, 0, line.length, fromOffset)
    const read = readFromLine(
      line
        .subarray(0, length)
        .toString('latin1')
        .replace(/\r?\n$/, ''),
    )
    const told = read?.receivedAtMs ? wholeSeconds(read.receivedAtMs) : null
    const fileTime = wholeSeconds(stats.mtimeMs)
    // Mozilla writes when it stored the message: of use only where the message itself tells nothing.
    return read?.sender === '-' ? { first: null, last: told ?? fileTime } : { first: told, last: fileTime }
  }

  const folders: Source['folders'] = async (signal) => {
    signal.throwIfAborted()
    const tree = await translated(signal, () => survey(signal))
    const found = tree.places.map(
      (place): SourceFolder => ({
        kind: 'mail',
        path: place.path,
        serverName: place.serverName,
        isSelectable: true,
        generation: String(crc32(place.serverName) || 1),
        properties: {
          importedFrom: 'mbox',
          quoting: quotingOf(place),
        },
      }),
    )
    return foldersInOrder([...found, ...missingParents(found.map(({ path }) => path))], tree.otherFiles)
  }

  const list: Source['list'] = (folder, signal) =>
    translated(signal, async () => {
      signal.throwIfAborted()
      if (!folder.isSelectable) return { expectedCount: 0, items: [], issues: [] }
      const place = await placeOf(folder, signal)
      if (place?.refusal) return unreadable(place.refusal)
      const mbox = place ? await open(folder, place, signal) : null
      if (!mbox) throw new AppError('source_gone', { details: { reason: 'the file is gone' } })
      const { index } = mbox
      const items: ListedItem[] = []
      for (let from = 1; from <= index.count; from += sliceMessages) {
        const slice = index.slice(from, Math.min(index.count, from + sliceMessages - 1))
        for (const { startOffset, endOffset, quotedLines } of slice)
          items.push({ ref: items.length + 1, sizeBytes: endOffset - startOffset - quotedLines, receivedAtMs: null })
        await breathe()
        signal.throwIfAborted()
      }
      return { expectedCount: index.count, items, issues: [] }
    })

  const read: Source['read'] = async (folder, refs, sink, signal) => {
    signal.throwIfAborted()
    if (refs.length === 0) return
    const mbox = await translated(signal, async () => {
      const place = await placeOf(folder, signal)
      return place?.refusal === null ? open(folder, place, signal) : null
    })
    if (!mbox) throw new AppError('source_gone', { details: { reason: 'the file is gone' } })
    for (const ref of refs) {
      signal.throwIfAborted()
      if (typeof ref !== 'number' || ref < 1 || ref > mbox.index.count) {
        sink.skip(vanished(ref))
        continue
      }
      const [found] = mbox.index.slice(ref, ref)
      const announcedBytes = found!.endOffset - found!.startOffset - found!.quotedLines
      const dates = await translated(signal, () => fromDate(mbox, found!))
      await pourMessage({ ref, announcedBytes, dates, chunks: chunksOf(mbox, found!, folder, signal) }, sink, signal)
    }
  }

  return { folders, list, read, close: async () => letGo() }
}
