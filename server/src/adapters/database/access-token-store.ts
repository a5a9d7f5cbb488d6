import { TokenScope } from '@stillbox/shared/vocabulary/access.ts'
import type { AccessTokenStore } from '../../ports/access-token-store.ts'
import { nameKey, secondFactors, toAccount } from './account-rows.ts'
import type { Database } from './open-database.ts'

const columns = [
  'access_tokens.token_id as tokenId',
  'accounts.user_name as userName',
  'access_tokens.name',
  'access_tokens.scope',
  'access_tokens.created_at as createdAt',
  'access_tokens.expires_at as expiresAt',
  'access_tokens.last_used_at as lastUsedAt',
] as const

export const createDatabaseAccessTokenStore = ({
  database: { db },
}: {
  readonly database: Database
}): AccessTokenStore => {
  const tokens = db.selectFrom('access_tokens').innerJoin('accounts', 'accounts.name_key', 'access_tokens.name_key')
  return {
    create: async ({ tokenHash, tokenId, userName, name, scope, createdAt, expiresAt, lastUsedAt }) => {
      await db
        .insertInto('access_tokens')
        .values({
          token_hash: tokenHash,
          token_id: tokenId,
          name_key: nameKey(userName),
          name,
          scope,
          created_at: createdAt,
          expires_at: expiresAt,
          last_used_at: lastUsedAt,
        })
        .execute()
    },

    find: async (tokenHash, now) => {
      const row = await tokens
        .selectAll('accounts')
        .select([...columns, secondFactors.as('second_factors')])
        .where('token_hash', '=', tokenHash)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      if (!row) return null
      const { tokenId, userName, name, createdAt, expiresAt, lastUsedAt } = row
      const scope = TokenScope.parse(row.scope)
      return { token: { tokenId, userName, name, scope, createdAt, expiresAt, lastUsedAt }, account: toAccount(row) }
    },

    list: async (userName) => {
      const rows = await tokens
        .select(columns)
        .where('access_tokens.name_key', '=', nameKey(userName))
        .orderBy('access_tokens.created_at', 'desc')
        .orderBy('access_tokens.token_id')
        .execute()
      return rows.map((row) => ({ ...row, scope: TokenScope.parse(row.scope) }))
    },

    delete: async (userName, tokenId) => {
      const { numDeletedRows } = await db
        .deleteFrom('access_tokens')
        .where('name_key', '=', nameKey(userName))
        .where('token_id', '=', tokenId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },

    deleteAll: async (userName) => {
      const { numDeletedRows } = await db
        .deleteFrom('access_tokens')
        .where('name_key', '=', nameKey(userName))
        .executeTakeFirst()
      return Number(numDeletedRows)
    },

    touch: async (tokenId, usedAt) => {
      await db.updateTable('access_tokens').set({ last_used_at: usedAt }).where('token_id', '=', tokenId).execute()
    },
  }
}
