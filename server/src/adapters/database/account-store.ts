import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { ClientKind } from '@stillbox/shared/vocabulary/access.ts'
import { sql, type Transaction } from 'kysely'
import type { AccountStore, PasswordChange } from '../../ports/account-store.ts'
import { nameKey, secondFactors, toAccount } from './account-rows.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'
import { createSessionRows } from './session-rows.ts'
import { storableJson } from './storable.ts'

const unknown = () => new AppError('not_found', { details: { what: 'account' } })
const taken = (userName: string) => new AppError('name_taken', { details: { userName } })
const organizationsJson = (organizations: readonly string[] | null): string | null =>
  organizations === null ? null : JSON.stringify(organizations)

/** How many hashes are kept, so that a password is not used again soon. */
const hashesKept = 5

const addChange = async (
  transaction: Transaction<Schema>,
  key: string,
  passwordHash: string,
  { at, by }: PasswordChange,
): Promise<void> => {
  await transaction
    .insertInto('password_changes')
    .values({ name_key: key, changed_at: at, changed_by: by, password_hash: passwordHash })
    .execute()
  await transaction
    .updateTable('password_changes')
    .set({ password_hash: null })
    .where('name_key', '=', key)
    .where('password_hash', 'is not', null)
    .where('change_id', 'not in', (kept) =>
      kept
        .selectFrom('password_changes as newest')
        .select('newest.change_id')
        .where('newest.name_key', '=', key)
        .orderBy('newest.change_id', 'desc')
        .limit(hashesKept),
    )
    .execute()
}

/**
 * Two who remove one another at the same moment must not both succeed, so the administrators are locked first.
 * @throws AppError `last_administrator`
 */
const keepOneAdministrator = async (transaction: Transaction<Schema>, key: string): Promise<void> => {
  const administrators = await transaction
    .selectFrom('accounts')
    .select('name_key')
    .where('role', '=', 'administrator')
    .where('organizations', 'is', null)
    .orderBy('name_key')
    .forUpdate()
    .execute()
  if (administrators.every(({ name_key }) => name_key === key)) throw new AppError('last_administrator')
}

