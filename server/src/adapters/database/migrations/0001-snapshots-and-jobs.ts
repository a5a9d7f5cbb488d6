import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

export const snapshotsAndJobs: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema
      .createTable('snapshots')
      .addColumn('snapshot_id', 'uuid', (column) => column.primaryKey())
      .addColumn('organization', 'text', (column) => column.notNull())
      .addColumn('user_name', 'text', (column) => column.notNull())
      .addColumn('user_name_key', 'text', (column) => column.notNull())
      .addColumn('types', 'jsonb', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('range_start', 'timestamptz')
      .addColumn('range_end', 'timestamptz')
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('started_at', 'timestamptz')
      .addColumn('dumped_at', 'timestamptz')
      .addColumn('finished_at', 'timestamptz')
      .addColumn('last_changed_at', 'timestamptz', (column) => column.notNull())
      .addColumn('attempt', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('next_attempt_at', 'timestamptz')
      .addColumn('progress', 'jsonb', (column) => column.notNull())
      .addColumn('item_count', 'bigint')
      .addColumn('issue_count', 'bigint')
      .addColumn('archive_name', 'text')
      .addColumn('archive_size_bytes', 'bigint')
      .addColumn('root_hash', 'text')
      .addColumn('last_verified_at', 'timestamptz')
      .addColumn('last_verified_ok', 'boolean')
      .addColumn('full_text_state', 'text', (column) => column.notNull().defaultTo('none'))
      .addColumn('error', 'jsonb')
      .addColumn('sealed_password', 'text')
      .addColumn('folders', 'jsonb', (column) => column.notNull().defaultTo(sql`'[]'::jsonb`))
      .addColumn('issues', 'jsonb', (column) => column.notNull().defaultTo(sql`'[]'::jsonb`))
      .execute()
    await db.schema
      .createIndex('snapshots_newest')
      .on('snapshots')
      .columns(['created_at desc', 'snapshot_id desc'])
      .execute()
    await db.schema
      .createIndex('snapshots_by_state')
      .on('snapshots')
      .columns(['state', 'created_at desc', 'snapshot_id desc'])
      .execute()

    await db.schema
      .createTable('snapshot_messages')
      .addColumn('message_id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('snapshot_id', 'uuid', (column) =>
        column.notNull().references('snapshots.snapshot_id').onDelete('cascade'),
      )
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .execute()
    await db.schema
      .createIndex('snapshot_messages_of')
      .on('snapshot_messages')
      .columns(['snapshot_id', 'message_id'])
      .execute()

    await db.schema
      .createTable('jobs')
      .addColumn('job_id', 'uuid', (column) => column.primaryKey())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('snapshot_id', 'uuid', (column) => column.references('snapshots.snapshot_id').onDelete('cascade'))
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('progress_percentage', 'integer')
      .addColumn('messages', 'jsonb', (column) => column.notNull().defaultTo(sql`'[]'::jsonb`))
      .addColumn('result', 'jsonb')
      .addColumn('group_key', 'text')
      .addColumn('group_limit', 'integer', (column) => column.notNull())
      .addColumn('priority', 'integer', (column) => column.notNull())
      .addColumn('attempt', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('entry_id', 'uuid')
      .addColumn('claim', 'uuid')
      .addColumn('cancel_message', 'text')
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('finished_at', 'timestamptz')
      .execute()
    await db.schema
      .createIndex('jobs_unfinished')
      .on('jobs')
      .columns(['snapshot_id'])
      .where(sql.ref('state'), '=', 'running')
      .execute()
    await db.schema
      .createIndex('jobs_claimed')
      .on('jobs')
      .columns(['group_key'])
      .where(sql.ref('claim'), 'is not', null)
      .execute()

    await db.schema
      .createTable('status_tokens')
      .addColumn('token_hash', 'text', (column) => column.primaryKey())
      .addColumn('job_id', 'uuid', (column) => column.notNull().references('jobs.job_id').onDelete('cascade'))
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .execute()
  },
}
