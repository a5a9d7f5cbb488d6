import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress, type Progress, progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { AccountDirectory } from '../../ports/account-directory.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { ArchiveWork, CaptureOutcome } from '../../ports/capture.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { Attempt, AttemptOutcome, JobQueue } from '../../ports/job-queue.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { SnapshotChanges, SnapshotJobFacts, SnapshotStore } from '../../ports/snapshot-store.ts'
import { type AttemptEnd, endOf, failedWith, outcomeOf, retryDelaysSeconds } from '../job/attempt-end.ts'
import { type Log, silentLog } from '../job/log.ts'
import { createProgressWriter } from '../job/progress.ts'
import { archiveName } from './archive-name.ts'
import { endedChanges, isHeldBy, notOurs, whyOver } from './attempt-steps.ts'
import { issuesShown } from './get-snapshot-info.ts'
import { expiryOf, type Retention } from './retention.ts'
import { deliverJob, fullTextJob, passwordContext } from './snapshot-jobs.ts'

const progressIntervalMs = 1_000

export type RunSnapshotNeeds = {
  readonly snapshots: SnapshotStore
  readonly jobs: JobQueue
  readonly archives: ArchiveStore
  readonly directory: AccountDirectory
  readonly work: ArchiveWork
  readonly secrets: Secrets
  readonly retention: Retention
  readonly clock?: Clock
  readonly log?: Log
  /** Waits before the second, third … attempt. */
  readonly delaysSeconds?: readonly number[]
}

/**
 * One attempt at a capture: pending -> dumping -> dumped, and for download -> available, each move by compare-and-set, so that whoever
 * cancelled or deleted meanwhile wins. What is to be delivered stays dumped, and the job goes on as a delivery.
 *
 * The archive is published while the state is still `dumping`, where nobody can download it. A process that dies before the move to
 * `dumped` leaves an archive that the next attempt replaces; one that dies after it leaves a row that has all there is to know, and the next
 * attempt only takes the last step.
 */
export const runSnapshot = (needs: RunSnapshotNeeds) => {
  const { snapshots, log = silentLog, delaysSeconds = retryDelaysSeconds } = needs

  return async (attempt: Attempt): Promise<AttemptOutcome> => {
    const snapshotId = attempt.snapshotId
    if (snapshotId === null) throw new Error('a capture without a snapshot')
    const facts = await enter(needs, snapshotId, attempt)
    if (facts === null) {
      await clearAwayIfOver(needs, snapshotId)
      return failedWith(await whyOver(snapshots, snapshotId))
    }
    if (facts.snapshot.state === 'available') return succeed(needs, facts.snapshot)
    if (facts.snapshot.state === 'dumped') return finish(needs, facts.snapshot)

    // Only the work is judged here. What fails in writing its outcome down is the caller's to try again.
    let captured: Captured
    try {
      captured = await capture(needs, facts, attempt)
    } catch (error) {
      const end = endOf(error, attempt, delaysSeconds)
      if (end.kind === 'failed' && end.error.code === 'internal')
        log.error({ jobId: attempt.jobId, snapshotId, error }, 'a capture failed unexpectedly')
      return leave(needs, snapshotId, attempt, end)
    }
    const dumped = await snapshots.move(snapshotId, 'dumping', 'dumped', captured.changes, captured.message)
    return dumped ? finish(needs, dumped) : leave(needs, snapshotId, attempt, { kind: 'taken-over' })
  }
}

/** Takes the snapshot into this attempt. Null when there is nothing left to do for it. */
const enter = async (
  { snapshots, clock = systemClock }: RunSnapshotNeeds,
  snapshotId: SnapshotId,
  attempt: Attempt,
): Promise<SnapshotJobFacts | null> => {
  const facts = await snapshots.getForJob(snapshotId)
  const { snapshot } = facts
  if (snapshot.state === 'dumped' || snapshot.state === 'available') return facts
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
  return entered && { ...facts, snapshot: entered }
}

type Captured = { readonly changes: SnapshotChanges; readonly message: string }

/** Captures and publishes; what it answers is to be written with the move to `dumped`. */
const capture = async (
  { snapshots, jobs, archives, directory, work, secrets, clock = systemClock, log = silentLog }: RunSnapshotNeeds,
  { snapshot, sealedPassword }: SnapshotJobFacts,
  attempt: Attempt,
): Promise<Captured> => {
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
  // An attempt that was stuck for long and taken over must not put its archive in the place of the other's.
  if (!isHeldBy(await snapshots.get(snapshotId), 'dumping', attempt)) throw notOurs()

  const { sizeBytes } = await archives.publish(snapshotId, outcome.archivePath)
  return {
    changes: {
      dumpedAt: clock.now().toISOString(),
      itemCount: outcome.itemCount,
      issueCount: outcome.issueCount,
      archiveName: archiveName(snapshot),
      archiveSizeBytes: sizeBytes,
      isStored: true,
      // The source is not asked again, neither for the rest of this attempt nor for a retry of the delivery alone.
      sealedPassword: null,
      rootHash: outcome.rootHash,
      folders: outcome.folders,
      issues: (outcome.issues ?? []).slice(0, issuesShown),
      progress: { ...last, currentFolder: null, bytesPerSecond: null },
    },
    message: [`The archive is complete: ${outcome.itemCount} items.`, ...outcome.remarks].join(' '),
  }
}

