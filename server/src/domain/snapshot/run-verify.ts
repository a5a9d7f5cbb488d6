import type { Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import { systemClock } from '../../ports/clock.ts'
import type { Attempt, AttemptOutcome } from '../../ports/job-queue.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import { endOf, outcomeOf, retryDelaysSeconds } from '../job/attempt-end.ts'
import { silentLog } from '../job/log.ts'
import { createProgressWriter } from '../job/progress.ts'
import type { ArchiveAttemptNeeds } from './archive-attempt.ts'
import { requireArchive } from './require-archive.ts'

/** Marks the snapshot, unless it is at work again or gone. */
const noteVerified = async (snapshots: SnapshotStore, snapshotId: SnapshotId, at: string, isGood: boolean) => {
  for (const state of ['available', 'failed'] as const)
    await snapshots.update(snapshotId, state, { lastVerifiedAt: at, lastVerifiedOk: isGood })
}

const faultsListed = 1_000

/** One attempt at verifying an archive. A damaged one is a result; it stays available, and is marked. */
export const runVerify =
  ({
    snapshots,
    jobs,
    archives,
    work,
    clock = systemClock,
    log = silentLog,
    delaysSeconds = retryDelaysSeconds,
  }: ArchiveAttemptNeeds) =>
  async (attempt: Attempt): Promise<AttemptOutcome> => {
    const { snapshotId, jobId } = attempt
    if (snapshotId === null) throw new Error('a verification without a snapshot')
    const progress = createProgressWriter((newest) => jobs.report(jobId, progressPercentage(newest)), {
      clock,
      intervalMs: 1_000,
      onError: (error) => log.error({ jobId, error }, 'the progress of a verification could not be written'),
    })
    try {
      const snapshot = await snapshots.get(snapshotId)
      requireArchive(snapshot, 'verify')
      if (!(await archives.has(snapshotId))) throw new AppError('archive_missing')
      const { ok, itemCount, rootHash, faults } = await work
        .verify(archives.archivePath(snapshotId), progress.report, attempt.signal)
        .finally(progress.settled)
      // The archive may be whole and still not the one the database knows.
      const isTheKnownOne = !ok || snapshot.rootHash === null || snapshot.rootHash === rootHash
      const allFaults = isTheKnownOne
        ? faults
        : [
            ...faults,
            {
              entry: 'stillbox.json',
              code: 'root_differs',
              text: 'The archive is whole, but it is not the one that was made for this snapshot.',
            },
          ]
      const isGood = ok && isTheKnownOne
      await noteVerified(snapshots, snapshotId, clock.now().toISOString(), isGood)
      const result: Result<'VerifySnapshot'> = {
        snapshotId,
        ok: isGood,
        itemCount,
        rootHash,
        faults: allFaults.slice(0, faultsListed).map((fault) => ({ ...fault })),
      }
      return {
        end: 'succeeded',
        result,
        messages: isGood ? [] : [{ type: 'warning', text: `The archive is damaged: ${allFaults.length} faults.` }],
      }
    } catch (error) {
      const end = endOf(error, attempt, delaysSeconds)
      if (end.kind === 'failed') {
        if (end.error.code === 'internal') log.error({ jobId, snapshotId, error }, 'a verification failed unexpectedly')
        if (end.error.code === 'archive_missing')
          await noteVerified(snapshots, snapshotId, clock.now().toISOString(), false)
      }
      return outcomeOf(end)
    }
  }
