import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { type SnapshotState, snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { SnapshotFilter, SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { snapshotsSeenBy } from '../access/organization-limit.ts'

/** @throws AppError `invalid_params` for a `before` that is none. */
export const listSnapshots =
  ({ snapshots }: { readonly snapshots: SnapshotStore }) =>
  async (
    { state, userName, organization, limit, before }: Params<'GetSnapshots'>,
    caller: Caller,
  ): Promise<Result<'GetSnapshots'>> => {
    const seen = snapshotsSeenBy(caller, snapshots)
    const states = state === 'all' ? snapshotStates.filter((candidate) => candidate !== 'deleted') : [state]
    const filter: SnapshotFilter = {
      states,
      userName,
      organizations: organization === undefined ? undefined : [organization],
    }
    const [page, counts] = await Promise.all([seen.page(filter, { limit, before }), seen.countByState(filter)])
    const totalByState = Object.fromEntries(
      snapshotStates.map((candidate) => [candidate, counts[candidate] ?? 0]),
    ) as Record<SnapshotState, number>
    return {
      snapshots: [...page.snapshots],
      total: states.reduce((sum, candidate) => sum + totalByState[candidate], 0),
      totalByState,
      next: page.next,
    }
  }
