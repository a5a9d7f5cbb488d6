import { closeSync, openSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import type {
  EmlSourceSpec,
  FolderListing,
  ItemIssue,
  ItemRef,
  ItemSink,
  ListedItem,
  Source,
  SourceFolder,
} from '../../../ports/source.ts'
import { compare, foldersInOrder } from '../compare-names.ts'
import { toAppError } from '../directory-errors.ts'
import { insideRoot } from '../inside-root.ts'
import { wholeSeconds } from '../internal-date.ts'
import { missingParents } from '../missing-parents.ts'
import { pourMessage } from '../pour-message.ts'
import { type FileTree, kindOf, type TreeFile, type TreeFolder, type TreeSurvey } from './file-tree.ts'
import { createFolderTree } from './folder-tree.ts'
import { numberMessages } from './numbering.ts'
import { objectsIn, partRef } from './objects-in-file.ts'
import { openZipTree } from './zip-tree.ts'

/** After so many files in one go the event loop gets a turn: the abort, the messages of the parent process. */
const turnFiles = 128
const ownRoots: Readonly<Record<ItemKind, string>> = { mail: 'mail', calendar: 'calendar', contact: 'contacts' }

const lost = (ref: ItemRef | null, code: ItemIssue['code'], text: string): ItemIssue => ({
  ref,
  code,
  text,
  isLost: true,
})
const generationOf = (fingerprint: number): string => String(fingerprint || 1)
const etagOf = ({ sizeBytes, modifiedAtMs }: TreeFile): string =>
  `"${sizeBytes.toString(16)}-${Math.floor(modifiedAtMs * 1000).toString(16)}"`

/** Whether the folders are those of our own archives and exports: `mail/…`, `calendar/…`, `contacts/…`. */
const hasOwnRoots = ({ folders }: TreeSurvey): boolean =>
  folders.length > 0 && folders.every(({ kind, segments }) => segments.length > 1 && segments[0] === ownRoots[kind])

const openTree = async (path: string): Promise<{ readonly tree: FileTree; readonly format: 'folder' | 'zip' }> => {
  if (statSync(path).isDirectory()) return { tree: createFolderTree(path, insideRoot(path)), format: 'folder' }
  // Who names a link means what it leads to.
  const real = realpathSync(path)
  if (kindOf(real) !== null)
    return { tree: createFolderTree(dirname(real), insideRoot(dirname(real)), basename(real)), format: 'folder' }
  const fd = openSync(path, 'r')
  try {
    return { tree: await openZipTree(fd), format: 'zip' }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** A file, or one of several objects in it. */
type Place = { readonly name: string; readonly part: { readonly index: number; readonly sizeBytes: number } | null }

/** What one folder holds at the moment, by ref. */
type Contents = {
  readonly serverName: string
  readonly places: ReadonlyMap<ItemRef, Place>
  readonly namelessCount: number
}

/**
 * Opens a folder or a ZIP file of `.eml`, `.ics` and `.vcf` files, or one of these files, as one user's mail, calendars or contacts. Each folder that holds some of
 * them is a folder, calendar or address book; a file is one item, byte for byte.
 * @throws AppError as `Source` does; `archive_invalid` for a ZIP file that is none, or that is made to flood
 */
export const openEmlSource = async (spec: EmlSourceSpec, signal: AbortSignal): Promise<Source> => {
  signal.throwIfAborted()
  const { kind, path } = spec
  const translated = async <T>(signal: AbortSignal, act: () => T | Promise<T>): Promise<T> => {
    try {
      return await act()
    } catch (cause) {
      throw signal.aborted ? signal.reason : toAppError(cause)
    }
  }
  const { tree, format } = await translated(signal, () => openTree(path))
  const rootName = basename(path).replace(/\.(?:zip|eml|ics|vcf)$/i, '') || 'Import'
  let isOpen = true
  let contents: Contents | null = null

  const hrefOf = (segments: readonly string[]): string =>
    segments.map((segment) => `${encodeURIComponent(segment.toWellFormed())}/`).join('') || '/'
  const segmentsOf = ({ serverName }: SourceFolder): readonly string[] =>
    serverName === '/' ? [] : serverName.slice(0, -1).split('/').map(decodeURIComponent)

  const numbered = (names: readonly string[]) =>
    new Map<ItemRef, Place>([...numberMessages(names)].map(([uid, name]) => [uid, { name, part: null }]))

  /** Files by href; the objects of one that holds several by their place in it. */
  const objectPlaces = async (folder: SourceFolder, names: readonly string[], signal: AbortSignal) => {
    const places = new Map<ItemRef, Place>()
    for (const name of names) {
      signal.throwIfAborted()
      const href = `${folder.serverName}${encodeURIComponent(name.toWellFormed())}`
      const objects = await splitFile(folder, name, signal)
      if (objects === null) places.set(href, { name, part: null })
      else
        for (const [index, { length }] of objects.entries())
          places.set(partRef(href, index), { name, part: { index, sizeBytes: length } })
    }
    return places
  }
  /** The last file that was split: its objects are asked for one after the other. */
  let split: { readonly of: string; readonly objects: readonly Uint8Array[] | null } | null = null
  const splitFile = async (folder: SourceFolder, name: string, signal: AbortSignal) => {
    const of = `${folder.serverName}\0${name}`
    if (split?.of === of) return split.objects
    const file = await tree.open(kind, segmentsOf(folder), name, signal)
    if (file === null || 'refusal' in file) return null
    try {
      split = { of, objects: await objectsIn(kind, file, signal) }
    } finally {
      file.close()
    }
    return split.objects
  }

  const look = async (folder: SourceFolder, signal: AbortSignal): Promise<Contents> => {
    const { names, namelessCount, fingerprint } = await tree.names(kind, segmentsOf(folder), signal)
    const { serverName } = folder
    if (kind === 'mail' && generationOf(fingerprint) !== folder.generation)
      throw new AppError('source_changed', { details: { folder: folder.path.join('/') } })
    const places = kind === 'mail' ? numbered(names) : await objectPlaces(folder, names, signal)
    contents = { serverName, namelessCount, places }
    return contents
  }

  const folders: Source['folders'] = (signal) =>
    translated(signal, async () => {
      signal.throwIfAborted()
      const survey = await tree.survey(signal)
      const isOwn = hasOwnRoots(survey)
      const describe = ({ segments, fingerprint, refusal }: TreeFolder): SourceFolder => {
        const shown = (isOwn ? segments.slice(1) : segments).map((segment) => segment.normalize('NFC'))
        return {
          kind,
          path: shown.length > 0 ? shown : [rootName],
          serverName: hrefOf(segments),
          isSelectable: true,
          generation: kind === 'mail' ? generationOf(fingerprint) : null,
          properties: {
            importedFrom: format === 'zip' ? 'zip of files' : 'files',
            ...(refusal === null ? {} : { refusal }),
          },
        }
      }
      const found = survey.folders.filter((folder) => folder.kind === kind).map(describe)
      const parents = kind === 'mail' ? missingParents(found.map((folder) => folder.path)) : []
      return foldersInOrder([...found, ...parents], survey.otherFiles)
    })

  const list: Source['list'] = (folder, signal) =>
    translated(signal, async (): Promise<FolderListing> => {
      signal.throwIfAborted()
      if (!folder.isSelectable) return { expectedCount: 0, items: [], issues: [] }
      const { refusal } = folder.properties
      if (refusal !== undefined)
        return { expectedCount: 0, items: [], issues: [lost(null, 'folder_unreadable', refusal)] }
      split = null
      const { places, namelessCount } = await look(folder, signal)
      const items: ListedItem[] = []
      const issues = Array.from({ length: namelessCount }, () =>
        lost(null, 'not_listed', 'A file has a name that is not UTF-8; it was not taken.'),
      )
      let looked = 0
      for (const [ref, { name, part }] of places) {
        if (++looked % turnFiles === 0) {
          await breathe()
          signal.throwIfAborted()
        }
        const facts = await tree.facts(kind, segmentsOf(folder), name)
        if (facts === null) continue
        if ('refusal' in facts) issues.push(lost(ref, 'not_listed', `The file ${facts.refusal}.`))
        else items.push({ ref, sizeBytes: part?.sizeBytes ?? facts.sizeBytes, receivedAtMs: null })
      }
      const inOrder = items.sort((a, b) => compare(a.ref, b.ref))
      return { expectedCount: items.length + issues.length, items: inOrder, issues }
    })

  const readPart = async (
    folder: SourceFolder,
    ref: ItemRef,
    name: string,
    index: number,
    sink: ItemSink,
    signal: AbortSignal,
  ) => {
    const object = (await translated(signal, () => splitFile(folder, name, signal)))?.[index]
    const facts = await translated(signal, () => tree.facts(kind, segmentsOf(folder), name))
    if (object === undefined || facts === null || 'refusal' in facts) {
      sink.skip(lost(ref, 'vanished', 'The file has changed, and does not hold it any more.'))
      return
    }
    sink.begin({ ref, receivedAtMs: null, etag: etagOf(facts) }, object.length)
    await sink.write(object)
    await sink.end()
  }

  const readFile = async (
    folder: SourceFolder,
    ref: ItemRef,
    name: string | null,
    sink: ItemSink,
    signal: AbortSignal,
  ) => {
    const file =
      name === null ? null : await translated(signal, () => tree.open(kind, segmentsOf(folder), name, signal))
    if (file === null) sink.skip(lost(ref, 'vanished', 'The file was gone when it was to be read.'))
    else if ('refusal' in file) sink.skip(lost(ref, 'fetch_refused', `The file ${file.refusal}.`))
    else
      try {
        const { sizeBytes, modifiedAtMs } = file
        const chunks = file.chunks(signal)
        if (kind === 'mail') {
          const dates = { first: null, last: wholeSeconds(modifiedAtMs) }
          await pourMessage({ ref, announcedBytes: sizeBytes, dates, chunks }, sink, signal)
        } else {
          sink.begin({ ref, receivedAtMs: null, etag: etagOf(file) }, sizeBytes)
          for await (const chunk of chunks) await sink.write(chunk)
          await sink.end()
        }
      } finally {
        file.close()
      }
  }

  return {
    folders,
    list,
    read: async (folder, refs, sink, signal) => {
      signal.throwIfAborted()
      if (refs.length === 0) return
      for (const [index, ref] of refs.entries()) {
        if (index % turnFiles === 0) await breathe()
        signal.throwIfAborted()
        const { places } =
          contents?.serverName === folder.serverName ? contents : await translated(signal, () => look(folder, signal))
        const place = places.get(ref)
        if (place?.part) await readPart(folder, ref, place.name, place.part.index, sink, signal)
        else await readFile(folder, ref, place?.name ?? null, sink, signal)
      }
    },
    close: async () => {
      if (isOpen) tree.close()
      isOpen = false
    },
  }
}
