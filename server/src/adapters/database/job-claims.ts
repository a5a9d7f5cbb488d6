import { randomUUID } from 'node:crypto'
import type { JobId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { type Selectable, sql, type Transaction } from 'kysely'
import type { AttemptOutcome, JobKind, NewJob } from '../../ports/job-queue.ts'
import type { Database } from './open-database.ts'
import type { QueueEntries } from './queue-entries.ts'
import type { JobTable, Schema } from './schema.ts'
import { storableJson } from './storable.ts'

/** An attempt that this process runs. `claim` is its proof: whoever takes the job over writes another. */
export type Claim = {
  readonly jobId: JobId
  readonly kind: JobKind
  readonly snapshotId: SnapshotId | null
  readonly attempt: number
  readonly entryId: string
  readonly claim: string
}

export type JobClaims = {
  /** Claims the job of an entry just taken. Null when it may not run now: cancelled, over, its group full, or its snapshot still in use by another attempt. */
  claim(kind: JobKind, entry: { readonly entryId: string; readonly jobId: string }): Promise<Claim | null>
  /** Writes what an attempt came to. Does nothing when the claim was lost. */
  finish(claim: Claim, outcome: AttemptOutcome, now: string): Promise<void>
  /** Makes every claim void and every job due at once: for the start of the only process on a database. */
  releaseAll(): Promise<void>
}

/** How long an entry waits that could not be claimed, because something else has to end first. */
const waitSeconds = 1

export const createJobClaims = ({ db }: Database, entries: QueueEntries): JobClaims => {
  /** Replaces the entry of a job; with `delaySeconds` null there is none to come. */
  const replaceEntry = async (
    transaction: Transaction<Schema>,
    job: Selectable<JobTable>,
    delaySeconds: number | null,
  ): Promise<string | null> => {
    const kind = job.kind as JobKind
    if (job.entry_id !== null) await entries.remove(transaction, kind, job.entry_id)
    if (delaySeconds === null) return null
    return entries.add(transaction, {
      jobId: job.job_id,
      kind,
      group: job.group_key,
      groupLimit: job.group_limit,
      priority: job.priority,
      delaySeconds,
    })
  }

  /** The same job, and its token, as one of another kind, which starts with its first attempt. */
  const goOn = async (transaction: Transaction<Schema>, job: Selectable<JobTable>, as: NewJob): Promise<void> => {
    const next = { ...job, kind: as.kind, group_key: as.group, group_limit: as.groupLimit, priority: as.priority }
    if (job.entry_id !== null) await entries.remove(transaction, job.kind as JobKind, job.entry_id)
    const { kind, group_key, group_limit, priority } = next
    const entry_id = await replaceEntry(transaction, { ...next, entry_id: null }, 0)
    await transaction
      .updateTable('jobs')
      .set({ kind, group_key, group_limit, priority, entry_id, claim: null, attempt: 0, progress_percentage: null })
      .where('job_id', '=', job.job_id)
      .execute()
  }

  return {
    claim: (kind, { entryId, jobId }) =>
      db.transaction().execute(async (transaction) => {
        const job = await transaction
          .selectFrom('jobs')
          .selectAll()
          .where('job_id', '=', jobId)
          .forUpdate()
          .executeTakeFirst()
        // The entry of an attempt that was cancelled, or overtaken, in between.
        if (!job || job.entry_id !== entryId || job.state !== 'running') {
          await entries.remove(transaction, kind, entryId)
          return null
        }
        if (await mustWait(transaction, job)) {
          await transaction
            .updateTable('jobs')
            .set({ entry_id: await replaceEntry(transaction, job, waitSeconds), claim: null })
            .where('job_id', '=', jobId)
            .execute()
          return null
        }
        const claim = randomUUID()
        const attempt = job.attempt + 1
        await transaction.updateTable('jobs').set({ claim, attempt }).where('job_id', '=', jobId).execute()
        return {
          jobId: job.job_id as JobId,
          kind,
          snapshotId: job.snapshot_id as SnapshotId | null,
          attempt,
          entryId,
          claim,
        }
      }),

    finish: ({ jobId, claim }, outcome, now) =>
      db.transaction().execute(async (transaction) => {
        const job = await transaction
          .selectFrom('jobs')
          .selectAll()
          .where('job_id', '=', jobId)
          .where('claim', '=', claim)
          .forUpdate()
          .executeTakeFirst()
        if (!job) return
        const final = finalState(outcome, job.cancel_message)
        if (final === null && outcome.end === 'go-on') {
          await goOn(transaction, job, outcome.as)
          return
        }
        const delaySeconds = outcome.end === 'retry' ? outcome.delaySeconds : 0
        const entry_id = await replaceEntry(transaction, job, final === null ? delaySeconds : null)
        await transaction
          .updateTable('jobs')
          .set({
            claim: null,
            entry_id,
            ...(final === null ? {} : { ...final, finished_at: now }),
            ...(outcome.end === 'give-back' && final === null ? { attempt: Math.max(0, job.attempt - 1) } : {}),
          })
          .where('job_id', '=', jobId)
          .execute()
      }),

    releaseAll: () =>
      db.transaction().execute(async (transaction) => {
        const jobs = await transaction
          .selectFrom('jobs')
          .selectAll()
          .where('state', '=', 'running')
          .where('claim', 'is not', null)
          .forUpdate()
          .execute()
        for (const job of jobs)
          await transaction
            .updateTable('jobs')
            .set({ claim: null, entry_id: await replaceEntry(transaction, job, 0) })
            .where('job_id', '=', job.job_id)
            .execute()
      }),
  }
}

/**
 * Whether something else must end before this job may run. pg-boss counts a group before it takes an entry, and two processes
 * can count at the same moment; here the count is made under a lock.
 */
const mustWait = async (transaction: Transaction<Schema>, job: Selectable<JobTable>): Promise<boolean> => {
  const others = transaction
    .selectFrom('jobs')
    .select((builder) => builder.fn.countAll<number>().as('count'))
    .where('state', '=', 'running')
    .where('claim', 'is not', null)
    .where('kind', '=', job.kind)
    .where('job_id', '<>', job.job_id)
  if (job.group_key !== null) {
    await lockName(transaction, `group ${job.kind} ${job.group_key}`)
    const { count } = await others.where('group_key', '=', job.group_key).executeTakeFirstOrThrow()
    if (count >= job.group_limit) return true
  }
  if (job.snapshot_id !== null) {
    // A retry right after a cancel: the cancelled attempt may still be letting go of its work folder.
    await lockName(transaction, `snapshot ${job.kind} ${job.snapshot_id}`)
    const { count } = await others.where('snapshot_id', '=', job.snapshot_id).executeTakeFirstOrThrow()
    if (count > 0) return true
  }
  return false
}

/** Until the end of the transaction. Always in the same order, group before snapshot, so that two cannot wait for each other. */
const lockName = async (transaction: Transaction<Schema>, name: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(transaction)
}

const finalState = (outcome: AttemptOutcome, cancelMessage: string | null) => {
  if (outcome.end === 'succeeded')
    return {
      state: 'succeeded',
      progress_percentage: 100,
      result: storableJson(outcome.result ?? null),
      messages: storableJson(outcome.messages),
    }
  // Cancelled, whatever the attempt made of it.
  if (cancelMessage !== null)
    return { state: 'failed', messages: storableJson([{ type: 'error', text: cancelMessage }]) }
  if (outcome.end === 'failed') return { state: 'failed', messages: storableJson(outcome.messages) }
  return null
}
