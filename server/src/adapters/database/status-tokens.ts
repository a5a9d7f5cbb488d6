import { createHash, randomUUID } from 'node:crypto'
import { StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { JobId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { JobMessage, JobState } from '@stillbox/shared/vocabulary/job-state.ts'
import type { Kysely, Selectable } from 'kysely'
import type { Job, JobKind } from '../../ports/job-queue.ts'
import type { JobTable, Schema } from './schema.ts'

const hashOf = (token: StatusToken): string => createHash('sha256').update(token).digest('hex')

/** Makes a token for a job. Only its hash is stored, so a copy of the database reads no status. */
export const issueToken = async (db: Kysely<Schema>, jobId: JobId, now: string): Promise<StatusToken> => {
  const token = StatusToken.parse(randomUUID())
  await db
    .insertInto('status_tokens')
    .values({ token_hash: hashOf(token), job_id: jobId, created_at: now })
    .execute()
  return token
}

/**
 * Reads the job of a token. A final state is handed out only by whoever deletes the token, and a row can be deleted once.
 * @throws AppError `status_token_unknown`
 */
export const readToken = async (
  db: Kysely<Schema>,
  token: StatusToken,
  organizations: readonly OrganizationId[] | null,
): Promise<Job> => {
  const tokenHash = hashOf(token)
  const row = await db
    .selectFrom('status_tokens')
    .innerJoin('jobs', 'jobs.job_id', 'status_tokens.job_id')
    .leftJoin('snapshots', 'snapshots.snapshot_id', 'jobs.snapshot_id')
    .selectAll('jobs')
    .select('snapshots.organization')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
  if (!row) throw new AppError('status_token_unknown')
  // Before anything is spent: whoever may not see it must not use it up for those who may.
  if (organizations !== null && !organizations.includes(row.organization as OrganizationId))
    throw new AppError('status_token_unknown')
  if (row.state === 'running') return toJob(row)
  const spent = await db
    .deleteFrom('status_tokens')
    .where('token_hash', '=', tokenHash)
    .returning('token_hash')
    .executeTakeFirst()
  if (!spent) throw new AppError('status_token_unknown')
  return toJob(row)
}

const toJob = (row: Selectable<JobTable>): Job => ({
  jobId: row.job_id as JobId,
  kind: row.kind as JobKind,
  snapshotId: row.snapshot_id as SnapshotId | null,
  state: row.state as JobState,
  progressPercentage: row.progress_percentage,
  messages: row.messages as JobMessage[],
  result: row.result,
})
