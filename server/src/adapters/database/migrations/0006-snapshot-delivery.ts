import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

/** Where the archive of a snapshot goes, whether it lies here, and for how long. */
export const snapshotDelivery: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema
      .alterTable('snapshots')
      .addColumn('is_stored', 'boolean', (column) => column.notNull().defaultTo(false))
      .addColumn('expires_at', 'timestamptz')
      .addColumn('destination_id', 'uuid')
      .addColumn('delivery', 'jsonb')
      .addColumn('delivery_target', 'jsonb')
      .execute()
    // Every archive was kept until it was deleted; one that is dumped is complete, and its job only has to say so.
    await db.updateTable('snapshots').set({ is_stored: true }).where('state', 'in', ['available', 'dumped']).execute()
    await db.schema
      .createIndex('snapshots_expiring')
      .on('snapshots')
      .columns(['expires_at'])
      .where(sql.ref('expires_at'), 'is not', null)
      .execute()
  },
}
