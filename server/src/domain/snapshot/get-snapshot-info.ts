import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { snapshotsSeenBy } from '../access/organization-limit.ts'

/** How many issues are kept with a snapshot and shown; the archive lists them all. */
export const issuesShown = 200

/** @throws AppError `not_found` */
export const getSnapshotInfo =
  ({ snapshots }: { readonly snapshots: SnapshotStore }) =>
  async ({ snapshotId }: Params<'GetSnapshotInfo'>, caller: Caller): Promise<Result<'GetSnapshotInfo'>> => {
    const seen = snapshotsSeenBy(caller, snapshots)
    const [snapshot, { folders, issues, messages }] = await Promise.all([
      seen.get(snapshotId),
      seen.details(snapshotId),
    ])
    return {
      ...snapshot,
      folders: [...folders],
      issues: issues.slice(0, issuesShown),
      messages: messages.map(({ at, text }) => ({ at, text })),
    }
  }
