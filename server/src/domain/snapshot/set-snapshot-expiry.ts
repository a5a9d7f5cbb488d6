import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { snapshotsSeenBy } from '../access/organization-limit.ts'
import { requireArchive } from './require-archive.ts'

/** @throws AppError `not_found`, `conflict`, `archive_elsewhere`, `invalid_params` for an instant that has passed */
export const setSnapshotExpiry =
  ({ snapshots, clock = systemClock }: { readonly snapshots: SnapshotStore; readonly clock?: Clock }) =>
  async (
    { snapshotId, expiresAt = null }: Params<'SetSnapshotExpiry'>,
    caller: Caller,
  ): Promise<Result<'SetSnapshotExpiry'>> => {
    if (expiresAt !== null && expiresAt <= clock.now().toISOString())
      throw new AppError('invalid_params', { details: { reason: 'expiresAt is not later than now' } })
    const seen = snapshotsSeenBy(caller, snapshots)
    const before = await seen.get(snapshotId)
    requireArchive(before, 'expire')
    const message =
      expiresAt === null
        ? `The archive does not expire: set by ${caller.userName}.`
        : `The archive expires at ${expiresAt}: set by ${caller.userName}.`
    const isWritten = await seen.update(snapshotId, before.state, { expiresAt }, message)
    const snapshot = await seen.get(snapshotId)
    if (!isWritten) throw new AppError('conflict', { details: { state: snapshot.state } })
    return snapshot
  }
