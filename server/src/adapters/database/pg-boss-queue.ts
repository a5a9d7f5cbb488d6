import { randomUUID } from 'node:crypto'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import type { ExportId, JobId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { mayMove } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { Transaction } from 'kysely'
import { PgBoss } from 'pg-boss'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { JobKind, JobQueue, NewJob } from '../../ports/job-queue.ts'
import { createAttempts } from './attempts.ts'
import { newExportRow } from './export-records.ts'
import { createForgetFinished } from './forget-finished.ts'
import { createJobClaims } from './job-claims.ts'
import type { Database } from './open-database.ts'
import { createQueueEntries } from './queue-entries.ts'
import { createRounds } from './rounds.ts'
import type { Schema } from './schema.ts'
import { newSnapshotRow } from './snapshot-rows.ts'
import { issueToken, readToken } from './status-tokens.ts'
import { storableJson, storableText } from './storable.ts'

export type QueueSettings = {
  readonly database: Database
  /** Jobs of a kind that this process runs at a time. */
  readonly concurrency?: Partial<Readonly<Record<JobKind, number>>>
  readonly maxAttempts?: number
  /** An attempt that has given no sign for this long is taken over; 10 at least. */
  readonly heartbeatSeconds?: number
  /** How often this process looks for attempts that give no sign any more. */
  readonly superviseSeconds?: number
  /** Finished jobs are forgotten after this time, with status tokens that nobody has read. */
  readonly keepFinishedDays?: number
  readonly clock?: Clock
  /** What goes wrong in the background: the database was away for a moment. The queue goes on. */
  readonly onError?: (error: unknown) => void
}

const forgetEveryMs = 6 * 3_600_000

/** Opens the queue on a database: pg-boss with its tables in a schema of their own. Jobs run after `start`. */
export const openJobQueue = async ({
  database,
  concurrency = {},
  maxAttempts = 5,
  heartbeatSeconds = 30,
  superviseSeconds = 10,
  keepFinishedDays = 30,
  clock = systemClock,
  onError = () => {},
}: QueueSettings): Promise<JobQueue> => {
  const { db } = database
  const boss = new PgBoss({
    db: database.queue,
    schema: 'stillbox_queue',
    backend: database.kind === 'embedded' ? 'pglite' : 'postgres',
    schedule: false,
    reindex: false,
    monitorVacuum: false,
    superviseIntervalSeconds: superviseSeconds,
    monitorIntervalSeconds: superviseSeconds,
  })
  boss.on('error', onError)
  await boss.start()
  const entries = createQueueEntries(boss)
  await entries.prepare(heartbeatSeconds)
  const claims = createJobClaims(database, entries)
  const attempts = createAttempts({
    database,
    entries,
    claims,
    clock,
    onError,
    maxAttempts,
    heartbeatSeconds,
    concurrency: { capture: 2, deliver: 2, verify: 1, export: 1, 'full-text': 1, ...concurrency },
  })

  const forgetting = createRounds(
    createForgetFinished(database, { clock, keepDays: keepFinishedDays }),
    forgetEveryMs,
    onError,
  )

  const addJob = async (transaction: Transaction<Schema>, job: NewJob): Promise<JobId> => {
    const jobId = randomUUID() as JobId
    const entryId = await entries.add(transaction, { ...job, jobId, delaySeconds: 0 })
    await transaction
      .insertInto('jobs')
      .values({
        job_id: jobId,
        kind: job.kind,
        snapshot_id: job.snapshotId,
        state: 'running',
        progress_percentage: null,
        messages: '[]',
        result: null,
        group_key: job.group,
        group_limit: job.groupLimit,
        priority: job.priority,
        attempt: 0,
        entry_id: entryId,
        claim: null,
        cancel_message: null,
        created_at: clock.now().toISOString(),
        finished_at: null,
      })
      .execute()
    return jobId
  }
  const addWithToken = async (
    transaction: Transaction<Schema>,
    job: NewJob,
  ): Promise<{ jobId: JobId; statusToken: StatusToken }> => {
    const jobId = await addJob(transaction, job)
    return { jobId, statusToken: await issueToken(transaction, jobId, clock.now().toISOString()) }
  }
  /** Runs `write` in a transaction, and wakes the workers of this process when it is through. */
  const thenWake = async <T>(write: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> => {
    const result = await db.transaction().execute(write)
    attempts.wake()
    return result
  }

  const cancel = async (by: 'snapshot_id' | 'job_id', id: string, message: string): Promise<void> => {
    await db.transaction().execute(async (transaction) => {
      const jobs = await transaction
        .selectFrom('jobs')
        .select(['job_id', 'kind', 'entry_id', 'claim'])
        .where(by, '=', id)
        .where('state', '=', 'running')
        .orderBy('job_id')
        .forUpdate()
        .execute()
      for (const job of jobs) {
        const isWaiting = job.claim === null
        // A waiting job ends here; a running one when its process has seen the mark.
        if (isWaiting && job.entry_id !== null) await entries.remove(transaction, job.kind as JobKind, job.entry_id)
        await transaction
          .updateTable('jobs')
          .set({
            cancel_message: storableText(message),
            ...(isWaiting
              ? {
                  state: 'failed',
                  entry_id: null,
                  finished_at: clock.now().toISOString(),
                  messages: storableJson([{ type: 'error', text: message }]),
                }
              : {}),
          })
          .where('job_id', '=', job.job_id)
          .execute()
      }
    })
    attempts.look()
  }

  return {
    createSnapshotJob: (snapshot, job) =>
      thenWake(async (transaction) => {
        await transaction.insertInto('snapshots').values(newSnapshotRow(snapshot, clock.now().toISOString())).execute()
        return addWithToken(transaction, job)
      }),

    createJob: (job, { withToken }) =>
      thenWake(async (transaction) =>
        withToken ? addWithToken(transaction, job) : { jobId: await addJob(transaction, job), statusToken: null },
      ),

    createExportJob: ({ order, createdBy }, job) =>
      thenWake(async (transaction) => {
        const { jobId, statusToken } = await addWithToken(transaction, job)
        await transaction
          .insertInto('exports')
          .values(newExportRow(jobId, job.snapshotId!, order, createdBy, clock.now().toISOString()))
          .execute()
        return { exportId: jobId as string as ExportId, statusToken }
      }),

    retrySnapshotJob: (snapshotId, to, sealedPassword, job) =>
      thenWake(async (transaction) => {
        if (!mayMove('failed', to)) throw new Error('a failed snapshot cannot be retried')
        const now = clock.now().toISOString()
        const moved = await transaction
          .updateTable('snapshots')
          .set({
            state: to,
            sealed_password: sealedPassword,
            error: null,
            attempt: 0,
            finished_at: null,
            expires_at: null,
            ...(to === 'pending'
              ? { progress: storableJson(noProgress), started_at: null, dumped_at: null, is_stored: false }
              : {}),
            next_attempt_at: null,
            last_changed_at: now,
          })
          .where('snapshot_id', '=', snapshotId)
          .where('state', '=', 'failed')
          .returning('snapshot_id')
          .executeTakeFirst()
        if (!moved) return null
        await transaction
          .insertInto('snapshot_messages')
          .values({
            snapshot_id: snapshotId,
            at: now,
            text: to === 'pending' ? 'Started again.' : 'The delivery starts again.',
          })
          .execute()
        return addWithToken(transaction, job)
      }),

    readStatus: (token, organizations = null) => readToken(db, token, organizations),

    report: async (jobId, progressPercentage) => {
      await db
        .updateTable('jobs')
        .set({ progress_percentage: progressPercentage })
        .where('job_id', '=', jobId)
        .where('state', '=', 'running')
        .execute()
    },

    cancelJobs: (snapshotId, message) => cancel('snapshot_id', snapshotId, message),
    cancelJob: (jobId, message) => cancel('job_id', jobId, message),

    start: async (run) => {
      // Nobody else can be running anything on the embedded database: what is claimed was claimed by a process that died.
      if (database.kind === 'embedded') await claims.releaseAll()
      attempts.start(run)
      forgetting.start()
    },

    stop: async () => {
      await forgetting.stop()
      await attempts.stop()
      await boss.stop({ graceful: false, close: false })
    },
  }
}
