import { areEqual, hex, isAll, u32 } from './bytes.ts'
import { checkFolders, rootFolder } from './check-folders.ts'
import { createNumberSet } from './columns.ts'
import { type Context, nodeName, openKnownTable } from './context.ts'
import { openIdMap } from './id-map.ts'
import type { TableKind } from './known-columns.ts'
import { readNameMap } from './name-map.ts'
import { openStream, readStream } from './open-stream.ts'
import { bytesAt, numberAt, type Properties, propertyName, readProperties } from './read-properties.ts'
import { reportUnusedSubnodes } from './read-value.ts'
import type { Store } from './store.ts'

const storeNid = 0x21
const nameMapNid = 0x61
const idMapNid = 0xc01
const activeSearchesNid = 0x201
const deletedItemsNid = 0x8062

/** Tables that every store has, and how many rows: the templates have none. */
const storeTables: readonly (readonly [number, TableKind, number])[] = [
  [0x60d, 'hierarchy', 0],
  [0x60e, 'contents', 0],
  [0x60f, 'associated', 0],
  [0x610, 'searchContents', 0],
  [0x671, 'attachment', 0],
  [0x692, 'recipient', 0],
  [0x62b, 'receiveFolder', 1],
  [0x64c, 'outgoingQueue', 0],
  [0x6b6, 'replication6b6', 0],
  [0x6d7, 'replication6d7', 0],
  [0x6f8, 'replication6f8', 0],
]
/** Queues: they need no content. */
const queues = [0x1e1, 0x261, 0xec1]
const folders = [rootFolder, 0x8022, 0x8042, deletedItemsNid]

/** Entry ids of folders in the store, and the bit of 0x35DF that says the folder is there. */
const folderEntryIds: readonly (readonly [id: number, bit: number, isRequired: boolean])[] = [
  [0x35e0, 0x01, true],
  [0x35e2, 0x04, false],
  [0x35e3, 0x08, true],
  [0x35e4, 0x10, false],
  [0x35e5, 0x20, false],
  [0x35e6, 0x40, false],
  [0x35e7, 0x80, true],
]
const otherRequired = [0x3001, 0x35df, 0x67ff, 0x0e34, 0x0e38, 0x6633, 0x66fa]

/** PSETID_Appointment as it is stored, and the number of PidLidAppointmentRecur in it. */
const appointmentSet = Uint8Array.from([2, 0x20, 6, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46])
const recurrenceLid = 0x8216

const checkEntryIds = (storeOf: Store, properties: Properties): void => {
  const { nodes, findings } = storeOf
  const { fault } = findings
  const uid = bytesAt(properties, 0x0ff9)
  if (uid?.length !== 16 || isAll(uid, 0)) {
    fault('M8', properties.place, 'it has no id of 16 bytes in property 0x0FF9')
    return
  }
  const mask = numberAt(properties, 0x35df) ?? 0
  for (const [id, bit, isRequired] of folderEntryIds) {
    const where = `${properties.place}, ${propertyName(id)}`
    const entry = bytesAt(properties, id)
    if (entry === null) {
      if (isRequired) fault('M8', where, 'the store lacks it')
      else if ((mask & bit) !== 0) fault('M8', where, 'the store says this folder is there, and has no entry id of it')
      continue
    }
    if (isRequired && (mask & bit) === 0)
      fault('M8', where, 'the store says this folder is not there, and has an entry id of it')
    if (entry.length !== 24 || u32(entry, 0) !== 0 || !areEqual(entry.subarray(4, 20), uid)) {
      fault('M8', where, 'it is no entry id of this store')
      continue
    }
    const nid = u32(entry, 20)
    if (nodes.find(nid) < 0 || ((nid & 31) !== 2 && (nid & 31) !== 3))
      fault('M8', where, `${nodeName(nid)} is no folder of the file`)
  }
  for (const id of otherRequired)
    if (!properties.values.has(id)) fault('M1', `${properties.place}, ${propertyName(id)}`, 'the store lacks it')
}

/** The node, or null and a fault. */
const required = ({ nodes, findings }: Store, nid: number) => {
  const index = nodes.find(nid)
  if (index >= 0) return nodes.at(index)
  findings.fault('M1', nodeName(nid), 'every store has this node, and the file has not')
  return null
}

