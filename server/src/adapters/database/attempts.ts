import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Attempt, type AttemptOutcome, type JobKind, jobKinds } from '../../ports/job-queue.ts'
import type { Claim, JobClaims } from './job-claims.ts'
import type { Database } from './open-database.ts'
import type { QueueEntries } from './queue-entries.ts'
import { createRounds } from './rounds.ts'

/** The attempts that this process runs: takes jobs while it has room, watches over them, and writes what they came to. */
export type Attempts = {
  start(run: (attempt: Attempt) => Promise<AttemptOutcome>): void
  /** There may be something to take. */
  wake(): void
  /** Something may have been cancelled. */
  look(): void
  stop(): Promise<void>
}

const pollMs = 1_000
/** pg-boss takes an entry for dead after 24 hours, however lively it is. */
const longestHours = 23
const internalFailure: AttemptOutcome = {
  end: 'failed',
  messages: [{ type: 'error', text: new AppError('internal', { details: { requestId: 'in the log' } }).message }],
}

export const createAttempts = ({
  database: { db },
  entries,
  claims,
  clock,
  onError,
  maxAttempts,
  heartbeatSeconds,
  concurrency,
}: {
  readonly database: Database
  readonly entries: QueueEntries
  readonly claims: JobClaims
  readonly clock: Clock
  readonly onError: (error: unknown) => void
  readonly maxAttempts: number
  readonly heartbeatSeconds: number
  readonly concurrency: Readonly<Record<JobKind, number>>
}): Attempts => {
  const running = new Map<string, { claim: Claim; abort: AbortController; ended: Promise<void> }>()
  let run: ((attempt: Attempt) => Promise<AttemptOutcome>) | null = null
  let touchedAtMs = 0

  const runOne = async (claim: Claim, abort: AbortController): Promise<void> => {
    const { jobId, kind, snapshotId, attempt } = claim
    const timeLimit = setTimeout(
      () => abort.abort(new AppError('timed_out', { details: { hours: longestHours } })),
      longestHours * 3_600_000,
    )
    const outcome = await run!({ jobId, kind, snapshotId, attempt, maxAttempts, signal: abort.signal }).catch(
      (error: unknown): AttemptOutcome => {
        onError(error)
        return internalFailure
      },
    )
    // A claim that stays behind because the database is away is taken over when its heartbeat has gone stale.
    await claims.finish(claim, outcome, clock.now().toISOString()).catch(onError)
    clearTimeout(timeLimit)
    running.delete(claim.claim)
    taking.wake()
  }

  const take = async (signal: AbortSignal): Promise<void> => {
    for (const kind of jobKinds)
      while (!signal.aborted && runningOf(kind).length < concurrency[kind]) {
        const entry = await entries.take(kind)
        if (entry === null) break
        const claim = await claims.claim(kind, entry)
        if (claim === null) continue
        const abort = new AbortController()
        const ended = runOne(claim, abort)
        running.set(claim.claim, { claim, abort, ended })
      }
  }
  const runningOf = (kind: JobKind) => [...running.values()].filter((job) => job.claim.kind === kind)

  const watch = async (): Promise<void> => {
    if (running.size === 0) return
    const jobs = [...running.values()]
    const rows = await db
      .selectFrom('jobs')
      .select(['job_id', 'claim', 'cancel_message'])
      .where(
        'job_id',
        'in',
        jobs.map((job) => job.claim.jobId),
      )
      .execute()
    const rowOf = new Map(rows.map((row) => [row.job_id, row]))
    for (const { claim, abort } of jobs) {
      const row = rowOf.get(claim.jobId)
      if (!running.has(claim.claim) || abort.signal.aborted) continue
      if (row?.claim !== claim.claim) abort.abort(takenOver())
      else if (row.cancel_message !== null) abort.abort(new AppError('cancelled', { details: { by: 'request' } }))
    }
    if (Date.now() - touchedAtMs < (heartbeatSeconds * 1000) / 4) return
    touchedAtMs = Date.now()
    for (const kind of jobKinds)
      await entries.touch(
        kind,
        runningOf(kind).map((job) => job.claim.entryId),
      )
  }

  const taking = createRounds(take, pollMs, onError)
  const watching = createRounds(watch, pollMs, onError)

  return {
    start: (runAttempt) => {
      run = runAttempt
      taking.start()
      watching.start()
    },
    wake: taking.wake,
    look: watching.wake,
    stop: async () => {
      await taking.stop()
      for (const { abort } of running.values()) abort.abort(new AppError('shutting_down'))
      await Promise.all([...running.values()].map((job) => job.ended))
      await watching.stop()
    },
  }
}

/** The domain tells it by this code from a cancel or a stop: another process owns the job now, so nothing may be written for it here. */
const takenOver = () => new AppError('conflict', { details: { state: 'taken over by another process' } })
