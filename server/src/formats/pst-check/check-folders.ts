import { hex } from './bytes.ts'
import { checkMessage } from './check-message.ts'
import { checkName } from './check-texts.ts'
import { type Context, nodeName, openKnownTable } from './context.ts'
import { numberAt, type Properties, propertyName, readProperties, textAt } from './read-properties.ts'
import type { Row, Table } from './read-table.ts'
import { reportUnusedSubnodes } from './read-value.ts'
import { checkRow } from './row-rule.ts'

export const rootFolder = 0x122
const firstUserIndex = 0x400
const ids = { name: 0x3001, count: 0x3602, unread: 0x3603, hasFolders: 0x360a, associated: 0x3617, flags: 0x0e07 }
const nidTypes = { folder: 0x02, searchFolder: 0x03, message: 0x04, associated: 0x08 }
/** Types of the tables of a folder. */
const ofFolder = { hierarchy: 0x0d, contents: 0x0e, associated: 0x0f, searchContents: 0x10 }

export type FolderCounts = { folders: number; messages: number }

/** The parent of every folder leads to the root. */
const checkParents = ({ store: { nodes, findings } }: Context): void => {
  const reached = new Set<number>([rootFolder])
  for (let index = 0; index < nodes.count; index++) {
    const type = nodes.nidOf(index) & 31
    if (type !== nidTypes.folder && type !== nidTypes.searchFolder) continue
    const way: number[] = []
    for (let nid = nodes.nidOf(index); !reached.has(nid); ) {
      const parent = nodes.find(nid)
      if (parent < 0 || way.includes(nid)) {
        findings.fault('M2', nodeName(nodes.nidOf(index)), 'its parents do not lead to the root folder')
        break
      }
      way.push(nid)
      nid = nodes.at(parent).parentNid
    }
    for (const nid of way) reached.add(nid)
  }
}