const checkActiveSearches = async (store: Store): Promise<void> => {
  const { nodes, findings } = store
  const node = required(store, activeSearchesNid)
  if (node === null) return
  const place = `active searches, ${nodeName(activeSearchesNid)}`
  const bytes = await readStream(store, await openStream(store, node.dataBid, place))
  const listed = new Set<number>()
  if (bytes.length % 4 !== 0) findings.fault('M1', place, `${bytes.length} bytes are no whole nids`)
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const nid = u32(bytes, at)
    if ((nid & 31) !== 3 || nodes.find(nid) < 0)
      findings.fault('M1', place, `it lists ${nodeName(nid)}, which is no search folder`)
    listed.add(nid)
  }
  for (let index = 0; index < nodes.count; index++) {
    const nid = nodes.nidOf(index)
    if ((nid & 31) === 3 && !listed.has(nid))
      findings.fault('M1', place, `it does not list the search folder ${hex(nid)}`)
  }
}

const checkStoreTables = async (context: Pick<Context, 'store' | 'versions' | 'noteProperty'>): Promise<void> => {
  const { store } = context
  const { fault, during } = store.findings
  for (const [nid, kind, rows] of storeTables) {
    const node = required(store, nid)
    if (node === null) continue
    const place = `table, ${nodeName(nid)}`
    await during(async () => {
      const table = await openKnownTable(context, node, place, kind)
      if (table.rowCount !== rows && (kind !== 'receiveFolder' || table.rowCount === 0))
        fault('M1', place, `it has ${table.rowCount} rows, and must have ${rows}`)
      let hasDefault = kind !== 'receiveFolder'
      await table.eachRow(({ cells, where }) => {
        if (kind !== 'receiveFolder') return
        const folder = cells.get(0x66050003)?.bytes
        if (!folder || store.nodes.find(u32(folder, 0)) < 0) fault('M1', where, 'it leads to no folder')
        if (cells.get(0x001a001f)?.sizeBytes === 0) hasDefault = true
      })
      if (!hasDefault)
        fault('M1', place, 'it has no row for every class of messages (an empty class that is marked as there)')
    })
  }
}

/** M1 to M11: the store and everything in it. */
export const checkStore = async (store: Store) => {
  const { nodes, findings } = store
  const { fault, during } = findings
  const firstUse = new Map<number, string>()
  const noteProperty = (id: number, place: string): void => {
    if (id >= 0x8000 && !firstUse.has(id)) firstUse.set(id, place)
  }
  for (const nid of [...queues, ...folders]) required(store, nid)
  const rootIndex = nodes.find(rootFolder)
  if (rootIndex >= 0 && nodes.at(rootIndex).parentNid !== rootFolder)
    fault('M1', nodeName(rootFolder), 'the root folder is not its own parent')
  for (const nid of queues) {
    const index = nodes.find(nid)
    if (index >= 0) await during(() => openStream(store, nodes.at(index).dataBid, nodeName(nid)))
  }
  const storeNode = required(store, storeNid)
  const place = `store, ${nodeName(storeNid)}`
  const properties = storeNode && (await during(() => readProperties(store, storeNode, place)))
  if (properties) {
    for (const id of properties.values.keys()) noteProperty(id, place)
    reportUnusedSubnodes(store, properties.subnodes, place)
    checkEntryIds(store, properties)
  }
  const feed = properties ? bytesAt(properties, 0x0e34) : null
  const nameNode = required(store, nameMapNid)
  const names = nameNode && (await readNameMap(store, nameNode))
  const versions = createNumberSet()
  await checkStoreTables({ store, versions, noteProperty })
  await during(() => checkActiveSearches(store))
  const idMap = await openIdMap(store, required(store, idMapNid))
  const counts = await checkFolders(
    { store, versions, idMap, noteProperty, recurrenceId: names?.idOf(appointmentSet, recurrenceLid) ?? null },
    feed,
  )
  idMap.finish()
  if (names !== null)
    for (const [id, first] of firstUse)
      if (id >= 0x8000 + names.count) fault('M7', first, `${propertyName(id)} has no name in the name map`)
  return counts
}
