import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import type { DestinationId } from '@stillbox/shared/vocabulary/ids.ts'

/** A destination with what it is signed in to with, sealed; null for the service's own key. */
export type SavedDestination = Destination & { readonly sealedSecret: string | null }

export type DestinationChanges = Partial<Omit<SavedDestination, 'destinationId' | 'createdAt' | 'createdBy'>>

export type DestinationStore = {
  /** By name, upper and lower case alike. */
  list(): Promise<readonly SavedDestination[]>
  find(destinationId: DestinationId): Promise<SavedDestination | null>
  /** @throws AppError `destination_name_taken`: names differ in more than case */
  add(destination: SavedDestination): Promise<void>
  /**
   * Writes what is given, if the destination is still as it was when `changedAt` was read: of two who edit at the same time the second learns
   * of it. Answers null when it has changed or is gone. @throws AppError `destination_name_taken`
   */
  change(destinationId: DestinationId, changedAt: string, changes: DestinationChanges): Promise<SavedDestination | null>
  /** Writes how a test of the destination as of `changedAt` ended; nothing when it has changed meanwhile. */
  noteTest(destinationId: DestinationId, changedAt: string, lastTest: Destination['lastTest']): Promise<void>
  /** Answers whether it was there. Snapshots that name it keep their record of where they went. */
  remove(destinationId: DestinationId): Promise<boolean>
}
