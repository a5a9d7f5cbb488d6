import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

/** The audit log: rows that can be added and never changed, and the sealed head of their chain. */
export const audit: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema
      .createTable('audit_log')
      .addColumn('number', 'bigint', (column) => column.primaryKey())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('code', 'text')
      .addColumn('actor', 'text')
      .addColumn('client', 'text')
      .addColumn('address', 'text')
      .addColumn('request_id', 'text')
      .addColumn('target', 'text')
      .addColumn('organization', 'text')
      // As text: what was hashed must come back letter by letter.
      .addColumn('details', 'text', (column) => column.notNull())
      .addColumn('previous_hash', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull())
      .execute()
    await sql`create index audit_log_by_actor on audit_log (lower(actor), number desc) where actor is not null`.execute(
      db,
    )
    await db.schema.createIndex('audit_log_by_time').on('audit_log').columns(['at', 'number desc']).execute()
    await db.schema.createIndex('audit_log_by_action').on('audit_log').columns(['action', 'number desc']).execute()
    await sql`create index audit_log_by_target on audit_log (target, number desc) where target is not null`.execute(db)
    await sql`create index audit_log_by_organization on audit_log (organization, number desc) where organization is not null`.execute(
      db,
    )

    await db.schema
      .createTable('audit_head')
      .addColumn('head_id', 'integer', (column) => column.primaryKey().check(sql`head_id = 1`))
      .addColumn('sealed', 'text', (column) => column.notNull())
      .execute()
    await db.insertInto('audit_head').values({ head_id: 1, sealed: '' }).execute()

    await sql`create function refuse_audit_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log can only be added to';
      end
    $$`.execute(db)
    await sql`create trigger audit_log_only_grows before update or delete or truncate on audit_log
      for each statement execute function refuse_audit_change()`.execute(db)
    await sql`create trigger audit_head_stays before delete or truncate on audit_head
      for each statement execute function refuse_audit_change()`.execute(db)
  },
}
