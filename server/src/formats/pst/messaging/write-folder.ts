import { createPropertyContext, type StoredObject } from '../ltp/property-context.ts'
import type { StoredValues } from '../ltp/stored-value.ts'
import { createTableContext } from '../ltp/table-context.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import { nodeId, nodeTypes } from '../ndb/node-ids.ts'
import { type Folder, folderNids } from './folder-tree.ts'
import { ids } from './property-ids.ts'
import { tableLayouts } from './table-columns.ts'

const folderValues = (folder: Folder): StoredValues => {
  const values: StoredValues = new Map([
    [ids.displayName, { type: 'string', value: folder.name }],
    [ids.contentCount, { type: 'int32', value: folder.itemCount }],
    [ids.contentUnreadCount, { type: 'int32', value: folder.unreadCount }],
    [ids.subfolders, { type: 'boolean', value: folder.children.length > 0 }],
  ])
  if (folder.containerClass !== undefined)
    values.set(ids.containerClass, { type: 'string', value: folder.containerClass })
  return values
}

export type EmptyTables = Readonly<Record<'hierarchy' | 'contents' | 'associated', () => StoredObject>>

/** Writes a folder with its three tables ([MS-PST] §2.4.4). Its children's counts have to be final. */
export const writeFolder = (database: NodeDatabase, folder: Folder, empty: EmptyTables): void => {
  const index = folder.nid >>> 5
  const object = createPropertyContext(database).finish(folderValues(folder), [])
  database.addNode(folder.nid, object.bidData, object.bidSub, folder.parent?.nid ?? folderNids.root)
  const addTable = (type: number, { bidData, bidSub }: StoredObject): void =>
    database.addNode(nodeId(index, type), bidData, bidSub, 0)
  addTable(nodeTypes.hierarchyTable, hierarchyOf(database, folder, empty))
  addTable(nodeTypes.contentsTable, folder.contents?.finish() ?? empty.contents())
  addTable(nodeTypes.associatedTable, empty.associated())
  folder.contents = undefined
}

const hierarchyOf = (database: NodeDatabase, folder: Folder, empty: EmptyTables): StoredObject => {
  if (folder.children.length === 0) return empty.hierarchy()
  const table = createTableContext(database, tableLayouts.hierarchy)
  for (const child of folder.children) table.addRow(child.nid, folderValues(child), child.rowIds)
  return table.finish()
}
