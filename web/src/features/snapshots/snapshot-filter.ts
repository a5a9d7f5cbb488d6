import { GetSnapshotsParams } from '@stillbox/shared/contract/snapshot-methods.ts'
import { z } from 'zod'

/**
 * What the list shows: the address bar, the query key and the method's parameters are this one schema. What an edited
 * or outdated link gets wrong falls back instead of failing the page.
 */
export const SnapshotFilter = GetSnapshotsParams.extend({
  state: GetSnapshotsParams.shape.state.catch('all').default('all'),
  userName: GetSnapshotsParams.shape.userName.catch(undefined).optional(),
  organization: GetSnapshotsParams.shape.organization.catch(undefined).optional(),
  limit: z.coerce.number().int().min(1).max(500).catch(50).default(50),
  before: GetSnapshotsParams.shape.before.catch(undefined).optional(),
})
export type SnapshotFilter = z.output<typeof SnapshotFilter>

/** What is left out of the address because it goes without saying. */
export const noFilter = { state: 'all', limit: 50 } as const

export const isFiltered = ({ state, userName, organization }: SnapshotFilter): boolean =>
  state !== 'all' || Boolean(userName) || organization !== undefined
