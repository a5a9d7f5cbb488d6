import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, isAppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress, type Progress, progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import type { AccountDirectory } from '../../ports/account-directory.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { ArchiveWork, CaptureOutcome } from '../../ports/capture.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { Attempt, AttemptOutcome, JobQueue } from '../../ports/job-queue.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { SnapshotJobFacts, SnapshotStore } from '../../ports/snapshot-store.ts'
import { type AttemptEnd, endOf, failedWith, outcomeOf, retryDelaysSeconds } from '../job/attempt-end.ts'
import { type Log, silentLog } from '../job/log.ts'
import { createProgressWriter } from '../job/progress.ts'
import { archiveName } from './archive-name.ts'
import { issuesShown } from './get-snapshot-info.ts'
import { fullTextJob, passwordContext } from './snapshot-jobs.ts'

const progressIntervalMs = 1_000

export type RunSnapshotNeeds = {
  readonly snapshots: SnapshotStore
  readonly jobs: JobQueue
  readonly archives: ArchiveStore
  readonly directory: AccountDirectory
  readonly work: ArchiveWork
  readonly secrets: Secrets
  readonly clock?: Clock
  readonly log?: Log
  /** Waits before the second, third … attempt. */
  readonly delaysSeconds?: readonly number[]
}

/**
 * One attempt at a capture: pending -> dumping -> dumped -> available, each move by compare-and-set, so that whoever cancelled or
 * deleted meanwhile wins.
 *
 * The archive is published while the state is still `dumping`, where nobody can download it. A process that dies before the move to
 * `dumped` leaves an archive that the next attempt replaces; one that dies after it leaves a row that has all there is to know, and the next
 * attempt only takes the last step.
 */
export const runSnapshot = (needs: RunSnapshotNeeds) => {
  const { snapshots, archives, clock = systemClock, log = silentLog, delaysSeconds = retryDelaysSeconds } = needs

  return async (attempt: Attempt): Promise<AttemptOutcome> => {
    const snapshotId = attempt.snapshotId
    if (snapshotId === null) throw new Error('a capture without a snapshot')
    const fields = { jobId: attempt.jobId, snapshotId }
    const facts = await enter(needs, snapshotId, attempt)
    if (facts === null) return failedWith(await whyOver(snapshots, snapshotId))
    if (facts.snapshot.state === 'available') return succeed(needs, facts.snapshot)

    let end: AttemptEnd
    try {
      const dumped = facts.snapshot.state === 'dumped' ? facts.snapshot : await dump(needs, facts, attempt)
      const available = dumped && (await finish(needs, dumped))
      if (available) return await succeed(needs, available)
      // Cancelled or deleted while it ran; whoever did it has written why.
      await clearAway(archives, snapshotId)
      return failedWith(await whyOver(snapshots, snapshotId))
    } catch (error) {
      end = endOf(error, attempt, delaysSeconds)
      if (end.kind === 'failed' && end.error.code === 'internal')
        log.error({ ...fields, error }, 'a capture failed unexpectedly')
    }

    // Its files and its state belong to the other process now.
    if (end.kind === 'taken-over') return outcomeOf(end)
    await clearAway(archives, snapshotId)
    return (await leave(snapshots, snapshotId, attempt, end, clock))
      ? outcomeOf(end)
      : failedWith(await whyOver(snapshots, snapshotId))
  }
}

/** Takes the snapshot into this attempt. Null when there is nothing left to do for it. */
const enter = async (
  { snapshots, clock = systemClock }: RunSnapshotNeeds,
  snapshotId: SnapshotId,
  attempt: Attempt,
): Promise<SnapshotJobFacts | null> => {
  const { snapshot, sealedPassword } = await snapshots.getForJob(snapshotId)
  if (snapshot.state === 'dumped' || snapshot.state === 'available') return { snapshot, sealedPassword }
  if (snapshot.state === 'dumping') {
    const isLast = attempt.attempt > attempt.maxAttempts
    const died = new AppError('worker_died', { details: { reason: 'its process was ended or lost the database' } })
    if (isLast) {
      await snapshots.move(snapshotId, 'dumping', 'failed', endedChanges(died, clock), died.message)
      return null
    }
    await snapshots.move(
      snapshotId,
      'dumping',
      'pending',
      { progress: noProgress },
      'The process that captured has ended. It starts again.',
    )
  }
  const entered = await snapshots.move(
    snapshotId,
    'pending',
    'dumping',
    {
      startedAt: snapshot.startedAt ?? clock.now().toISOString(),
      attempt: attempt.attempt,
      nextAttemptAt: null,
      progress: noProgress,
      error: null,
    },
    `Attempt ${attempt.attempt} of ${attempt.maxAttempts} begins.`,
  )
  return entered && { snapshot: entered, sealedPassword }
}

