import type { Params } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { AccountDirectory } from '../../ports/account-directory.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { getSeenBy } from '../access/organization-limit.ts'
import type { Queued } from './create-snapshot.ts'
import { captureJob, deliverJob, passwordContext } from './snapshot-jobs.ts'

/**
 * Starts a failed snapshot again: where its archive is complete, only what comes after that; else from the beginning.
 * @throws AppError `not_found`, `conflict`
 */
export const retrySnapshot =
  ({
    snapshots,
    jobs,
    directory,
    secrets,
  }: {
    readonly snapshots: SnapshotStore
    readonly jobs: JobQueue
    readonly directory: AccountDirectory
    readonly secrets: Secrets
  }) =>
  async ({ snapshotId, password }: Params<'RetrySnapshot'>, caller: Caller): Promise<Queued> => {
    const snapshot = await getSeenBy(caller, snapshots)(snapshotId)
    if (!snapshotCan.retry(snapshot)) throw new AppError('conflict', { details: { state: snapshot.state } })
    const { organization, delivery, isStored } = snapshot
    const queued = isStored
      ? await jobs.retrySnapshotJob(
          snapshotId,
          'dumped',
          null,
          delivery ? deliverJob(snapshotId, delivery.host) : captureJob(directory, snapshotId, organization),
        )
      : await jobs.retrySnapshotJob(
          snapshotId,
          'pending',
          password === undefined ? null : secrets.seal(password, passwordContext(snapshotId)),
          captureJob(directory, snapshotId, organization),
        )
    if (queued === null) throw new AppError('conflict', { details: { state: (await snapshots.get(snapshotId)).state } })
    return { snapshotId, statusToken: queued.statusToken }
  }
