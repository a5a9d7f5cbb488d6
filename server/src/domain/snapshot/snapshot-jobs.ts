import type { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { AccountDirectory } from '../../ports/account-directory.ts'
import type { NewJob } from '../../ports/job-queue.ts'

/** Captures of one mail host run at most as many at a time as its organization allows, over all processes. */
export const captureJob = (
  directory: AccountDirectory,
  snapshotId: SnapshotId,
  organization: OrganizationId,
): NewJob => {
  const found = directory.organizations().find((candidate) => candidate.organization === organization)
  return {
    kind: 'capture',
    snapshotId,
    // An organization that has left the configuration: the job says so when it runs.
    group: found?.limitGroup ?? organization,
    groupLimit: found?.maxCapturesAtOnce ?? 1,
    priority: 10,
  }
}

/** Uploads to one host at a time, over all processes: a server takes a few connections well, and many badly. */
const deliveriesToOneHost = 4

export const deliverJob = (snapshotId: SnapshotId, host: string): NewJob => ({
  kind: 'deliver',
  snapshotId,
  group: `destination ${host}`,
  groupLimit: deliveriesToOneHost,
  priority: 10,
})

export const verifyJob = (snapshotId: SnapshotId): NewJob => ({
  kind: 'verify',
  snapshotId,
  group: null,
  groupLimit: 1,
  priority: 5,
})

/** Exports of one snapshot run one after the other, like everything of one kind. */
export const exportJob = (snapshotId: SnapshotId): NewJob => ({
  kind: 'export',
  snapshotId,
  group: null,
  groupLimit: 1,
  priority: 5,
})

/** Of one archive, or with null of the whole store. */
export const fullTextJob = (snapshotId: SnapshotId | null): NewJob => ({
  kind: 'full-text',
  snapshotId,
  group: null,
  groupLimit: 1,
  priority: 0,
})

/** Ties a sealed password to its snapshot: copied to another row it cannot be opened. */
export const passwordContext = (snapshotId: SnapshotId): string => `password of snapshot ${snapshotId}`
