import { hash } from 'node:crypto'
import { type ItemKind, itemKinds } from '@stillbox/shared/vocabulary/item-kind.ts'
import type { ItemRef, SourceFolder } from '../../ports/source.ts'
import { cutToBytes, nameKey, safeName } from './safe-name.ts'

/** No segment of a name is longer, in bytes of UTF-8: file systems allow 255, and macOS stores some letters in three times the bytes. */
export const segmentLimitBytes = 100
/** No name is longer, in UTF-16 code units: Windows allows 260 for a path, and the archive is unpacked somewhere. */
export const nameLimit = 240
/** So that a segment still fits behind it. */
const directoryLimit = nameLimit - 1 - segmentLimitBytes

const roots: Readonly<Record<ItemKind, { readonly directory: string; readonly extension: string }>> = {
  mail: { directory: 'mail', extension: '.eml' },
  calendar: { directory: 'calendar', extension: '.ics' },
  contact: { directory: 'contacts', extension: '.vcf' },
}

export type LayoutFolder = {
  /** Place of the folder in canonical order, from 0. */
  readonly folderNo: number
  /** The folder's path as one text; within a kind no two folders have the same. */
  readonly label: string
  /** Where its items lie, without a '/' at the end; no two folders have the same, in any case or composition. */
  readonly directory: string
  /** The one file with all its objects; null for mail. */
  readonly combinedEntry: string | null
}

export type ArchiveLayout = {
  readonly folders: readonly LayoutFolder[]
  /**
   * Name of an item's entry. No two refs of a folder give the same, whatever their titles, so no list is needed. The name of
   * a message tells its UID and `title`; that of an object depends on its href only.
   */
  entryName(folderIndex: number, ref: ItemRef, title: string): string
}

