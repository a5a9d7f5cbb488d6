import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import type { ExportId, JobId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { JobMessage, JobState } from '@stillbox/shared/vocabulary/job-state.ts'
import type { NewExport } from './export-records.ts'
import type { NewSnapshot } from './snapshot-store.ts'

/** A job as its status token sees it. It stays after the token is spent. */
export type Job = {
  readonly jobId: JobId
  readonly kind: JobKind
  readonly snapshotId: SnapshotId | null
  readonly state: JobState
  /** 0 to 100, null while unknown. */
  readonly progressPercentage: number | null
  readonly messages: readonly JobMessage[]
  /** Set once succeeded. */
  readonly result: unknown
}
export const jobKinds = ['capture', 'deliver', 'verify', 'export', 'full-text'] as const
export type JobKind = (typeof jobKinds)[number]

export type NewJob = {
  readonly kind: JobKind
  readonly snapshotId: SnapshotId | null
  /** Jobs of one group run at most `groupLimit` at a time, over all processes on the database. */
  readonly group: string | null
  readonly groupLimit: number
  /** Higher first; deliveries and captures 10, verify and export 5, full text 0. */
  readonly priority: number
}

/** One attempt at a job. `signal` aborts on cancel, on the stop of the process, and when another process has taken it over. */
export type Attempt = {
  readonly jobId: JobId
  readonly kind: JobKind
  readonly snapshotId: SnapshotId | null
  readonly attempt: number
  readonly maxAttempts: number
  readonly signal: AbortSignal
}

/**
 * What an attempt came to. `retry`: again after a delay that grows with the attempts; `give-back`: at once, and the attempt does not count (the
 * process is stopping); `go-on`: the same job, with its token, becomes one of another kind and starts with its first attempt.
 */
export type AttemptOutcome =
  | { readonly end: 'succeeded'; readonly result: unknown; readonly messages: readonly JobMessage[] }
  | { readonly end: 'failed'; readonly messages: readonly JobMessage[] }
  | { readonly end: 'retry'; readonly delaySeconds: number }
  | { readonly end: 'give-back' }
  | { readonly end: 'go-on'; readonly as: NewJob }

export type JobQueue = {
  /** Snapshot row, job row and queue entry in ONE transaction. Answers the token, which is stored only as a hash. */
  createSnapshotJob(
    snapshot: NewSnapshot,
    job: NewJob,
  ): Promise<{ readonly jobId: JobId; readonly statusToken: StatusToken }>
  /** A job for a snapshot that exists, or for none. */
  createJob(
    job: NewJob,
    options: { readonly withToken: boolean },
  ): Promise<{ readonly jobId: JobId; readonly statusToken: StatusToken | null }>
  /** An export and its job, which has the same id, in one transaction. */
  createExportJob(
    wanted: NewExport,
    job: NewJob,
  ): Promise<{ readonly exportId: ExportId; readonly statusToken: StatusToken }>
  /**
   * A retry: moves the snapshot from failed to `to` and queues a new job, in one transaction. With `pending` it starts from the beginning, with
   * its new sealed password; with `dumped` only its delivery does. Null when it was not failed any more.
   */
  retrySnapshotJob(
    snapshotId: SnapshotId,
    to: 'pending' | 'dumped',
    sealedPassword: string | null,
    job: NewJob,
  ): Promise<{ readonly jobId: JobId; readonly statusToken: StatusToken } | null>

  /**
   * Reads a status. A final one is delivered to exactly one caller, over all processes, and the token is gone with it. To a reader
   * with `organizations` other than null, only jobs of a snapshot of one of them exist.
   * @throws AppError `status_token_unknown`
   */
  readStatus(token: StatusToken, organizations?: readonly OrganizationId[] | null): Promise<Job>
  report(jobId: JobId, progressPercentage: number | null): Promise<void>

  /** Cancels every unfinished job of a snapshot, running or not, in whatever process: its signal aborts within two seconds. The job ends failed with `message`. */
  cancelJobs(snapshotId: SnapshotId, message: string): Promise<void>
  /** The same for one job. */
  cancelJob(jobId: JobId, message: string): Promise<void>

  /** Starts taking jobs. `run` never rejects; a rejection counts as failed with `internal`. */
  start(run: (attempt: Attempt) => Promise<AttemptOutcome>): Promise<void>
  /** Takes no new jobs, aborts the running ones with `shutting_down`, waits for them. */
  stop(): Promise<void>
}
