import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { DestinationId, OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { DestinationStore, SavedDestination } from '../../ports/destination-store.ts'
import { type Limited, seesOrganization } from '../access/organization-limit.ts'

type Owned = Pick<Destination, 'organizations'>

/** Whether snapshots of this organization may be delivered there. */
export const takesFrom = ({ organizations }: Owned, organization: OrganizationId): boolean =>
  organizations === null || organizations.includes(organization)

/** A caller sees where snapshots of its organizations may go. */
export const seesDestination = (caller: Limited, { organizations }: Owned): boolean =>
  caller.organizations === null ||
  organizations === null ||
  organizations.some((organization) => seesOrganization(caller, organization))

/** What others use as well is not a limited caller’s to change. */
const mayChange = (caller: Limited, { organizations }: Owned): boolean =>
  caller.organizations === null ||
  (organizations?.every((organization) => seesOrganization(caller, organization)) ?? false)

export const unknownDestination = () => new AppError('not_found', { details: { what: 'destination' } })

type Readable = Pick<DestinationStore, 'find'>

/** One destination, if the caller may know of it. @throws AppError `not_found`, alike for one that does not exist */
export const findSeenDestination = async (
  destinations: Readable,
  destinationId: DestinationId,
  caller: Limited,
): Promise<SavedDestination> => {
  const found = await destinations.find(destinationId)
  if (!found || !seesDestination(caller, found)) throw unknownDestination()
  return found
}

/** One destination that the caller may change. @throws AppError `not_found`, `forbidden` */
export const findOwnDestination = async (
  destinations: Readable,
  destinationId: DestinationId,
  caller: Limited,
): Promise<SavedDestination> => {
  const found = await findSeenDestination(destinations, destinationId, caller)
  if (!mayChange(caller, found))
    throw new AppError('forbidden', { details: { access: 'all organizations that deliver there' } })
  return found
}

/** A destination as a caller is told of it: without its secret, and without organizations that are not the caller’s. */
export const shownDestination = (
  { sealedSecret: _, organizations, hostKeyFingerprints, ...rest }: SavedDestination,
  caller: Limited,
): Destination => ({
  ...rest,
  hostKeyFingerprints: [...hostKeyFingerprints],
  organizations: organizations?.filter((organization) => seesOrganization(caller, organization)) ?? null,
})
