import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { ArchiveWork } from '../../ports/capture.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { Delivered } from '../../ports/delivery.ts'
import type { Attempt, AttemptOutcome, JobQueue } from '../../ports/job-queue.ts'
import type { SnapshotChanges, SnapshotJobFacts, SnapshotStore } from '../../ports/snapshot-store.ts'
import type { NoteAudit } from '../audit/audit-trail.ts'
import { remoteNameOf } from '../delivery/file-name.ts'
import { findRoute, type RouteNeeds } from '../delivery/find-route.ts'
import { type AttemptEnd, endOf, failedWith, outcomeOf, retryDelaysSeconds } from '../job/attempt-end.ts'
import { type Log, silentLog } from '../job/log.ts'
import { createProgressWriter } from '../job/progress.ts'
import { endedChanges, isHeldBy, whyOver } from './attempt-steps.ts'
import { expiryOf, type Retention } from './retention.ts'
import { fullTextJob } from './snapshot-jobs.ts'

const progressIntervalMs = 1_000

export type RunDeliveryNeeds = RouteNeeds & {
  readonly snapshots: SnapshotStore
  readonly jobs: JobQueue
  readonly archives: ArchiveStore
  readonly work: ArchiveWork
  readonly retention: Retention
  /** Told of every upload that arrived or was given up. */
  readonly note: NoteAudit
  readonly clock?: Clock
  readonly log?: Log
  /** Waits before the second, third … attempt. */
  readonly delaysSeconds?: readonly number[]
}

/**
 * One attempt at a delivery: dumped -> uploading -> available, each move by compare-and-set. The archive is complete when it begins and
 * stays in the store whatever becomes of it, for as long as the retention says, so that a failed delivery can be tried again alone. What an attempt has uploaded stays at the
 * server under another name, and the next one goes on there.
 */
export const runDelivery = (needs: RunDeliveryNeeds) => {
  const { snapshots, log = silentLog, delaysSeconds = retryDelaysSeconds } = needs

  return async (attempt: Attempt): Promise<AttemptOutcome> => {
    const snapshotId = attempt.snapshotId
    if (snapshotId === null) throw new Error('a delivery without a snapshot')
    const facts = await enter(needs, snapshotId, attempt)
    if (facts === null) return failedWith(await whyOver(snapshots, snapshotId))
    if (facts.snapshot.state === 'available') return succeed(needs, facts.snapshot)

    // Only the work is judged here. What fails in writing its outcome down is the caller's to try again.
    let delivered: Delivered
    try {
      delivered = await deliver(needs, facts, attempt)
    } catch (error) {
      const end = endOf(error, attempt, delaysSeconds)
      if (end.kind === 'failed' && end.error.code === 'internal')
        log.error({ jobId: attempt.jobId, snapshotId, error }, 'a delivery failed unexpectedly')
      return leave(needs, snapshotId, attempt, end)
    }
    // An attempt that was stuck for long and taken over leaves the last word to the other, which finds the file there.
    if (!isHeldBy(await snapshots.get(snapshotId), 'uploading', attempt))
      return leave(needs, snapshotId, attempt, { kind: 'taken-over' })
    // Before the row says so: an upload that could not be noted is looked at again, and what has arrived is noted then.
    await needs.note(noteOf(facts.snapshot, { deliveredPath: delivered.path, sha256: delivered.sha256 ?? null }))
    const available = await publish(needs, facts, delivered)
    return available ? succeed(needs, available) : leave(needs, snapshotId, attempt, { kind: 'taken-over' })
  }
}

