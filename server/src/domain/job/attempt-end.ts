import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { JobMessage } from '@stillbox/shared/vocabulary/job-state.ts'
import type { Attempt, AttemptOutcome } from '../../ports/job-queue.ts'

/** Waits between attempts, in seconds: quick at first, since most of what passes passes soon. */
export const retryDelaysSeconds: readonly number[] = [30, 120, 480, 1_800]

/**
 * What the error of an attempt means for its job. `taken-over`: another process has the job, and nothing may be written for it here.
 * `stopping`: this process ends; the attempt does not count.
 */
export type AttemptEnd =
  | { readonly kind: 'taken-over' }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'again'; readonly error: AppError; readonly delaySeconds: number }
  | { readonly kind: 'failed'; readonly error: AppError }

export const endOf = (
  error: unknown,
  { signal, attempt, maxAttempts, jobId, kind }: Attempt,
  delaysSeconds: readonly number[],
): AttemptEnd => {
  // What the work throws after an abort may be anything; the reason of the abort is what counts.
  const cause: unknown = signal.aborted ? signal.reason : error
  if (isAppError(cause, 'conflict') && (kind === 'capture' || kind === 'deliver')) return { kind: 'taken-over' }
  if (isAppError(cause, 'shutting_down')) return { kind: 'stopping' }
  const known = cause instanceof AppError ? cause : new AppError('internal', { details: { requestId: jobId }, cause })
  if (known.mayPass && attempt < maxAttempts) {
    const delaySeconds = delaysSeconds[Math.min(attempt, delaysSeconds.length) - 1] ?? 0
    return { kind: 'again', error: known, delaySeconds }
  }
  return { kind: 'failed', error: known }
}

export const outcomeOf = (end: AttemptEnd): AttemptOutcome => {
  if (end.kind === 'taken-over' || end.kind === 'stopping') return { end: 'give-back' }
  if (end.kind === 'again') return { end: 'retry', delaySeconds: end.delaySeconds }
  return failedWith(end.error.message)
}

export const failedWith = (text: string): AttemptOutcome => ({ end: 'failed', messages: [errorMessage(text)] })
export const errorMessage = (text: string): JobMessage => ({ type: 'error', text })
