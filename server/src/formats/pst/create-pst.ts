import type { MapiMessage } from '../mapi/message.ts'
import type { WritableFile } from '../mapi/writable-file.ts'
import type { StoredValues } from './ltp/stored-value.ts'
import { createTableContext } from './ltp/table-context.ts'
import { createFolder, type Folder, folderName, folderNids, freeName } from './messaging/folder-tree.ts'
import { createItemIds } from './messaging/item-ids.ts'
import { createNameMap } from './messaging/name-map.ts'
import { ids } from './messaging/property-ids.ts'
import { tableLayouts } from './messaging/table-columns.ts'
import { writeFolder } from './messaging/write-folder.ts'
import { writeMessage } from './messaging/write-message.ts'
import { writeStore, writeTemplates } from './messaging/write-store.ts'
import { type CryptMethod, createNodeDatabase } from './ndb/node-database.ts'
import { nodeTypes } from './ndb/node-ids.ts'
import { createSizeProjection } from './size-projection.ts'

export type PstFolder = { readonly path: readonly string[]; readonly containerClass: string }

export type PstOptions = {
  /** Written from front to back; at the end the first 17 KB and a page every 126 MB. A message that failed is written over. */
  readonly file: WritableFile
  /** What Outlook calls the store in its list of folders. */
  readonly displayName: string
  readonly folders?: readonly PstFolder[]
  /** Milliseconds since 1970, for what has no time of its own. */
  readonly now: () => number
  readonly randomBytes: (count: number) => Uint8Array
  readonly cryptMethod?: CryptMethod
  /** Of one folder; more go to "Folder (2)". */
  readonly maxFolderItems?: number
}

declare const folderRef: unique symbol
/** A folder of one writer. */
export type FolderRef = { readonly [folderRef]: true }

export type AddedMessage = {
  /** PidTagMessageSize. */
  readonly sizeBytes: number
  /** Canonical names of properties whose text had to be cut, or that found no room among the named ones. */
  readonly cut: readonly string[]
}

export type AddOptions = {
  /** The file may not become larger by this message: it is given up, with `PstFull`, when it would. */
  readonly limitBytes?: number
}

export type PstWriter = {
  /**
   * Makes a folder below "Top of Outlook data file", and its ancestors. The same path gives the same folder; of names that differ by case only, the
   * later gets a number. "Deleted Items" is there from the beginning.
   */
  addFolder(path: readonly string[], containerClass: string): FolderRef
  /**
   * Writes a message. Calls may overlap: they are carried out one after the other. If it fails, by what an attachment throws too, the file is as it
   * was before, unless the file itself could not be written: then every later call fails.
   * @throws AppError too_large for a message or an attachment of 2 GB or more; PstFull
   */
  add(folder: FolderRef, message: MapiMessage, signal: AbortSignal, options?: AddOptions): Promise<AddedMessage>
  /** How large the file would be at most, were it finished after one more message of so many bytes. */
  projectedSizeBytes(extraBytes: number): number
  /** `folders` counts those that were added. `last` has what is better known now than at the beginning. */
  finish(last?: {
    readonly displayName: string
  }): Promise<{ readonly sizeBytes: number; readonly folders: number; readonly messages: number }>
}

/** A message would have made the file larger than its limit. */
export class PstFull extends Error {
  override readonly name = 'PstFull'
}

const defaultMaxFolderItems = 500_000
/** A heap has 65,536 blocks, some of which the index of the rows needs. */
const maxContentsBlocks = 60_000
const read = 1
/** Root, top, search root and "Deleted Items". */
const fixedFolders = 4

