import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

/** Servers that archives are delivered to. */
export const destinations: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema
      .createTable('destinations')
      .addColumn('destination_id', 'uuid', (column) => column.primaryKey())
      .addColumn('name_key', 'text', (column) => column.notNull().unique())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('protocol', 'text', (column) => column.notNull())
      .addColumn('host', 'text', (column) => column.notNull())
      .addColumn('port', 'integer', (column) => column.notNull())
      .addColumn('username', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('file_name', 'text', (column) => column.notNull())
      .addColumn('host_key_fingerprints', 'jsonb', (column) => column.notNull())
      .addColumn('auth_method', 'text', (column) => column.notNull())
      .addColumn('sealed_secret', 'text')
      .addColumn('deletes_local', 'boolean', (column) => column.notNull())
      .addColumn('organizations', 'jsonb')
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'timestamptz', (column) => column.notNull())
      .addColumn('last_test', 'jsonb')
      .execute()
  },
}