/** M2, M3 and M4: every folder, its three tables, and every message in them. */
export const checkFolders = async (context: Context, feed: Uint8Array | null): Promise<FolderCounts> => {
  const { store, idMap, noteProperty } = context
  const { nodes, findings, signal } = store
  const { fault, warn, during } = findings
  const counts = { folders: 0, messages: 0 }
  /** How often each node is a row of a table. */
  const listed = new Uint8Array(nodes.count)
  const list = (index: number): void => {
    if (listed[index]! < 255) listed[index]!++
  }

  const readFolder = async (nid: number, place: string): Promise<Properties | null> => {
    const folder = await during(() => readProperties(store, nodes.at(nodes.find(nid)), place))
    if (folder !== null) {
      for (const id of folder.values.keys()) noteProperty(id, place)
      reportUnusedSubnodes(store, folder.subnodes, place)
    }
    return folder
  }
  const openTableOf = async (
    nid: number,
    type: number,
    kind: 'hierarchy' | 'contents' | 'associated' | 'searchContents',
  ): Promise<Table | null> => {
    const tableNid = ((nid >>> 5) << 5) | type
    const place = `${kind === 'searchContents' ? 'search contents' : kind} table, ${nodeName(tableNid >>> 0)}`
    const index = nodes.find(tableNid >>> 0)
    if (index < 0) {
      fault('M2', `folder, ${nodeName(nid)}`, `it has no ${place}`)
      return null
    }
    list(index)
    const node = nodes.at(index)
    if (node.parentNid !== 0) fault('M2', place, `its parent is ${hex(node.parentNid)}, and a table has none`)
    return during(() => openKnownTable(context, node, place, kind))
  }
  /** The node of a row, when it is one of these types below this folder. */
  const targetOf = (row: Row, folderNid: number, types: readonly number[], check: 'M2' | 'M3'): number | null => {
    const index = nodes.find(row.rowId)
    if (index < 0 || !types.includes(row.rowId & 31)) {
      fault(check, row.where, index < 0 ? 'there is no such node' : 'a node of this type does not belong in this table')
      return null
    }
    list(index)
    if (nodes.at(index).parentNid !== folderNid)
      fault(check, row.where, `its parent is ${hex(nodes.at(index).parentNid)}, not this folder`)
    return index
  }

  const checkSubfolders = async (nid: number): Promise<number | null> => {
    const table = await openTableOf(nid, ofFolder.hierarchy, 'hierarchy')
    if (table === null) return null
    const names = new Set<string>()
    await during(() =>
      table.eachRow(async (row) => {
        const index = targetOf(row, nid, [nidTypes.folder, nidTypes.searchFolder], 'M2')
        if (index === null) return
        const child = await during(() => readProperties(store, nodes.at(index), `folder, ${nodeName(row.rowId)}`))
        if (child === null) return
        await checkRow(store, table, row, child)
        const name = (await textAt(store, child, ids.name))?.toLowerCase() ?? ''
        if (names.has(name)) warn('M2', row.where, 'another folder beside it has the same name')
        names.add(name)
        if ((row.rowId & 31) === nidTypes.folder) await idMap.check(row, feed)
      }),
    )
    return table.rowCount
  }
  const checkContents = async (nid: number): Promise<{ readonly count: number; readonly unread: number } | null> => {
    const table = await openTableOf(nid, ofFolder.contents, 'contents')
    if (table === null) return null
    let unread = 0
    const own = table.columns.map(({ tag }) => tag).filter((tag) => tag === 0x0e170003 || tag === 0x30130102)
    await during(() =>
      table.eachRow(async (row) => {
        const flags = row.cells.get(0x0e070003)?.bytes
        if (flags && (flags[0]! & 1) === 0) unread++
        for (const tag of own)
          if (!row.cells.has(tag)) fault('M4', `${row.where}, ${propertyName(tag >>> 16)}`, 'the row lacks it')
        const index = targetOf(row, nid, [nidTypes.message], 'M3')
        if (index === null) return
        counts.messages++
        const checked = await during(() => checkMessage(context, nodes.at(index), `message, ${nodeName(row.rowId)}`))
        if (checked !== null) await checkRow(store, table, row, checked.message)
        await idMap.check(row, feed)
      }),
    )
    return { count: table.rowCount, unread }
  }
  const checkAssociated = async (nid: number): Promise<number | null> => {
    const table = await openTableOf(nid, ofFolder.associated, 'associated')
    if (table === null) return null
    await during(() =>
      table.eachRow(async (row) => {
        const index = targetOf(row, nid, [nidTypes.associated], 'M3')
        if (index === null) return
        const checked = await during(() =>
          checkMessage(context, nodes.at(index), `associated message, ${nodeName(row.rowId)}`),
        )
        if (checked !== null) await checkRow(store, table, row, checked.message)
      }),
    )
    return table.rowCount
  }
  const compare = (folder: Properties, id: number, wanted: number | null, isRequired: boolean): void => {
    const said = numberAt(folder, id)
    const where = `${folder.place}, ${propertyName(id)}`
    if (said === null) {
      if (isRequired) fault('M2', where, 'the folder lacks it')
    } else if (wanted !== null && said !== wanted) fault('M2', where, `it is ${said}, and the tables say ${wanted}`)
  }
  const checkFolder = async (nid: number): Promise<void> => {
    const place = `folder, ${nodeName(nid)}`
    counts.folders++
    const folder = await readFolder(nid, place)
    const isSearch = (nid & 31) === nidTypes.searchFolder
    if (folder !== null) {
      const name = await textAt(store, folder, ids.name)
      if (name === null) fault('M2', place, 'it has no name')
      else checkName(findings, name, place, 'its name')
    }
    if (isSearch) {
      for (const type of [0x06, 0x07]) {
        const index = nodes.find((((nid >>> 5) << 5) | type) >>> 0)
        if (index < 0) fault('M2', place, `it has no node of type ${hex(type)}, for its search`)
        else if (type === 0x07) await during(() => readProperties(store, nodes.at(index), nodeName(nodes.nidOf(index))))
      }
      const table = await openTableOf(nid, ofFolder.searchContents, 'searchContents')
      if (table !== null) await during(() => table.eachRow(() => {}))
      if (folder !== null) compare(folder, ids.count, table?.rowCount ?? null, true)
      return
    }
    const subfolders = await checkSubfolders(nid)
    const contents = await checkContents(nid)
    const associated = await checkAssociated(nid)
    if (folder === null) return
    compare(folder, ids.count, contents?.count ?? null, true)
    compare(folder, ids.unread, contents?.unread ?? null, true)
    compare(folder, ids.hasFolders, subfolders === null ? null : Number(subfolders > 0), true)
    compare(folder, ids.associated, associated, (associated ?? 0) > 0)
  }

  for (let index = 0; index < nodes.count; index++) {
    signal.throwIfAborted()
    const nid = nodes.nidOf(index)
    const type = nid & 31
    if (type === nidTypes.folder || type === nidTypes.searchFolder) await checkFolder(nid)
  }
  for (let index = 0; index < nodes.count; index++) {
    const nid = nodes.nidOf(index)
    const type = nid & 31
    const times = listed[index]!
    if (type === nidTypes.folder || type === nidTypes.searchFolder) {
      if (times !== (nid === rootFolder ? 0 : 1))
        fault('M2', `folder, ${nodeName(nid)}`, `it is a row of ${times} tables of folders`)
    } else if (type === nidTypes.message || type === nidTypes.associated) {
      if (times !== 1) fault('M3', `message, ${nodeName(nid)}`, `it is a row of ${times} tables`)
      // What nobody lists was not looked at.
      if (times === 0) await during(() => checkMessage(context, nodes.at(index), `message, ${nodeName(nid)}`))
    } else if (
      type >= ofFolder.hierarchy &&
      type <= ofFolder.searchContents &&
      nid >>> 5 >= firstUserIndex &&
      times === 0
    )
      fault('M2', nodeName(nid), 'it is a table of a folder that does not exist')
  }
  checkParents(context)
  return counts
}