/** dumped -> available, and the job with it; what is to be delivered goes on as a delivery. */
const finish = async (needs: RunSnapshotNeeds, snapshot: Snapshot): Promise<AttemptOutcome> => {
  const { snapshots, archives, retention, clock = systemClock } = needs
  const { snapshotId, action, delivery } = snapshot
  await archives.discardWorkFolder(snapshotId)
  if (!(await archives.has(snapshotId))) {
    const missing = new AppError('archive_missing')
    const changes = { ...endedChanges(missing, clock), isStored: false }
    await snapshots.move(snapshotId, 'dumped', 'failed', changes, missing.message)
    return failedWith(missing.message)
  }
  if (delivery !== null) return { end: 'go-on', as: deliverJob(snapshotId, delivery.host) }
  const now = clock.now()
  const available = await snapshots.move(
    snapshotId,
    'dumped',
    'available',
    {
      finishedAt: now.toISOString(),
      isStored: true,
      expiresAt: expiryOf(retention, action, now),
      sealedPassword: null,
      error: null,
      nextAttemptAt: null,
    },
    'Ready for download.',
  )
  if (available) return succeed(needs, available)
  await clearAwayIfOver(needs, snapshotId)
  return failedWith(await whyOver(snapshots, snapshotId))
}

const succeed = async ({ jobs, log = silentLog }: RunSnapshotNeeds, snapshot: Snapshot): Promise<AttemptOutcome> => {
  // Only a convenience: without it the bodies cannot be searched until somebody calls RebuildStoreIndex.
  if (snapshot.fullTextState === 'none')
    await jobs
      .createJob(fullTextJob(snapshot.snapshotId), { withToken: false })
      .catch((error: unknown) => log.error({ snapshotId: snapshot.snapshotId, error }, 'no full-text job was queued'))
  return { end: 'succeeded', result: snapshot, messages: [] }
}

/** Ends an attempt without an archive: the state first, then the files, since only the state tells whether they are this attempt's. */
const leave = async (
  needs: RunSnapshotNeeds,
  snapshotId: SnapshotId,
  attempt: Attempt,
  end: AttemptEnd,
): Promise<AttemptOutcome> => {
  const { snapshots, archives, clock = systemClock } = needs
  const isOurs = end.kind !== 'taken-over' && isHeldBy(await snapshots.get(snapshotId), 'dumping', attempt)
  const left = isOurs && (await snapshots.move(snapshotId, 'dumping', ...stepOf(end, attempt, clock)))
  if (left) {
    await clearAway(archives, snapshotId)
    return outcomeOf(end)
  }
  const isOver = await clearAwayIfOver(needs, snapshotId)
  return isOver ? failedWith(await whyOver(snapshots, snapshotId)) : { end: 'give-back' }
}

const stepOf = (
  end: Exclude<AttemptEnd, { kind: 'taken-over' }>,
  { attempt }: Attempt,
  clock: Clock,
): [to: SnapshotState, changes: SnapshotChanges, message: string] => {
  if (end.kind === 'failed') return ['failed', endedChanges(end.error, clock), end.error.message]
  if (end.kind === 'stopping')
    return [
      'pending',
      { attempt: attempt - 1, progress: noProgress },
      'The service is stopping. The snapshot starts again with it.',
    ]
  return [
    'pending',
    {
      error: toErrorForm(end.error),
      progress: noProgress,
      nextAttemptAt: new Date(clock.now().getTime() + end.delaySeconds * 1000).toISOString(),
    },
    end.error.message,
  ]
}

/** Removes what the attempt left on disk: the work folder, and an archive that was published before its row could tell of it. */
const clearAway = async (archives: ArchiveStore, snapshotId: SnapshotId): Promise<void> => {
  await archives.discardWorkFolder(snapshotId)
  await archives.remove(snapshotId)
}

/** After a cancel or delete nobody else comes for the files; in any other state they belong to another attempt. Answers whether it is over. */
const clearAwayIfOver = async ({ snapshots, archives }: RunSnapshotNeeds, snapshotId: SnapshotId): Promise<boolean> => {
  const { state, isStored } = await snapshots.get(snapshotId)
  const isOver = state === 'failed' || state === 'deleted'
  // One that was cancelled after its archive was complete keeps it: it can be downloaded, and a retry only takes the last step.
  if (isOver && isStored) await archives.discardWorkFolder(snapshotId)
  else if (isOver) await clearAway(archives, snapshotId)
  return isOver
}