/** Takes the snapshot into this attempt. Null when there is nothing left to do for it. */
const enter = async (
  needs: RunDeliveryNeeds,
  snapshotId: SnapshotId,
  attempt: Attempt,
): Promise<SnapshotJobFacts | null> => {
  const { snapshots, retention, clock = systemClock } = needs
  const facts = await snapshots.getForJob(snapshotId)
  const { state, action, archiveSizeBytes } = facts.snapshot
  if (state === 'available') return facts
  const isLast = attempt.attempt > attempt.maxAttempts
  if (isLast && (state === 'uploading' || state === 'dumped')) {
    const died = new AppError('worker_died', { details: { reason: 'its process was ended or lost the database' } })
    const ended = endedChanges(died, clock)
    const changes = { ...ended, expiresAt: expiryOf(retention, action, new Date(ended.finishedAt)) }
    const failed = await snapshots.move(snapshotId, state, 'failed', changes, died.message)
    if (failed) await noteFailed(needs, failed, died)
    return null
  }
  if (state === 'uploading')
    await snapshots.move(snapshotId, 'uploading', 'dumped', {}, 'The process that uploaded has ended. It goes on.')
  const entered = await snapshots.move(
    snapshotId,
    'dumped',
    'uploading',
    {
      attempt: attempt.attempt,
      nextAttemptAt: null,
      error: null,
      delivered: { bytesDone: 0, bytesExpected: archiveSizeBytes, bytesPerSecond: null },
    },
    `Upload, attempt ${attempt.attempt} of ${attempt.maxAttempts} begins.`,
  )
  return entered && { ...facts, snapshot: entered }
}

/** Uploads; settled when nothing is sent any more. */
const deliver = async (
  needs: RunDeliveryNeeds,
  { snapshot, delivery }: SnapshotJobFacts,
  attempt: Attempt,
): Promise<Delivered> => {
  const { snapshots, jobs, archives, work, clock = systemClock, log = silentLog } = needs
  const { snapshotId } = snapshot
  if (delivery === null) throw new Error('a delivery to nowhere')
  // Cancelling moves the state before it reaches the queue; noticing it here as well stops the upload even if the queue never says so.
  const over = new AbortController()
  const { spec, template, server } = await findRoute(needs, snapshot, delivery)
  const isOurs = await snapshots.update(snapshotId, 'uploading', { delivered: server })
  if (!isOurs) throw cancelled()
  if (!(await archives.has(snapshotId))) throw new AppError('archive_missing')
  const progress = createProgressWriter(
    async (newest) => {
      const { bytesDone, bytesExpected, bytesPerSecond } = newest
      const isStillOurs = await snapshots.update(snapshotId, 'uploading', {
        delivered: { bytesDone, bytesExpected, bytesPerSecond },
      })
      if (!isStillOurs) over.abort(cancelled())
      else await jobs.report(attempt.jobId, progressPercentage(newest))
    },
    {
      clock,
      intervalMs: progressIntervalMs,
      onError: (error) => log.error({ snapshotId, error }, 'the progress of an upload could not be written'),
    },
  )
  return work
    .deliver(
      { archivePath: archives.archivePath(snapshotId), destination: spec, ...remoteNameOf(template, snapshot) },
      progress.report,
      AbortSignal.any([attempt.signal, over.signal]),
    )
    .finally(progress.settled)
}

const noteOf = (
  { snapshotId, organization, userName, delivery, archiveSizeBytes }: Snapshot,
  details: Readonly<Record<string, string | null>>,
) => ({
  action: 'snapshot.deliver' as const,
  target: snapshotId,
  organization,
  details: {
    userName,
    protocol: delivery?.protocol ?? null,
    destination: delivery?.destinationName ?? null,
    host: delivery?.host ?? null,
    port: delivery?.port ?? null,
    bytes: archiveSizeBytes,
    ...details,
  },
})

/** The row tells it, too: for want of an entry nothing fails that has failed already. */
const noteFailed = async (
  { note, log = silentLog }: RunDeliveryNeeds,
  snapshot: Snapshot,
  { code }: AppError,
): Promise<void> => {
  await note({ ...noteOf(snapshot, {}), outcome: 'failed', code }).catch((error: unknown) =>
    log.error({ snapshotId: snapshot.snapshotId, error }, 'a failed delivery could not be noted'),
  )
}

const cancelled = () => new AppError('cancelled', { details: { by: 'request' } })

