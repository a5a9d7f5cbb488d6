import { hex } from './bytes.ts'
import type { NumberSet } from './columns.ts'
import type { IdMap } from './id-map.ts'
import { type TableKind, tableColumns } from './known-columns.ts'
import { openTable, type Table, tagName } from './read-table.ts'
import type { Store } from './store.ts'

/** What the checks of folders and messages share. */
export type Context = {
  readonly store: Store
  readonly versions: NumberSet
  readonly idMap: IdMap
  /** The id of PidLidAppointmentRecur in this file; null when no item can have one. */
  readonly recurrenceId: number | null
  /** M7: says that a property is in use; `place` is the first that uses it. */
  noteProperty(id: number, place: string): void
}

export const nodeName = (nid: number): string => `node ${hex(nid)}`

/** Opens a table that must have the columns of its kind. */
export const openKnownTable = async (
  { store, versions, noteProperty }: Pick<Context, 'store' | 'versions' | 'noteProperty'>,
  ref: { readonly dataBid: number; readonly subBid: number },
  place: string,
  kind: TableKind,
): Promise<Table> => {
  const table = await openTable(store, ref, place, versions)
  const tags = new Set(table.columns.map(({ tag }) => tag))
  for (const tag of tableColumns[kind])
    if (!tags.has(tag)) store.findings.fault('L5', place, `it lacks ${tagName(tag)}, which a table of this kind has`)
  for (const tag of tags) noteProperty(tag >>> 16, place)
  return table
}
