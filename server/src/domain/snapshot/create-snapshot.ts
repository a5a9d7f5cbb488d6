import { randomUUID } from 'node:crypto'
import type { Params } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { AccountDirectory, Organization } from '../../ports/account-directory.ts'
import type { CheckHost } from '../../ports/delivery.ts'
import type { DestinationStore } from '../../ports/destination-store.ts'
import type { JobQueue } from '../../ports/job-queue.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { NewDelivery } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { seesOrganization } from '../access/organization-limit.ts'
import { findSeenDestination, takesFrom, unknownDestination } from '../delivery/destination-limit.ts'
import { serverOfSaved, serverOfTarget } from '../delivery/find-route.ts'
import { captureJob, passwordContext } from './snapshot-jobs.ts'

/** What a call that starts a job answers at once. */
export type Queued = { readonly snapshotId: SnapshotId; readonly statusToken: StatusToken }

/**
 * Queues a snapshot. Whether the user exists is found out by the job.
 * @throws AppError `invalid_params` (organization, destination), `source_missing`, `not_found` (destination), `destination_not_allowed`,
 * `destination_forbidden`
 */
export const createSnapshot =
  ({
    jobs,
    directory,
    secrets,
    destinations,
    checkHost,
  }: {
    readonly jobs: JobQueue
    readonly destinations: Pick<DestinationStore, 'find'>
    readonly checkHost: CheckHost
    readonly directory: AccountDirectory
    readonly secrets: Secrets
  }) =>
  async (params: Params<'CreateSnapshot'>, caller: Caller): Promise<Queued> => {
    const { organization, types } = chooseOrganization(
      directory.organizations().filter(({ organization: candidate }) => seesOrganization(caller, candidate)),
      params.organization,
    )
    const missing = params.type.find((type) => !types.includes(type))
    if (missing !== undefined) throw new AppError('source_missing', { details: { organization, type: missing } })

    const delivery = await chooseDelivery({ destinations, checkHost }, params, caller, organization)

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
        delivery,
      },
      captureJob(directory, snapshotId, organization),
    )
    return { snapshotId, statusToken }
  }

/** Where the archive is to go; null for download. */
const chooseDelivery = async (
  { destinations, checkHost }: { readonly destinations: Pick<DestinationStore, 'find'>; readonly checkHost: CheckHost },
  { action, destinationId, ssh, deletesLocal }: Params<'CreateSnapshot'>,
  caller: Caller,
  organization: OrganizationId,
): Promise<NewDelivery | null> => {
  if (action === 'download') return null
  if (ssh !== undefined) {
    checkHost(ssh.host)
    return { destinationId: null, target: ssh, deletesLocal: deletesLocal ?? false, server: serverOfTarget(ssh) }
  }
  if (destinationId === undefined) throw unknownDestination()
  const destination = await findSeenDestination(destinations, destinationId, caller)
  const { name, protocol } = destination
  if (!takesFrom(destination, organization))
    throw new AppError('destination_not_allowed', { details: { name, organization } })
  if (protocol !== action)
    throw new AppError('invalid_params', {
      details: { reason: `the destination “${name}” is for action=${protocol}, not for action=${action}` },
    })
  return {
    destinationId: destination.destinationId,
    target: null,
    deletesLocal: deletesLocal ?? destination.deletesLocal,
    server: serverOfSaved(destination),
  }
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
