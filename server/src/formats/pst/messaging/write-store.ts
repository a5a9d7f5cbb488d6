import { Buffer } from 'node:buffer'
import { createPropertyContext } from '../ltp/property-context.ts'
import { createTableContext } from '../ltp/table-context.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { folderNids } from './folder-tree.ts'
import type { ItemIds } from './item-ids.ts'
import type { NameMap } from './name-map.ts'
import { ids } from './property-ids.ts'
import { createSharedTable } from './shared-table.ts'
import { tableLayouts } from './table-columns.ts'
import type { EmptyTables } from './write-folder.ts'

const nids = { store: 0x21, nameMap: 0x61, receiveFolders: 0x62b, activeSearches: 0x201, itemIds: 0xc01 } as const
/** Queues of the search machinery, empty: no search folder is written. */
const emptyNodes = [0x1e1, nids.activeSearches, 0x261, 0xec1]
const templates = [
  [0x60f, 'associated'],
  [0x610, 'searchContents'],
  [0x64c, 'outgoingQueue'],
  [0x671, 'attachment'],
  [0x692, 'recipient'],
  [0x6b6, 'replicationChanges'],
  [0x6d7, 'replicationFolders'],
  [0x6f8, 'replicationTimes'],
] as const
/** IPM subtree 0x01, wastebasket 0x08 and finder 0x80 are there. */
const validFolders = 0x89
const storeSupport = 0x6633
const storeFlags = 0x66fa
const receiveFolderNid = 0x6605

/** Writes the templates of tables ([MS-PST] §2.7.1) and answers those that folders share. */
export const writeTemplates = (database: NodeDatabase): EmptyTables => {
  const add = (nid: number, table: () => { readonly bidData: number; readonly bidSub: number }): void => {
    const { bidData, bidSub } = table()
    database.addNode(nid, bidData, bidSub, 0)
  }
  const empty = {
    hierarchy: createSharedTable(database, tableLayouts.hierarchy),
    contents: createSharedTable(database, tableLayouts.contents),
    associated: createSharedTable(database, tableLayouts.associated),
  }
  add(0x60d, empty.hierarchy)
  add(0x60e, empty.contents)
  for (const [nid, name] of templates)
    add(nid, name === 'associated' ? empty.associated : createTableContext(database, tableLayouts[name]).finish)
  const receiveFolders = createTableContext(database, tableLayouts.receiveFolder)
  receiveFolders.addRow(
    1,
    new Map([
      [ids.messageClass, { type: 'string', value: '' }],
      [receiveFolderNid, { type: 'int32', value: folderNids.root }],
    ]),
  )
  add(nids.receiveFolders, receiveFolders.finish)
  for (const nid of emptyNodes) database.addNode(nid, 0, 0, 0)
  return empty
}

export type StoreFacts = {
  readonly displayName: string
  readonly uid: Uint8Array
  readonly names: NameMap
  readonly itemIds: ItemIds
}

/** Writes the store itself and its two maps ([MS-PST] §2.4.3), when all names and ids are known. */
export const writeStore = (database: NodeDatabase, { displayName, uid, names, itemIds }: StoreFacts): void => {
  const entryId = (nid: number): Buffer => {
    const bytes = Buffer.alloc(24)
    bytes.set(uid, 4)
    bytes.writeUInt32LE(nid, 20)
    return bytes
  }
  const store = createPropertyContext(database).finish(
    new Map([
      [ids.replVersionHistory, { type: 'binary', value: itemIds.versionHistory }],
      [ids.replFlags, { type: 'int32', value: 0 }],
      [ids.recordKey, { type: 'binary', value: uid }],
      [ids.displayName, { type: 'string', value: displayName }],
      [ids.validFolderMask, { type: 'int32', value: validFolders }],
      [ids.ipmSubtreeEntryId, { type: 'binary', value: entryId(folderNids.top) }],
      [ids.wastebasketEntryId, { type: 'binary', value: entryId(folderNids.deletedItems) }],
      [ids.finderEntryId, { type: 'binary', value: entryId(folderNids.searchRoot) }],
      [storeSupport, { type: 'boolean', value: true }],
      [storeFlags, { type: 'int32', value: 0x000e0011 }],
      [ids.storePassword, { type: 'int32', value: 0 }],
    ]),
    [],
  )
  database.addNode(nids.store, store.bidData, store.bidSub, 0)
  const map = names.write(database)
  database.addNode(nids.nameMap, map.bidData, map.bidSub, 0)
  database.addNode(nids.itemIds, itemIds.write().bid, 0, 0)
}