/** uploading -> available, in one step with what is to become of the archive here: the file follows. Null when it was cancelled. */
const publish = (
  { snapshots, retention, clock = systemClock }: RunDeliveryNeeds,
  { snapshot, delivery }: SnapshotJobFacts,
  { path, sha256 }: Delivered,
): Promise<Snapshot | null> => {
  const now = clock.now()
  const isStored = !delivery?.deletesLocal
  const checked = sha256 === undefined ? 'Its size was compared.' : 'The server’s checksum is the same.'
  const sizeBytes = snapshot.archiveSizeBytes ?? 0
  return snapshots.move(
    snapshot.snapshotId,
    'uploading',
    'available',
    {
      finishedAt: now.toISOString(),
      error: null,
      isStored,
      expiresAt: isStored ? expiryOf(retention, snapshot.action, now) : null,
      delivered: {
        bytesDone: sizeBytes,
        bytesExpected: sizeBytes,
        bytesPerSecond: null,
        deliveredPath: path,
        sha256: sha256 ?? null,
        deliveredAt: now.toISOString(),
      },
    },
    `Delivered. ${checked}${isStored ? '' : ' The archive here is deleted.'}`,
  )
}

/** Takes what steps are left; also for an attempt that finds the snapshot available, since another died right after that. */
const succeed = async (
  { jobs, archives, log = silentLog }: RunDeliveryNeeds,
  snapshot: Snapshot,
): Promise<AttemptOutcome> => {
  const { snapshotId, isStored, fullTextState } = snapshot
  try {
    if (!isStored) await archives.remove(snapshotId)
    else if (fullTextState === 'none') await jobs.createJob(fullTextJob(snapshotId), { withToken: false })
  } catch (error) {
    // It was delivered all the same. What is left is swept at the next start; the text can be indexed by RebuildStoreIndex.
    log.error({ snapshotId, error }, 'after a delivery the store could not be put in order')
  }
  return { end: 'succeeded', result: snapshot, messages: [] }
}

/** Ends an attempt that has not delivered. Nothing is removed: neither the archive here, nor what has arrived there. */
const leave = async (
  needs: RunDeliveryNeeds,
  snapshotId: SnapshotId,
  attempt: Attempt,
  end: AttemptEnd,
): Promise<AttemptOutcome> => {
  const { snapshots } = needs
  const found = await snapshots.get(snapshotId)
  const isOurs = end.kind !== 'taken-over' && isHeldBy(found, 'uploading', attempt)
  const left = isOurs && (await snapshots.move(snapshotId, 'uploading', ...stepOf(end, attempt, found, needs)))
  if (left) {
    if (end.kind === 'failed') await noteFailed(needs, left, end.error)
    return outcomeOf(end)
  }
  const { state } = await snapshots.get(snapshotId)
  return state === 'failed' || state === 'deleted'
    ? failedWith(await whyOver(snapshots, snapshotId))
    : { end: 'give-back' }
}

const stepOf = (
  end: Exclude<AttemptEnd, { kind: 'taken-over' }>,
  { attempt }: Attempt,
  { action }: Snapshot,
  { retention, clock = systemClock }: RunDeliveryNeeds,
): [to: SnapshotState, changes: SnapshotChanges, message: string] => {
  const stopped = { delivered: { bytesPerSecond: null } }
  if (end.kind === 'failed') {
    const isMissing = end.error.code === 'archive_missing'
    const ended = endedChanges(end.error, clock)
    const kept = isMissing
      ? { isStored: false }
      : { expiresAt: expiryOf(retention, action, new Date(ended.finishedAt)) }
    return ['failed', { ...stopped, ...ended, ...kept }, end.error.message]
  }
  if (end.kind === 'stopping')
    return ['dumped', { ...stopped, attempt: attempt - 1 }, 'The service is stopping. The upload goes on with it.']
  const nextAttemptAt = new Date(clock.now().getTime() + end.delaySeconds * 1000).toISOString()
  return ['dumped', { ...stopped, error: toErrorForm(end.error), nextAttemptAt }, end.error.message]
}