/** The path of a folder as one text: segments joined with '/', and within a segment '%' as %25 and '/' as %2F. */
export const folderLabel = (path: readonly string[]): string =>
  path.map((segment) => segment.toWellFormed().replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')

/** Canonical order of folders: kind, then path segment by segment in UTF-16 code units, then the server's name, then generation. */
export const compareFolders = (a: SourceFolder, b: SourceFolder): number => {
  if (a.kind !== b.kind) return itemKinds.indexOf(a.kind) - itemKinds.indexOf(b.kind)
  const length = Math.min(a.path.length, b.path.length)
  for (let at = 0; at < length; at++) if (a.path[at] !== b.path[at]) return a.path[at]! < b.path[at]! ? -1 : 1
  if (a.path.length !== b.path.length) return a.path.length - b.path.length
  if (a.serverName !== b.serverName) return a.serverName < b.serverName ? -1 : 1
  const [one, other] = [a.generation ?? '', b.generation ?? '']
  return one === other ? 0 : one < other ? -1 : 1
}

/**
 * Decides the names of all entries of items. Depends on nothing but the folders, so the same folders always give the same.
 * @throws Error when the folders are not in canonical order: a mistake in the program.
 */
export const createLayout = (folders: readonly SourceFolder[]): ArchiveLayout => {
  folders.forEach((folder, index) => {
    if (index > 0 && compareFolders(folders[index - 1]!, folder) > 0) throw new Error('folders out of canonical order')
  })
  const laidOut = [...laidOutFolders(folders)]
  return {
    folders: laidOut,
    entryName: (folderIndex, ref, title) => {
      const folder = folders[folderIndex]
      const place = laidOut[folderIndex]
      if (!folder || !place) throw new RangeError('there is no such folder')
      const { extension } = roots[folder.kind]
      return `${place.directory}/${typeof ref === 'number' ? messageName(ref, title) : objectName(ref, folder.serverName, extension)}`
    },
  }
}

/** A directory of the archive while names are given out. */
type Node = {
  readonly directory: string
  readonly parent: Node | null
  /** Children by their true segment; a segment of the server is found again here, whatever it was called. */
  readonly children: Map<string, Node>
  /** `nameKey` of every directory given out in this one. */
  readonly taken: Set<string>
  isFolder: boolean
}

const newNode = (directory: string, parent: Node | null): Node => ({
  directory,
  parent,
  children: new Map(),
  taken: new Set(),
  isFolder: false,
})

function* laidOutFolders(folders: readonly SourceFolder[]): Generator<LayoutFolder> {
  const rootNodes = new Map(itemKinds.map((kind) => [kind, newNode(roots[kind].directory, null)]))
  const labels = new Set<string>()
  for (const [folderNo, folder] of folders.entries()) {
    let node = rootNodes.get(folder.kind)!
    for (const segment of directorySegments(folder)) node = childOf(node, segment)
    // Two folders of one path: the server may give a calendar the display name of another.
    if (node.isFolder)
      node = addChild(node.parent ?? node, folder.path.at(-1) ?? '', `${folder.serverName}\n${folderNo}`)
    node.isFolder = true
    yield {
      folderNo,
      label: uniqueLabel(folder, labels),
      directory: node.directory,
      combinedEntry: folder.kind === 'mail' ? null : `${node.directory}${roots[folder.kind].extension}`,
    }
  }
}

/**
 * Mail folders nest. Collections do not: their combined file lies beside their directory, where items of a collection
 * around them could have the same name. An empty path is one empty segment, so that every folder lies below its root.
 */
const directorySegments = ({ kind, path }: SourceFolder): readonly string[] =>
  path.length === 0 ? [''] : kind === 'mail' ? path : [path.join(' - ')]

const childOf = (parent: Node, segment: string): Node => {
  const known = parent.children.get(segment)
  if (known) return known
  const child = addChild(parent, segment, null)
  parent.children.set(segment, child)
  return child
}

/** Gives a directory to a segment: as it is if it can be, else with a hash of what it stands for. `twin` makes it differ from one of the same segment. */
const addChild = (parent: Node, segment: string, twin: string | null): Node => {
  const plain = directoryName(segment)
  const isFree = twin === null && plain !== '' && !parent.taken.has(nameKey(plain))
  if (isFree && parent.directory.length + 1 + plain.length <= directoryLimit) {
    parent.taken.add(nameKey(plain))
    return newNode(`${parent.directory}/${plain}`, parent)
  }
  // Too deep: the directory moves up to the nearest ancestor that has room for any hashed name.
  let host = parent
  while (host.parent && host.directory.length + 1 + hashedNameLimit > directoryLimit) host = host.parent
  for (let attempt = 0; ; attempt++) {
    const name = hashedName(plain || '_', [parent.directory, segment, twin ?? '', String(attempt)].join('\n'), '')
    if (host.taken.has(nameKey(name))) continue
    host.taken.add(nameKey(name))
    return newNode(`${host.directory}/${name}`, parent)
  }
}

const hashDigits = 20
const hashedNameLimit = 60
/** A readable beginning, and 80 bits of SHA-256 that keep it apart. '~' tells it from names that are kept as they are. */
const hashedName = (readable: string, identity: string, extension: string): string => {
  const room = hashedNameLimit - hashDigits - 2 - extension.length
  const beginning = cutToBytes(readable, room).replace(/[. ]+$/, '')
  return `${beginning} ~${hash('sha256', identity.toWellFormed(), 'hex').slice(0, hashDigits)}${extension}`
}

/** A directory never ends like an item or a combined file, so it never has the name of one. Room is left for '_' and an extension. */
const directoryName = (segment: string): string => {
  const name = safeName(segment, segmentLimitBytes - 5)
  return /\.(?:eml|ics|vcf)$/i.test(name) ? `${name}_` : name
}

/** UIDs make the names different; six digits keep most folders sorted. */
const messageName = (uid: number, title: string): string => {
  const number = String(uid).padStart(6, '0')
  const subject = safeName(title, segmentLimitBytes - number.length - ' .eml'.length)
  return subject === '' ? `${number}.eml` : `${number} ${subject}.eml`
}

/** Lower case only, so that no two differ in case alone, and no '~', which marks a hash. */
const cleanSegment = /^[a-z0-9](?:[a-z0-9._@+-]{0,94}[a-z0-9])?$/

/**
 * An object whose href is its collection's and a clean file name keeps that name. Any other gets a hash of its href, for
 * what is cleaned away could be what told it from its neighbour.
 */
const objectName = (href: string, collection: string, extension: string): string => {
  const base = collection.includes('/') ? (collection.endsWith('/') ? collection : `${collection}/`) : ''
  const file = href.startsWith(base) ? href.slice(base.length) : ''
  const stem = file.endsWith(extension) ? file.slice(0, -extension.length) : ''
  if (cleanSegment.test(stem) && safeName(stem, segmentLimitBytes) === stem) return `${stem}${extension}`
  const last = decoded(href.replace(/\/+$/, '').split('/').at(-1) ?? '')
  const readable = safeName(last.replace(/\.(?:ics|vcf)$/i, ''), segmentLimitBytes)
  return hashedName(readable || 'item', href, extension)
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Suffixes begin with '%~', which a label has nowhere else. */
const uniqueLabel = (folder: SourceFolder, labels: Set<string>): string => {
  const plain = folderLabel(folder.path)
  let label = plain
  for (let number = 2; labels.has(`${folder.kind} ${label}`); number++) label = `${plain}%~${number}`
  labels.add(`${folder.kind} ${label}`)
  return label
}
