import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { defaultPathTemplate, type PathTemplate } from '@stillbox/shared/vocabulary/path-template.ts'
import type { DestinationSpec } from '../../ports/delivery.ts'
import type { DestinationStore, SavedDestination } from '../../ports/destination-store.ts'
import type { DeliveryServer, NewDelivery } from '../../ports/snapshot-store.ts'
import { takesFrom } from './destination-limit.ts'
import type { DestinationSpecs } from './destination-spec.ts'

/** How one archive gets to where it goes. */
export type Route = {
  /** Holds credentials. */
  readonly spec: DestinationSpec
  readonly template: PathTemplate
  /** What is shown of it. */
  readonly server: DeliveryServer
}

export type RouteNeeds = {
  readonly destinations: Pick<DestinationStore, 'find'>
  readonly specs: DestinationSpecs
}

/**
 * The way as it is now: a destination that was corrected since the snapshot was created counts as corrected.
 * @throws AppError `destination_gone`, `destination_not_allowed`, `destination_protocol`, `destination_secret_lost`
 */
export const findRoute = async (
  { destinations, specs }: RouteNeeds,
  { action, organization }: Pick<Snapshot, 'action' | 'organization'>,
  { destinationId, target }: Pick<NewDelivery, 'destinationId' | 'target'>,
): Promise<Route> => {
  if (action === 'download') throw new Error('what is to be downloaded is delivered nowhere')
  if (target !== null)
    return { spec: specs.ofTarget(action, target), template: defaultPathTemplate, server: serverOfTarget(target) }
  const destination = destinationId && (await destinations.find(destinationId))
  if (!destination) throw new AppError('destination_gone')
  const { name, host, protocol } = destination
  if (!takesFrom(destination, organization))
    throw new AppError('destination_not_allowed', { details: { name, organization } })
  if (protocol !== action)
    throw new AppError('destination_protocol', {
      details: { host, reason: `“${name}” is for ${protocol} now, and this snapshot for ${action}` },
    })
  return { spec: specs.ofSaved(destination), template: destination.fileName, server: serverOfSaved(destination) }
}

export const serverOfTarget = ({
  host,
  port,
  username,
  path,
}: Omit<DeliveryServer, 'destinationName'>): DeliveryServer => ({
  destinationName: null,
  host,
  port,
  username,
  path,
})
export const serverOfSaved = ({ name, host, port, username, path }: SavedDestination): DeliveryServer => ({
  destinationName: name,
  host,
  port,
  username,
  path,
})
