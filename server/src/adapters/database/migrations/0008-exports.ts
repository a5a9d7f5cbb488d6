import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

/** What snapshots are exported as. */
export const exports: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema
      .createTable('exports')
      .addColumn('export_id', 'uuid', (column) => column.primaryKey())
      .addColumn('snapshot_id', 'uuid', (column) =>
        column.notNull().references('snapshots.snapshot_id').onDelete('cascade'),
      )
      .addColumn('export_order', 'jsonb', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('progress', 'jsonb', (column) => column.notNull())
      .addColumn('files', 'jsonb', (column) => column.notNull())
      .addColumn('report', 'jsonb')
      .addColumn('expires_at', 'timestamptz')
      .execute()
    await db.schema
      .createIndex('exports_of_snapshot')
      .on('exports')
      .columns(['snapshot_id', 'created_at desc'])
      .execute()
  },
}
