import { statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { decodeModifiedUtf7 } from '../../formats/utf7/modified-utf7.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { isRefused, nullWhenGone } from './directory-errors.ts'
import { baseNameOf, flagsOf, parseKeywords, parseUidList, type UidList } from './dovecot-files.ts'
import type { FolderScan, StoredItem } from './folder-scan.ts'
import type { InsideRoot } from './inside-root.ts'
import { type Names, namelessFolders, namesIn } from './names.ts'

const inboxName = 'INBOX'
const delimiter = '.'

const orNull = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch (cause) {
    return nullWhenGone(cause)
  }
}
/** True as well for what may not be looked at: it is named, and listing it says that it may not be read. */
const isFolder = (path: string): boolean => {
  try {
    return orNull(() => statSync(path))?.isDirectory() ?? false
  } catch (cause) {
    if (isRefused(cause)) return true
    throw cause
  }
}

/** Room for about two million messages. */
const uidListLimitBytes = 128 * 1024 * 1024
const keywordsLimitBytes = 64 * 1024

/** The Inbox is the root itself, every other folder a `.`-folder in it. */
const placeOf = (root: string, serverName: string): string => (serverName === inboxName ? root : join(root, serverName))

const leavesRoot = (place: string, inside: InsideRoot): boolean =>
  ['', 'cur', 'new'].some((part) => inside.locate(join(place, part)) === 'outside')

const uidListOf = (place: string, inside: InsideRoot): UidList | null => {
  const text = inside.text(join(place, 'dovecot-uidlist'), uidListLimitBytes)
  return text === null ? null : parseUidList(text)
}

/** All folders of a Maildir++, and as not selectable the parents that exist only in the names of their children. */
export const maildirFolders = (root: string, inside: InsideRoot): readonly SourceFolder[] => {
  const found = namesIn(root)
  const names = found.names.filter((name) => /^\.[^.]/.test(name) && isFolder(join(root, name)))
  const isMaildir = (name: string) => leavesRoot(join(root, name), inside) || isFolder(join(root, name, 'cur'))
  const selectable = names
    .filter(isMaildir)
    .map((serverName) => ({ serverName, path: serverName.slice(1).split(delimiter).map(decodeModifiedUtf7) }))
    // An empty segment (`.a..b`) cannot be a name in an archive; the dots then belong to the name.
    .map(({ serverName, path }) => ({ serverName, path: path.includes('') ? [serverName.slice(1)] : path }))
  if (isFolder(join(root, 'cur'))) selectable.push({ serverName: inboxName, path: [inboxName] })

  const parents = new Map<string, SourceFolder>()
  const known = new Set(selectable.map(({ path }) => path.join('\0')))
  for (const { serverName, path } of selectable)
    for (let depth = 1; depth < path.length; depth++) {
      const parent = path.slice(0, depth)
      if (known.has(parent.join('\0'))) continue
      const name = serverName.split(delimiter, depth + 1).join(delimiter)
      parents.set(parent.join('\0'), {
        kind: 'mail',
        path: parent,
        serverName: name,
        isSelectable: false,
        generation: null,
        properties: { delimiter },
      })
    }
  const described = selectable.map(({ serverName, path }) => describe(root, serverName, path, inside))
  return [
    ...described.filter((folder) => folder !== null),
    ...parents.values(),
    ...namelessFolders(root, 'mail', found.notUtf8, (name) => /^\.[^.]/.test(name)),
  ]
}

/** Null when it went while it was looked at. */
const describe = (
  root: string,
  serverName: string,
  path: readonly string[],
  inside: InsideRoot,
): SourceFolder | null => {
  const place = placeOf(root, serverName)
  const folder = { kind: 'mail', path, serverName, isSelectable: true } as const
  try {
    const uidList = leavesRoot(place, inside) ? null : uidListOf(place, inside)
    const generation = uidList?.uidValidity ?? scanMaildir(root, serverName, inside).generation
    return {
      ...folder,
      generation,
      properties: { delimiter, ...(uidList?.uidNext ? { uidNext: uidList.uidNext } : {}) },
    }
  } catch (cause) {
    return isRefused(cause) ? { ...folder, generation: null, properties: { delimiter } } : nullWhenGone(cause)
  }
}

/** Changes when the server writes the numbers of a folder anew. */
export const maildirStamp = (root: string, serverName: string): string => {
  const stats = orNull(() => statSync(join(placeOf(root, serverName), 'dovecot-uidlist')))
  return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : 'none'
}

/**
 * The messages of one folder and their UIDs. A message that Dovecot has not numbered yet, or all of them where no Dovecot
 * keeps the folder, get theirs from a hash of their base name, in the upper half of the range where no server numbers:
 * counting them through would give a message another UID as soon as one before it is deleted, in the middle of a capture.
 * @throws Error with ENOENT when the folder is not there.
 */
export const scanMaildir = (root: string, serverName: string, inside: InsideRoot): FolderScan => {
  const place = placeOf(root, serverName)
  // Taken first: a change during the scan then shows at the next look.
  const stamp = maildirStamp(root, serverName)
  if (leavesRoot(place, inside))
    return { generation: String(crc32(serverName) || 1), stamp, items: new Map(), isOutside: true, namelessCount: 0 }
  const names = new Map<string, string>()
  // `new` before `cur`: a message on its way is found in `cur`, where its flags are.
  const nothing: Names = { names: [], notUtf8: [] }
  const delivered = orNull(() => namesIn(join(place, 'new'))) ?? nothing
  for (const name of delivered.names) if (!name.startsWith('.')) names.set(baseNameOf(name), join('new', name))
  const seen = namesIn(join(place, 'cur'))
  for (const name of seen.names) if (!name.startsWith('.')) names.set(baseNameOf(name), join('cur', name))
  const nameless = [...delivered.notUtf8, ...seen.notUtf8].map((name) => name.toString('latin1'))
  const namelessCount = new Set(nameless.filter((name) => !name.startsWith('.')).map(baseNameOf)).size

  const uidList = uidListOf(place, inside)
  const keywords = parseKeywords(inside.text(join(place, 'dovecot-keywords'), keywordsLimitBytes) ?? '')
  const items = new Map<number, StoredItem>()
  const put = (uid: number, name: string) => items.set(uid, { path: join(place, name), flags: flagsOf(name, keywords) })
  const unnumbered: string[] = []
  for (const [base, name] of names) {
    const uid = uidList?.uids.get(base)
    if (uid === undefined || items.has(uid)) unnumbered.push(base)
    else put(uid, name)
  }
  const collided: string[] = []
  for (const base of unnumbered.sort()) {
    let uid = 0x8000_0000 + (crc32(base) >>> 1)
    if (items.has(uid)) collided.push(base)
    while (items.has(uid)) uid = uid === 0xffff_ffff ? 0x8000_0000 : uid + 1
    put(uid, names.get(base)!)
  }
  // Which of two names with one hash comes first depends on both being there, so the generation does too.
  const generation = uidList?.uidValidity ?? String(crc32([serverName, ...collided].join('\0')) || 1)
  return { generation, stamp, items, isOutside: false, namelessCount }
}
