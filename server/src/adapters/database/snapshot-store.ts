import type { FolderAccount, IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { mayMove } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { type ExpressionBuilder, type ExpressionWrapper, type Kysely, type SqlBool, sql } from 'kysely'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { OnlyIf, SnapshotFilter, SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'
import { adoptedRow, changedColumns, snapshotColumns, toNewDelivery, toSnapshot, userNameKey } from './snapshot-rows.ts'
import { storableText } from './storable.ts'

const unknown = () => new AppError('not_found', { details: { what: 'snapshot' } })

export const createDatabaseSnapshotStore = ({
  database: { db },
  clock = systemClock,
}: {
  readonly database: Database
  readonly clock?: Clock
}): SnapshotStore => ({
  page: async (filter, { limit, before }) => {
    const after = before === undefined ? null : parseCursor(before)
    if (filter.states.length === 0) return { snapshots: [], next: null }
    const rows = await db
      .selectFrom('snapshots')
      .select(snapshotColumns)
      .where((builder) => matches(builder, filter))
      .where('state', 'in', filter.states)
      .$if(after !== null, (query) =>
        query.where(
          sql<SqlBool>`(created_at, snapshot_id) < (${after!.createdAt}::timestamptz, ${after!.snapshotId}::uuid)`,
        ),
      )
      .orderBy('created_at', 'desc')
      .orderBy('snapshot_id', 'desc')
      .limit(limit + 1)
      .execute()
    const snapshots = rows.slice(0, limit).map(toSnapshot)
    const last = snapshots.at(-1)
    return { snapshots, next: rows.length > limit && last ? writeCursor(last) : null }
  },

  countByState: async (filter) => {
    const rows = await db
      .selectFrom('snapshots')
      .select(['state', (builder) => builder.fn.countAll<number>().as('count')])
      .where((builder) => matches(builder, filter))
      .groupBy('state')
      .execute()
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
  },

  archiveUsage: async ({ organizations }) => {
    const row = await db
      .selectFrom('snapshots')
      .select((builder) => [
        builder.fn.count<number>('archive_size_bytes').as('count'),
        sql<number>`coalesce(sum(archive_size_bytes), 0)::bigint`.as('bytes'),
      ])
      .where((builder) => matches(builder, { states: [], organizations }))
      .where('is_stored', '=', true)
      .executeTakeFirstOrThrow()
    return { archiveCount: row.count, archiveBytes: row.bytes }
  },

  get: async (snapshotId) => {
    const row = await db
      .selectFrom('snapshots')
      .select(snapshotColumns)
      .where('snapshot_id', '=', snapshotId)
      .executeTakeFirst()
    if (!row) throw unknown()
    return toSnapshot(row)
  },

  getForJob: async (snapshotId) => {
    const row = await db
      .selectFrom('snapshots')
      .select([...snapshotColumns, 'sealed_password', 'delivery_target'])
      .where('snapshot_id', '=', snapshotId)
      .executeTakeFirst()
    if (!row) throw unknown()
    return { snapshot: toSnapshot(row), sealedPassword: row.sealed_password, delivery: toNewDelivery(row) }
  },

  details: async (snapshotId) => {
    const row = await db
      .selectFrom('snapshots')
      .select(['folders', 'issues'])
      .where('snapshot_id', '=', snapshotId)
      .executeTakeFirst()
    if (!row) throw unknown()
    const messages = await db
      .selectFrom('snapshot_messages')
      .select(['at', 'text'])
      .where('snapshot_id', '=', snapshotId)
      .orderBy('message_id')
      .execute()
    return { folders: row.folders as FolderAccount[], issues: row.issues as IssueLine[], messages }
  },

  move: async (snapshotId, from, to, changes, message, onlyIf) => {
    if (!mayMove(from, to)) throw new Error(`a snapshot never moves from ${from} to ${to}`)
    const now = clock.now().toISOString()
    return db.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('snapshots')
        .set({ ...changedColumns(changes), state: to, last_changed_at: now })
        .where('snapshot_id', '=', snapshotId)
        .where('state', '=', from)
        .where((builder) => holds(builder, onlyIf))
        .returning(snapshotColumns)
        .executeTakeFirst()
      if (!row) return null
      if (message !== undefined) await addMessage(transaction, snapshotId, now, message)
      return toSnapshot(row)
    })
  },

  update: async (snapshotId, state, changes, message, onlyIf) => {
    const now = clock.now().toISOString()
    const write = async (executor: Kysely<Schema>) => {
      const { numUpdatedRows } = await executor
        .updateTable('snapshots')
        .set({ ...changedColumns(changes), last_changed_at: now })
        .where('snapshot_id', '=', snapshotId)
        .where('state', '=', state)
        .where((builder) => holds(builder, onlyIf))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    }
    if (message === undefined) return write(db)
    return db.transaction().execute(async (transaction) => {
      const isWritten = await write(transaction)
      if (isWritten) await addMessage(transaction, snapshotId, now, message)
      return isWritten
    })
  },

  adopt: async (snapshot, details) => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('snapshots')
      .values(adoptedRow(snapshot, details))
      .onConflict((conflict) => conflict.column('snapshot_id').doNothing())
      .executeTakeFirst()
    return (numInsertedOrUpdatedRows ?? 0n) > 0n
  },

  expiredBy: async (instant) => {
    const rows = await db
      .selectFrom('snapshots')
      .select('snapshot_id')
      .where('state', 'in', ['available', 'failed'])
      .where((builder) => holds(builder, { expiresBy: instant }))
      .orderBy('expires_at')
      .limit(mostExpired)
      .execute()
    return rows.map((row) => row.snapshot_id as SnapshotId)
  },

  idsInState: async (states) => {
    if (states.length === 0) return []
    const rows = await db
      .selectFrom('snapshots')
      .select('snapshot_id')
      .where('state', 'in', states)
      .orderBy('created_at')
      .execute()
    return rows.map((row) => row.snapshot_id as SnapshotId)
  },
})

