import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

/** Roles limited to organizations, tokens, second factors, password history and sessions that can be told apart. */
export const access: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema.alterTable('accounts').addColumn('organizations', 'jsonb').execute()

    await db.schema
      .alterTable('sessions')
      .addColumn('session_id', 'uuid', (column) => column.notNull().defaultTo(sql`gen_random_uuid()`))
      .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
      .addColumn('last_used_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
      .addColumn('address', 'text', (column) => column.notNull().defaultTo(''))
      .addColumn('user_agent', 'text', (column) => column.notNull().defaultTo(''))
      .execute()
    // An account that is renamed takes its sessions along.
    await db.schema.alterTable('sessions').dropConstraint('sessions_name_key_fkey').execute()
    await db.schema
      .alterTable('sessions')
      .addForeignKeyConstraint('sessions_of_account', ['name_key'], 'accounts', ['name_key'])
      .onDelete('cascade')
      .onUpdate('cascade')
      .execute()
    await db.schema.createIndex('sessions_by_account').on('sessions').columns(['name_key']).execute()

    await db.schema
      .createTable('access_tokens')
      .addColumn('token_id', 'uuid', (column) => column.primaryKey())
      .addColumn('token_hash', 'text', (column) => column.notNull().unique())
      .addColumn('name_key', 'text', (column) =>
        column.notNull().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('scope', 'text', (column) => column.notNull())
      .addColumn('created_at', 'timestamptz', (column) => column.notNull())
      .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
      .addColumn('last_used_at', 'timestamptz')
      .execute()
    await db.schema.createIndex('access_tokens_by_account').on('access_tokens').columns(['name_key']).execute()

    await db.schema
      .createTable('password_changes')
      .addColumn('change_id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
      .addColumn('name_key', 'text', (column) =>
        column.notNull().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('changed_at', 'timestamptz', (column) => column.notNull())
      .addColumn('changed_by', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'text')
      .execute()
    await db.schema
      .createIndex('password_changes_newest')
      .on('password_changes')
      .columns(['name_key', 'change_id desc'])
      .execute()

    await db.schema
      .createTable('last_sign_ins')
      .addColumn('name_key', 'text', (column) =>
        column.notNull().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('client', 'text', (column) => column.notNull())
      .addColumn('at', 'timestamptz', (column) => column.notNull())
      .addColumn('address', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('last_sign_ins_key', ['name_key', 'client'])
      .execute()

    await db.schema
      .createTable('totp_devices')
      .addColumn('name_key', 'text', (column) =>
        column.primaryKey().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('device_id', 'uuid', (column) => column.notNull())
      .addColumn('sealed_secret', 'text', (column) => column.notNull())
      .addColumn('added_at', 'timestamptz', (column) => column.notNull())
      .addColumn('is_confirmed', 'boolean', (column) => column.notNull().defaultTo(false))
      .addColumn('last_step', 'bigint', (column) => column.notNull().defaultTo(-1))
      .execute()

    await db.schema
      .createTable('passkeys')
      .addColumn('credential_id', 'text', (column) => column.primaryKey())
      .addColumn('device_id', 'uuid', (column) => column.notNull())
      .addColumn('name_key', 'text', (column) =>
        column.notNull().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('public_key', 'text', (column) => column.notNull())
      .addColumn('counter', 'bigint', (column) => column.notNull())
      .addColumn('transports', 'jsonb', (column) => column.notNull())
      .addColumn('added_at', 'timestamptz', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('passkeys_by_account').on('passkeys').columns(['name_key']).execute()

    await db.schema
      .createTable('recovery_codes')
      .addColumn('name_key', 'text', (column) =>
        column.notNull().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('code_hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('recovery_codes_key', ['name_key', 'code_hash'])
      .execute()

    await db.schema
      .createTable('passkey_challenges')
      .addColumn('challenge_hash', 'text', (column) => column.primaryKey())
      .addColumn('name_key', 'text', (column) =>
        column.notNull().references('accounts.name_key').onDelete('cascade').onUpdate('cascade'),
      )
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
      .execute()
  },
}
