import type { Kysely } from 'kysely'
import type { AccountStore } from '../../ports/account-store.ts'
import { nameKey, secondFactors, toAccount } from './account-rows.ts'
import type { Schema } from './schema.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

type SessionRows = Pick<
  AccountStore,
  | 'createSession'
  | 'findSession'
  | 'extendSession'
  | 'sessionsOf'
  | 'deleteSession'
  | 'endSessions'
  | 'deleteExpiredSessions'
>

/** The part of the account store that keeps browser sessions. */
export const createSessionRows = (db: Kysely<Schema>): SessionRows => ({
  createSession: async ({ tokenHash, userName, expiresAtMs, sessionId, startedAtMs, address, userAgent }) => {
    await db
      .insertInto('sessions')
      .values({
        token_hash: tokenHash,
        name_key: nameKey(userName),
        expires_at: iso(expiresAtMs),
        ...(sessionId === undefined ? {} : { session_id: sessionId }),
        ...(startedAtMs === undefined ? {} : { created_at: iso(startedAtMs), last_used_at: iso(startedAtMs) }),
        ...(address === undefined ? {} : { address }),
        ...(userAgent === undefined ? {} : { user_agent: userAgent }),
      })
      .execute()
  },

  findSession: async (tokenHash, nowMs) => {
    const row = await db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.name_key', 'sessions.name_key')
      .selectAll('accounts')
      .select([
        secondFactors.as('second_factors'),
        'sessions.created_at as started_at',
        'sessions.expires_at',
        'sessions.session_id',
      ])
      .where('token_hash', '=', tokenHash)
      .where('expires_at', '>', iso(nowMs))
      .executeTakeFirst()
    if (!row) return null
    return {
      account: toAccount(row),
      startedAtMs: Date.parse(row.started_at),
      expiresAtMs: Date.parse(row.expires_at),
      sessionId: row.session_id,
    }
  },

  extendSession: async (tokenHash, expiresAtMs, usedAtMs) => {
    await db
      .updateTable('sessions')
      .set({ expires_at: iso(expiresAtMs), ...(usedAtMs === undefined ? {} : { last_used_at: iso(usedAtMs) }) })
      .where('token_hash', '=', tokenHash)
      .execute()
  },

  sessionsOf: async (userName, nowMs) => {
    const rows = await db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.name_key', 'sessions.name_key')
      .select([
        'accounts.user_name as userName',
        'session_id as sessionId',
        'created_at as createdAt',
        'last_used_at as lastUsedAt',
        'expires_at as expiresAt',
        'address',
        'user_agent as userAgent',
      ])
      .where('sessions.name_key', '=', nameKey(userName))
      .where('expires_at', '>', iso(nowMs))
      .orderBy('last_used_at', 'desc')
      .orderBy('session_id')
      .execute()
    return rows
  },

  deleteSession: async (tokenHash) => {
    await db.deleteFrom('sessions').where('token_hash', '=', tokenHash).execute()
  },

  endSessions: async (userName, which) => {
    const { numDeletedRows } = await db
      .deleteFrom('sessions')
      .where('name_key', '=', nameKey(userName))
      .$if('only' in which, (query) => query.where('session_id', '=', 'only' in which ? which.only : ''))
      .$if('allBut' in which && which.allBut !== null, (query) =>
        query.where('session_id', '!=', 'allBut' in which ? (which.allBut ?? '') : ''),
      )
      .executeTakeFirst()
    return Number(numDeletedRows)
  },

  deleteExpiredSessions: async (nowMs) => {
    await db.deleteFrom('sessions').where('expires_at', '<=', iso(nowMs)).execute()
  },
})
