import { Role } from '@stillbox/shared/vocabulary/access.ts'
import type { Selectable } from 'kysely'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'
import { storableJson, storableText } from './storable.ts'

const nameKey = (userName: string): string => storableText(userName.normalize('NFC').toLowerCase())

const toAccount = (row: Selectable<Schema['accounts']>): Account => ({
  userName: row.user_name,
  fullName: row.full_name,
  emailAddresses: row.email_addresses as string[],
  role: Role.parse(row.role),
  passwordHash: row.password_hash,
})

export const createDatabaseAccountStore = ({ database: { db } }: { readonly database: Database }): AccountStore => ({
  find: async (userName) => {
    const row = await db.selectFrom('accounts').selectAll().where('name_key', '=', nameKey(userName)).executeTakeFirst()
    return row ? toAccount(row) : null
  },

  count: async () => {
    const { count } = await db
      .selectFrom('accounts')
      .select((builder) => builder.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return count
  },

  create: async (account) => {
    await db
      .insertInto('accounts')
      .values({
        name_key: nameKey(account.userName),
        user_name: account.userName,
        full_name: account.fullName,
        email_addresses: storableJson(account.emailAddresses),
        role: account.role,
        password_hash: account.passwordHash,
      })
      .execute()
  },

  setPasswordHash: async (userName, passwordHash) => {
    await db
      .updateTable('accounts')
      .set({ password_hash: passwordHash })
      .where('name_key', '=', nameKey(userName))
      .execute()
  },

  createSession: async ({ tokenHash, userName, expiresAtMs }) => {
    await db
      .insertInto('sessions')
      .values({
        token_hash: tokenHash,
        name_key: nameKey(userName),
        expires_at: new Date(expiresAtMs).toISOString(),
      })
      .execute()
  },

  findSession: async (tokenHash, nowMs) => {
    const row = await db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.name_key', 'sessions.name_key')
      .selectAll('accounts')
      .select('sessions.expires_at')
      .where('token_hash', '=', tokenHash)
      .where('expires_at', '>', new Date(nowMs).toISOString())
      .executeTakeFirst()
    return row ? { account: toAccount(row), expiresAtMs: Date.parse(row.expires_at) } : null
  },

  extendSession: async (tokenHash, expiresAtMs) => {
    await db
      .updateTable('sessions')
      .set({ expires_at: new Date(expiresAtMs).toISOString() })
      .where('token_hash', '=', tokenHash)
      .execute()
  },

  deleteSession: async (tokenHash) => {
    await db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute()
  },

  deleteExpiredSessions: async (nowMs) => {
    await db.deleteFrom('sessions').where('expires_at', '<=', new Date(nowMs).toISOString()).execute()
  },
})
