import { sql } from 'kysely'
import type { Clock } from '../../ports/clock.ts'
import type { Database } from './open-database.ts'

const batch = 1_000
const dayMs = 86_400_000

/**
 * Removes the jobs that ended more than `keepDays` ago, with the status tokens nobody has read; their snapshots stay. The embedded database
 * has no autovacuum, so it is vacuumed here: else every progress that was ever written would keep its place in the file.
 */
export const createForgetFinished =
  ({ db, kind }: Database, { clock, keepDays }: { readonly clock: Clock; readonly keepDays: number }) =>
  async (signal: AbortSignal): Promise<void> => {
    const before = new Date(clock.now().getTime() - keepDays * dayMs).toISOString()
    // In small steps: on the embedded database everything else waits meanwhile.
    for (let removed = batch; removed === batch && !signal.aborted; ) {
      const { numDeletedRows } = await db
        .deleteFrom('jobs')
        .where('job_id', 'in', (builder) =>
          builder
            .selectFrom('jobs')
            .select('job_id')
            .where('state', '<>', 'running')
            .where('finished_at', '<', before)
            .orderBy('finished_at')
            .limit(batch),
        )
        .executeTakeFirstOrThrow()
      removed = Number(numDeletedRows)
    }
    if (kind === 'embedded' && !signal.aborted) await sql`vacuum`.execute(db)
  }