/** Captures and publishes: dumping -> dumped. Null when the snapshot is not `dumping` any more. */
const dump = async (
  { snapshots, jobs, archives, directory, work, secrets, clock = systemClock, log = silentLog }: RunSnapshotNeeds,
  { snapshot, sealedPassword }: SnapshotJobFacts,
  attempt: Attempt,
): Promise<Snapshot | null> => {
  const { snapshotId, organization, userName } = snapshot
  // Cancelling moves the state before it reaches the queue; noticing it here as well stops the work even if the queue never says so.
  const over = new AbortController()
  const signal = AbortSignal.any([attempt.signal, over.signal])
  const sources = await directory.resolve(
    {
      organization,
      userName,
      types: snapshot.type,
      password: sealedPassword === null ? null : secrets.open(sealedPassword, passwordContext(snapshotId)),
    },
    signal,
  )
  const workFolder = await archives.openWorkFolder(snapshotId)
  let last: Progress = noProgress
  const progress = createProgressWriter(
    async (newest) => {
      const isStillOurs = await snapshots.update(snapshotId, 'dumping', { progress: newest })
      if (!isStillOurs) over.abort(new AppError('cancelled', { details: { by: 'request' } }))
      else await jobs.report(attempt.jobId, progressPercentage(newest))
    },
    {
      clock,
      intervalMs: progressIntervalMs,
      onError: (error) => log.error({ snapshotId, error }, 'the progress of a capture could not be written'),
    },
  )
  let outcome: CaptureOutcome
  try {
    outcome = await work.capture(
      {
        snapshotId,
        organization,
        organizationName:
          directory.organizations().find((candidate) => candidate.organization === organization)?.name ?? organization,
        userName,
        types: snapshot.type,
        start: snapshot.start,
        end: snapshot.end,
        requestedAt: snapshot.createdAt,
        requestedBy: snapshot.createdBy,
        sources,
        workFolder,
      },
      (newest) => {
        last = newest
        progress.report(newest)
      },
      signal,
    )
  } finally {
    await progress.settled()
  }
  signal.throwIfAborted()

  const { sizeBytes } = await archives.publish(snapshotId, outcome.archivePath)
  await archives.discardWorkFolder(snapshotId)
  const remarks = outcome.remarks.length === 0 ? '' : ` ${outcome.remarks.join(' ')}`
  return snapshots.move(
    snapshotId,
    'dumping',
    'dumped',
    {
      dumpedAt: clock.now().toISOString(),
      itemCount: outcome.itemCount,
      issueCount: outcome.issueCount,
      archiveName: archiveName(snapshot),
      archiveSizeBytes: sizeBytes,
      rootHash: outcome.rootHash,
      folders: outcome.folders,
      issues: (outcome.issues ?? []).slice(0, issuesShown),
      progress: { ...last, currentFolder: null, bytesPerSecond: null },
    },
    `The archive is complete: ${outcome.itemCount} items.${remarks}`,
  )
}

/** dumped -> available. Null when the snapshot is not `dumped` any more. @throws AppError `archive_missing` */
const finish = async (
  { snapshots, archives, clock = systemClock }: RunSnapshotNeeds,
  { snapshotId }: Snapshot,
): Promise<Snapshot | null> => {
  if (!(await archives.has(snapshotId))) throw new AppError('archive_missing')
  return snapshots.move(
    snapshotId,
    'dumped',
    'available',
    { finishedAt: clock.now().toISOString(), sealedPassword: null, error: null, nextAttemptAt: null },
    'Ready for download.',
  )
}

const succeed = async ({ jobs, log = silentLog }: RunSnapshotNeeds, snapshot: Snapshot): Promise<AttemptOutcome> => {
  // Only a convenience: without it the bodies cannot be searched until somebody calls RebuildStoreIndex.
  if (snapshot.fullTextState === 'none')
    await jobs
      .createJob(fullTextJob(snapshot.snapshotId), { withToken: false })
      .catch((error: unknown) => log.error({ snapshotId: snapshot.snapshotId, error }, 'no full-text job was queued'))
  return { end: 'succeeded', result: snapshot, messages: [] }
}

/** Writes how the attempt ended into the snapshot. False when it was not in this attempt's hands any more. */
const leave = async (
  snapshots: SnapshotStore,
  snapshotId: SnapshotId,
  { attempt }: Attempt,
  end: Exclude<AttemptEnd, { kind: 'taken-over' }>,
  clock: Clock,
): Promise<boolean> => {
  if (end.kind === 'failed') {
    const changes = endedChanges(end.error, clock)
    const failed =
      (await snapshots.move(snapshotId, 'dumping', 'failed', changes, end.error.message)) ??
      (await snapshots.move(snapshotId, 'dumped', 'failed', changes, end.error.message))
    return failed !== null
  }
  const moved =
    end.kind === 'stopping'
      ? await snapshots.move(
          snapshotId,
          'dumping',
          'pending',
          { attempt: attempt - 1, progress: noProgress },
          'The service is stopping. The snapshot starts again with it.',
        )
      : await snapshots.move(
          snapshotId,
          'dumping',
          'pending',
          {
            error: toErrorForm(end.error),
            progress: noProgress,
            nextAttemptAt: new Date(clock.now().getTime() + end.delaySeconds * 1000).toISOString(),
          },
          end.error.message,
        )
  return moved !== null
}

const endedChanges = (error: AppError, clock: Clock) => ({
  error: toErrorForm(error),
  finishedAt: clock.now().toISOString(),
  nextAttemptAt: null,
  sealedPassword: null,
})

/** Removes what the attempt left on disk: the work folder, and an archive that was published and will never be available. */
const clearAway = async (archives: ArchiveStore, snapshotId: SnapshotId): Promise<void> => {
  await archives.discardWorkFolder(snapshotId)
  await archives.remove(snapshotId)
}

const whyOver = async (snapshots: SnapshotStore, snapshotId: SnapshotId): Promise<string> => {
  const snapshot = await snapshots.get(snapshotId).catch((error: unknown) => {
    if (isAppError(error, 'not_found')) return null
    throw error
  })
  return (
    snapshot?.error?.message ?? new AppError('conflict', { details: { state: snapshot?.state ?? 'deleted' } }).message
  )
}
