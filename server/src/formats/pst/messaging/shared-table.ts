import type { StoredObject } from '../ltp/property-context.ts'
import { createTableContext } from '../ltp/table-context.ts'
import type { TableLayout } from '../ltp/table-layout.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'

/** A reference count has 16 bits. */
const maxSharers = 30_000

/** Answers a table without rows, as a template or for an empty folder: one block that all of them share, as Outlook does it. */
export const createSharedTable = (database: NodeDatabase, layout: TableLayout): (() => StoredObject) => {
  let shared: StoredObject | undefined
  let sharers = 0
  return () => {
    if (shared === undefined || sharers >= maxSharers) {
      shared = createTableContext(database, layout).finish()
      sharers = 0
    }
    sharers++
    return shared
  }
}
