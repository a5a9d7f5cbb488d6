import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Clock } from '../../ports/clock.ts'
import type { OpenDelivery } from '../../ports/delivery.ts'
import type { DestinationStore } from '../../ports/destination-store.ts'
import type { Caller } from '../access/authorize.ts'
import { findSeenDestination, shownDestination } from './destination-limit.ts'
import type { DestinationSpecs } from './destination-spec.ts'
import { withinSeconds } from './within-seconds.ts'

export type TestDestinationNeeds = {
  readonly destinations: DestinationStore
  readonly specs: Pick<DestinationSpecs, 'ofSaved'>
  readonly openDelivery: OpenDelivery
  readonly clock: Clock
  /** Longest test in all. */
  readonly seconds?: number
}

/**
 * Connects, writes a small file and removes it, and keeps how it went with the destination.
 * @throws AppError `not_found`, `destination_secret_lost`, and as `Delivery` does
 */
export const createTestDestination =
  ({ destinations, specs, openDelivery, clock, seconds = 30 }: TestDestinationNeeds) =>
  async ({ destinationId }: Params<'TestDestination'>, caller: Caller): Promise<Result<'TestDestination'>> => {
    const destination = await findSeenDestination(destinations, destinationId, caller)
    const note = (error: string | null) =>
      destinations.noteTest(destinationId, destination.changedAt, { at: clock.now().toISOString(), error })
    try {
      const delivery = openDelivery(specs.ofSaved(destination))
      await withinSeconds(seconds, destination.host, delivery.probe)
    } catch (error) {
      // Anything else is a fault of ours, and says nothing about the destination.
      if (isAppError(error)) await note(error.message)
      throw error
    }
    await note(null)
    return shownDestination(await findSeenDestination(destinations, destinationId, caller), caller)
  }
