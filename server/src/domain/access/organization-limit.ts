import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Account } from '../../ports/account-store.ts'
import type { SnapshotFilter, SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from './authorize.ts'

export type Limited = Pick<Caller, 'organizations'>

export const seesOrganization = ({ organizations }: Limited, organization: OrganizationId): boolean =>
  organizations === null || organizations.includes(organization)

/** Whoever has all organizations is beyond the reach of those who have some. */
export const reachesAccount = ({ organizations }: Limited, account: Pick<Account, 'organizations'>): boolean =>
  organizations === null ||
  (account.organizations?.every((organization) => organizations.includes(organization)) ?? false)

/** What is for callers of all organizations only. @throws AppError `forbidden` */
export const requireAllOrganizations = ({ organizations }: Limited): void => {
  if (organizations !== null) throw new AppError('forbidden', { details: { access: 'all organizations' } })
}

const narrowed = <Filter extends Pick<SnapshotFilter, 'organizations'>>(filter: Filter, { organizations }: Limited) =>
  organizations === null
    ? filter
    : {
        ...filter,
        organizations: filter.organizations?.filter((one) => organizations.includes(one)) ?? organizations,
      }

type Readable = Pick<SnapshotStore, 'get'>

/** One snapshot, if the caller may know of it. @throws AppError `not_found`, alike for one that does not exist */
export const getSeenBy =
  (caller: Limited, snapshots: Readable): SnapshotStore['get'] =>
  async (snapshotId) => {
    const snapshot = await snapshots.get(snapshotId)
    if (!seesOrganization(caller, snapshot.organization))
      throw new AppError('not_found', { details: { what: 'snapshot' } })
    return snapshot
  }

/** The store as a caller sees it: what is of other organizations does not exist. Use cases of callers go through it. */
export const snapshotsSeenBy = (caller: Limited, snapshots: SnapshotStore): SnapshotStore => {
  const get = getSeenBy(caller, snapshots)
  return {
    ...snapshots,
    get,
    page: (filter, page) => snapshots.page(narrowed(filter, caller), page),
    countByState: (filter) => snapshots.countByState(narrowed(filter, caller)),
    archiveUsage: (filter) => snapshots.archiveUsage(narrowed(filter, caller)),
    getForJob: async (snapshotId) => {
      await get(snapshotId)
      return snapshots.getForJob(snapshotId)
    },
    details: async (snapshotId) => {
      await get(snapshotId)
      return snapshots.details(snapshotId)
    },
    move: async (snapshotId, ...move) => {
      await get(snapshotId)
      return snapshots.move(snapshotId, ...move)
    },
    update: async (snapshotId, ...update) => {
      await get(snapshotId)
      return snapshots.update(snapshotId, ...update)
    },
  }
}
