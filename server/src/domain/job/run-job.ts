import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Attempt, AttemptOutcome, JobKind } from '../../ports/job-queue.ts'
import { failedWith } from './attempt-end.ts'
import type { Log } from './log.ts'

/** How long a job waits whose own bookkeeping failed: the database was away. */
const bookkeepingDelaySeconds = 30

/**
 * Runs one attempt at a job, whatever its kind. Each kind turns its own failures into outcomes; what it throws all the same is a failure to
 * write them down, so the job stays in the queue: ended as failed it would leave its snapshot behind in a state nobody ends.
 */
export const runJob =
  ({
    kinds,
    log,
  }: {
    readonly kinds: Readonly<Record<JobKind, (attempt: Attempt) => Promise<AttemptOutcome>>>
    readonly log: Log
  }) =>
  async (attempt: Attempt): Promise<AttemptOutcome> => {
    const { jobId, kind, snapshotId } = attempt
    const fields = { jobId, kind, snapshotId, attempt: attempt.attempt }
    // Its process died each time, perhaps because of it. A capture or delivery ends itself then, together with its snapshot.
    if (kind !== 'capture' && kind !== 'deliver' && attempt.attempt > attempt.maxAttempts)
      return failedWith(new AppError('worker_died', { details: { reason: 'too often for another attempt' } }).message)
    log.info(fields, 'attempt begins')
    try {
      const outcome = await kinds[kind](attempt)
      log.info({ ...fields, end: outcome.end }, 'attempt ended')
      return outcome
    } catch (error) {
      log.error({ ...fields, error }, 'the outcome of an attempt could not be written')
      return attempt.signal.aborted ? { end: 'give-back' } : { end: 'retry', delaySeconds: bookkeepingDelaySeconds }
    }
  }