export const createDatabaseAccountStore = ({ database: { db } }: { readonly database: Database }): AccountStore => ({
  find: async (userName) => {
    const row = await db
      .selectFrom('accounts')
      .selectAll()
      .select(secondFactors.as('second_factors'))
      .where('name_key', '=', nameKey(userName))
      .executeTakeFirst()
    return row ? toAccount(row) : null
  },

  list: async () => {
    const rows = await db
      .selectFrom('accounts')
      .selectAll()
      .select(secondFactors.as('second_factors'))
      .orderBy('name_key')
      .execute()
    return rows.map(toAccount)
  },

  count: async () => {
    const { count } = await db
      .selectFrom('accounts')
      .select((builder) => builder.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return count
  },

  create: (account, change) =>
    db.transaction().execute(async (transaction) => {
      const key = nameKey(account.userName)
      const created = await transaction
        .insertInto('accounts')
        .values({
          name_key: key,
          user_name: account.userName,
          full_name: account.fullName,
          email_addresses: storableJson(account.emailAddresses),
          role: account.role,
          organizations: organizationsJson(account.organizations),
          password_hash: account.passwordHash,
        })
        .onConflict((conflict) => conflict.column('name_key').doNothing())
        .returning('name_key')
        .executeTakeFirst()
      if (!created) throw taken(account.userName)
      if (change && account.passwordHash !== '') await addChange(transaction, key, account.passwordHash, change)
    }),

  rename: (userName, newUserName) =>
    db.transaction().execute(async (transaction) => {
      const [key, newKey] = [nameKey(userName), nameKey(newUserName)]
      const inTheWay = await transaction
        .selectFrom('accounts')
        .select('name_key')
        .where('name_key', '=', newKey)
        .where('name_key', '!=', key)
        .executeTakeFirst()
      if (inTheWay) throw taken(newUserName)
      const renamed = await transaction
        .updateTable('accounts')
        .set({ name_key: newKey, user_name: newUserName })
        .where('name_key', '=', key)
        .returning('name_key')
        .executeTakeFirst()
      if (!renamed) throw unknown()
    }),

  update: (userName, { fullName, emailAddresses, role, organizations }) =>
    db.transaction().execute(async (transaction) => {
      const key = nameKey(userName)
      const row = await transaction
        .selectFrom('accounts')
        .select(['role', 'organizations'])
        .where('name_key', '=', key)
        .executeTakeFirst()
      if (!row) throw unknown()
      const leavesAdministrators =
        (role !== undefined && role !== 'administrator') || (organizations !== undefined && organizations !== null)
      if (leavesAdministrators && row.role === 'administrator' && row.organizations === null)
        await keepOneAdministrator(transaction, key)
      await transaction
        .updateTable('accounts')
        .set({
          // Something has to be set; the name is what it was.
          name_key: key,
          ...(fullName === undefined ? {} : { full_name: fullName }),
          ...(emailAddresses === undefined ? {} : { email_addresses: storableJson(emailAddresses) }),
          ...(role === undefined ? {} : { role }),
          ...(organizations === undefined ? {} : { organizations: organizationsJson(organizations) }),
        })
        .where('name_key', '=', key)
        .execute()
    }),

  delete: (userName) =>
    db.transaction().execute(async (transaction) => {
      const key = nameKey(userName)
      const row = await transaction
        .selectFrom('accounts')
        .select(['role', 'organizations'])
        .where('name_key', '=', key)
        .executeTakeFirst()
      if (!row) throw unknown()
      if (row.role === 'administrator' && row.organizations === null) await keepOneAdministrator(transaction, key)
      await transaction.deleteFrom('accounts').where('name_key', '=', key).execute()
    }),

  setPasswordHash: (userName, passwordHash, change) =>
    db.transaction().execute(async (transaction) => {
      const key = nameKey(userName)
      const changed = await transaction
        .updateTable('accounts')
        .set({ password_hash: passwordHash })
        .where('name_key', '=', key)
        .returning('name_key')
        .executeTakeFirst()
      if (changed && change) await addChange(transaction, key, passwordHash, change)
    }),

  passwordChanges: async (userName, limit) => {
    const rows = await db
      .selectFrom('password_changes')
      .select(['changed_at', 'changed_by', 'password_hash'])
      .where('name_key', '=', nameKey(userName))
      .orderBy('change_id', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ at: row.changed_at, by: row.changed_by, passwordHash: row.password_hash }))
  },

  recordSignIn: async (userName, { client, at, address }) => {
    await db
      .insertInto('last_sign_ins')
      .columns(['name_key', 'client', 'at', 'address'])
      .expression((builder) =>
        builder
          .selectFrom('accounts')
          .select([
            'name_key',
            sql<string>`${client}::text`.as('client'),
            sql<string>`${at}::timestamptz`.as('at'),
            sql<string>`${address}::text`.as('address'),
          ])
          .where('name_key', '=', nameKey(userName)),
      )
      .onConflict((conflict) => conflict.columns(['name_key', 'client']).doUpdateSet({ at, address }))
      .execute()
  },

  lastSignIns: async (userName) => {
    const rows = await db
      .selectFrom('last_sign_ins')
      .select(['client', 'at', 'address'])
      .where('name_key', '=', nameKey(userName))
      .orderBy('at', 'desc')
      .execute()
    return rows.map((row) => ({ ...row, client: ClientKind.parse(row.client) }))
  },

  newestSignIns: async () => {
    const rows = await db
      .selectFrom('last_sign_ins')
      .innerJoin('accounts', 'accounts.name_key', 'last_sign_ins.name_key')
      .select(['accounts.user_name', 'last_sign_ins.at'])
      .orderBy('last_sign_ins.at')
      .execute()
    return new Map(rows.map(({ user_name, at }) => [user_name, at]))
  },

  ...createSessionRows(db),
})