const mostExpired = 100

const holds = (
  builder: ExpressionBuilder<Schema, 'snapshots'>,
  onlyIf: OnlyIf | undefined,
): ExpressionWrapper<Schema, 'snapshots', SqlBool> =>
  builder.and(
    onlyIf === undefined ? [] : [builder('is_stored', '=', true), builder('expires_at', '<=', onlyIf.expiresBy)],
  )

const addMessage = async (executor: Kysely<Schema>, snapshotId: SnapshotId, at: string, text: string) => {
  await executor
    .insertInto('snapshot_messages')
    .values({ snapshot_id: snapshotId, at, text: storableText(text) })
    .execute()
}

/** Organization and user name; the state is left to the caller, since counts go over all of them. */
const matches = (
  builder: ExpressionBuilder<Schema, 'snapshots'>,
  { userName, organizations }: SnapshotFilter,
): ExpressionWrapper<Schema, 'snapshots', SqlBool> =>
  builder.and([
    // strpos has no wildcards, so nothing in a user name needs escaping.
    ...(userName === undefined || userName === ''
      ? []
      : [sql<SqlBool>`strpos(user_name_key, ${userNameKey(userName)}) > 0`]),
    ...(organizations === undefined ? [] : [sql<SqlBool>`organization = any(${[...organizations]}::text[])`]),
  ])

const writeCursor = ({ createdAt, snapshotId }: { createdAt: string; snapshotId: string }): string =>
  `${Date.parse(createdAt)}.${snapshotId}`

const parseCursor = (text: string): { createdAt: string; snapshotId: SnapshotId } => {
  const match = /^(\d{1,14})\.(.+)$/.exec(text)
  const id = SnapshotId.safeParse(match?.[2])
  if (!match || !id.success)
    throw new AppError('invalid_params', { details: { reason: 'before is not the next value of a page' } })
  return { createdAt: new Date(Number(match[1])).toISOString(), snapshotId: id.data }
}
