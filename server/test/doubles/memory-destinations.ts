import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { DestinationStore, SavedDestination } from '../../src/ports/destination-store.ts'

const keyOf = (name: string) => name.normalize('NFC').toLowerCase()

export const createMemoryDestinations = (): DestinationStore => {
  const kept = new Map<string, SavedDestination>()
  const put = (destination: SavedDestination): SavedDestination => {
    const { destinationId, name } = destination
    if ([...kept.values()].some((one) => one.destinationId !== destinationId && keyOf(one.name) === keyOf(name)))
      throw new AppError('destination_name_taken', { details: { name } })
    kept.set(destinationId, destination)
    return destination
  }
  const asOf = (destinationId: string, changedAt: string): SavedDestination | null => {
    const found = kept.get(destinationId)
    return found?.changedAt === changedAt ? found : null
  }
  return {
    list: async () => [...kept.values()].sort((one, other) => (keyOf(one.name) < keyOf(other.name) ? -1 : 1)),
    find: async (destinationId) => kept.get(destinationId) ?? null,
    add: async (destination) => void put(destination),
    change: async (destinationId, changedAt, changes) => {
      const found = asOf(destinationId, changedAt)
      return found && put({ ...found, ...changes })
    },
    noteTest: async (destinationId, changedAt, lastTest) => {
      const found = asOf(destinationId, changedAt)
      if (found) put({ ...found, lastTest })
    },
    remove: async (destinationId) => kept.delete(destinationId),
  }
}