/** Writes a Unicode PST ([MS-PST]) in one pass, with a bounded memory: tables and maps are held in part, contents never. */
export const createPst = (options: PstOptions): PstWriter => {
  const { now, randomBytes, maxFolderItems = defaultMaxFolderItems } = options
  let fileFailure: unknown
  const file: WritableFile = {
    write: async (offset, bytes) => {
      try {
        await options.file.write(offset, bytes)
      } catch (error) {
        fileFailure ??= error
        throw error
      }
    },
  }
  const database = createNodeDatabase({ file, cryptMethod: options.cryptMethod ?? 'permute' })
  const uid = randomBytes(16)
  const itemIds = createItemIds(database, randomBytes)
  const names = createNameMap()
  const empty = writeTemplates(database)
  const allFolders: Folder[] = []
  let heldTableBytes = 0
  let messages = 0
  let isFinished = false
  let turn: Promise<unknown> = Promise.resolve()

  const makeFolder = (
    nid: number,
    parent: Folder | undefined,
    name: string,
    containerClass: string | undefined,
  ): Folder => {
    const rowIds = parent === undefined ? undefined : itemIds.issue(nid)
    const folder = createFolder({ nid, parent, name, containerClass, rowIds })
    allFolders.push(folder)
    return folder
  }
  const root = makeFolder(folderNids.root, undefined, '', undefined)
  const top = makeFolder(folderNids.top, root, 'Top of Outlook data file', undefined)
  makeFolder(folderNids.searchRoot, root, 'Search Root', undefined)
  makeFolder(folderNids.deletedItems, top, 'Deleted Items', 'IPF.Note')

  /** By path as it was given: where messages to it go at present. */
  const byPath = new Map<string, { folder: Folder }>([
    [JSON.stringify(['Deleted Items']), { folder: top.children[0]! }],
  ])
  const targets = new WeakMap<object, { folder: Folder }>()
  const folderOf = (path: readonly string[], containerClass: string): { folder: Folder } => {
    const key = JSON.stringify(path)
    const known = byPath.get(key)
    if (known) return known
    const parent = path.length === 1 ? top : folderOf(path.slice(0, -1), 'IPF.Note').folder
    const name = freeName(parent, folderName(path.at(-1)!))
    const target = { folder: makeFolder(database.ids.next(nodeTypes.folder), parent, name, containerClass) }
    byPath.set(key, target)
    return target
  }
  const addFolder = (path: readonly string[], containerClass: string): FolderRef => {
    if (path.length === 0) throw new RangeError('a folder needs a name')
    if (isFinished) throw new Error('the file is finished')
    const target = folderOf(path, containerClass)
    if (target.folder.itemCount === 0) target.folder.containerClass = containerClass
    const ref = { path } as unknown as FolderRef
    targets.set(ref, target)
    return ref
  }
  for (const { path, containerClass } of options.folders ?? []) addFolder(path, containerClass)

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(async () => {
      if (fileFailure !== undefined) throw fileFailure
      if (isFinished) throw new Error('the file is finished')
      return work()
    })
    turn = result.catch(() => undefined)
    return result
  }
  /** The folder with room for one more, a new one if need be. */
  const roomIn = (target: { folder: Folder }): Folder => {
    const { folder } = target
    const { itemCount, contents, parent, containerClass } = folder
    if (itemCount < maxFolderItems && (contents?.heapBlocks ?? 0) < maxContentsBlocks) return folder
    const name = freeName(parent!, folder.name.replace(/ \(\d+\)$/, ''))
    target.folder = makeFolder(database.ids.next(nodeTypes.folder), parent!, name, containerClass)
    return target.folder
  }
  const projection = createSizeProjection({
    database,
    heldTableBytes: () => heldTableBytes,
    folders: () => allFolders.length,
    itemIds: () => itemIds.count,
    names: () => names.count,
  })
  const addRow = (folder: Folder, nid: number, values: StoredValues, conversationId: Uint8Array): void => {
    const contents = folder.contents ?? createTableContext(database, tableLayouts.contents)
    const before = folder.contents?.heldBytes ?? 0
    folder.contents = contents
    const more = itemIds.issue(nid)
    more.set(ids.messageStatus, { type: 'int32', value: 0 })
    more.set(ids.conversationId, { type: 'binary', value: conversationId })
    contents.addRow(nid, values, more)
    heldTableBytes += contents.heldBytes - before
    folder.itemCount++
    const flags = values.get(ids.messageFlags)
    if (flags?.type === 'int32' && (flags.value & read) === 0) folder.unreadCount++
  }

  return {
    addFolder,
    add: (ref, message, signal, { limitBytes = Number.POSITIVE_INFINITY } = {}) =>
      inTurn(async () => {
        signal.throwIfAborted()
        const target = targets.get(ref)
        if (target === undefined) throw new Error('a folder of another file')
        const cut = new Set<string>()
        const checkRoom = (): void => {
          if (projection(0) > limitBytes) throw new PstFull()
        }
        const nid = database.ids.next(nodeTypes.message)
        const stored = await database.attempt(async () => {
          const written = await writeMessage(message, {
            database,
            names,
            now,
            randomBytes,
            signal,
            checkRoom,
            wasCut: (canonicalName) => void cut.add(canonicalName),
          })
          checkRoom()
          return written
        })
        const folder = roomIn(target)
        database.addNode(nid, stored.bidData, stored.bidSub, folder.nid)
        addRow(folder, nid, stored.values, stored.conversationId)
        messages++
        if (database.hasPending) await database.flush()
        return { sizeBytes: stored.sizeBytes, cut: [...cut] }
      }),
    projectedSizeBytes: (extraBytes) => projection(extraBytes),
    finish: (last) =>
      inTurn(async () => {
        isFinished = true
        const displayName = folderName(last?.displayName ?? options.displayName)
        root.name = displayName
        for (const folder of allFolders) {
          writeFolder(database, folder, empty)
          await database.flush()
        }
        writeStore(database, { displayName, uid, names, itemIds })
        await database.flush()
        const { sizeBytes } = await database.finish()
        return { sizeBytes, folders: allFolders.length - fixedFolders, messages }
      }),
  }
}
