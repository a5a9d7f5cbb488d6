import { randomUUID } from 'node:crypto'
import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { supportedActions } from '@stillbox/shared/vocabulary/delivery-action.ts'
import { type OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { AccountDirectory, Organization } from '../../ports/account-directory.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { Caller } from '../access/authorize.ts'
import { seesOrganization } from '../access/organization-limit.ts'
import { captureJob, passwordContext } from './snapshot-jobs.ts'

/** What a call that starts a job answers at once. */
export type Queued = { readonly snapshotId: SnapshotId; readonly statusToken: StatusToken }

/**
 * Queues a snapshot. Whether the user exists is found out by the job.
 * @throws AppError `invalid_params` (organization), `source_missing`, `action_unsupported`
 */
export const createSnapshot =
  ({
    jobs,
    directory,
    secrets,
  }: {
    readonly jobs: JobQueue
    readonly directory: AccountDirectory
    readonly secrets: Secrets
  }) =>
  async (params: Params<'CreateSnapshot'>, caller: Caller): Promise<Queued> => {
    if (!supportedActions.has(params.action))
      throw new AppError('action_unsupported', { details: { action: params.action } })
    const { organization, types } = chooseOrganization(
      directory.organizations().filter(({ organization: candidate }) => seesOrganization(caller, candidate)),
      params.organization,
    )
    const missing = params.type.find((type) => !types.includes(type))
    if (missing !== undefined) throw new AppError('source_missing', { details: { organization, type: missing } })

    const snapshotId = SnapshotId.parse(randomUUID())
    const { statusToken } = await jobs.createSnapshotJob(
      {
        snapshotId,
        organization,
        userName: params.userName,
        types: params.type,
        action: params.action,
        start: params.start ?? null,
        end: params.end ?? null,
        createdBy: caller.userName,
        sealedPassword:
          params.password === undefined ? null : secrets.seal(params.password, passwordContext(snapshotId)),
      },
      captureJob(directory, snapshotId, organization),
    )
    return { snapshotId, statusToken }
  }

const chooseOrganization = (
  organizations: readonly Organization[],
  wanted: OrganizationId | undefined,
): Organization => {
  const known = organizations.map((candidate) => candidate.organization).join(', ')
  const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })
  if (organizations.length === 0) throw refuse('no organization is configured yet, or none is open to this account')
  if (wanted === undefined) {
    if (organizations.length > 1) throw refuse(`organization is needed, as there are several: ${known}`)
    return organizations[0]!
  }
  const found = organizations.find((candidate) => candidate.organization === wanted)
  if (!found) throw refuse(`there is no organization “${wanted}”; there is: ${known}`)
  return found
}
