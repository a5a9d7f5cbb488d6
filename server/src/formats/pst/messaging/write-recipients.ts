import { Buffer } from 'node:buffer'
import type { PropertyBag } from '../../mapi/property.ts'
import { type StoredValue, type StoredValues, typeCodeOf } from '../ltp/stored-value.ts'
import { createTableContext } from '../ltp/table-context.ts'
import { type TableLayout, tableLayout } from '../ltp/table-layout.ts'
import type { NodeDatabase } from '../ndb/node-database.ts'
import type { Subnode } from '../ndb/subnode-tree.ts'
import { type ValueContext, valuesOf } from './message-values.ts'
import { ids } from './property-ids.ts'
import { recipientColumns, tableLayouts } from './table-columns.ts'

const recipientTableNid = 0x692
const maxColumns = 255
const short: ReadonlySet<number> = new Set([ids.displayName, ids.displayName7Bit, ids.recipientDisplayName])
const mailUser = 6

/** Tables of one program run have few sets of columns, so each is laid out once. */
const layouts = new Map<string, TableLayout>()
const maxLayouts = 64

const layoutFor = (rows: readonly StoredValues[]): TableLayout => {
  const tags = new Set<number>(recipientColumns)
  for (const row of rows)
    for (const [id, stored] of row) {
      if (tags.size < maxColumns - 2) tags.add(((id << 16) | typeCodeOf(stored)) >>> 0)
    }
  if (tags.size === recipientColumns.length) return tableLayouts.recipient
  // The same properties in another order are laid out once more, which costs less than to sort them for each message.
  const key = String.fromCodePoint(
    ...[...tags].slice(recipientColumns.length).flatMap((tag) => [tag >>> 16, tag & 0xffff]),
  )
  const layout = layouts.get(key) ?? tableLayout([...tags])
  if (layouts.size < maxLayouts) layouts.set(key, layout)
  return layout
}

/** Writes the recipient table of a message ([MS-PST] §2.4.5.3), which is there without recipients too. */
export const writeRecipients = (
  database: NodeDatabase,
  recipients: readonly PropertyBag[],
  context: ValueContext,
): Subnode => {
  const rows = recipients.map((bag) => {
    const values = valuesOf(bag, short, context)
    const addIfAbsent = (id: number, stored: StoredValue): void => {
      if (!values.has(id)) values.set(id, stored)
    }
    const name = values.get(ids.displayName) ?? values.get(ids.emailAddress) ?? { type: 'string', value: '' }
    addIfAbsent(ids.recipientType, { type: 'int32', value: 1 })
    addIfAbsent(ids.responsibility, { type: 'boolean', value: false })
    addIfAbsent(ids.recordKey, values.get(ids.entryId) ?? { type: 'binary', value: Buffer.alloc(0) })
    addIfAbsent(ids.objectType, { type: 'int32', value: mailUser })
    addIfAbsent(ids.displayName, name)
    addIfAbsent(ids.addressType, { type: 'string', value: 'SMTP' })
    addIfAbsent(ids.displayType, { type: 'int32', value: 0 })
    addIfAbsent(ids.displayName7Bit, name)
    addIfAbsent(ids.sendRichInfo, { type: 'boolean', value: false })
    return values
  })
  const table = createTableContext(database, layoutFor(rows))
  rows.forEach((row, index) => {
    table.addRow(index, row)
  })
  return { nid: recipientTableNid, ...table.finish() }
}
