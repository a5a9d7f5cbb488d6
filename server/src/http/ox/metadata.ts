import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { DeliveryAction } from '@stillbox/shared/vocabulary/delivery-action.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { CreatedSnapshot, SnapshotMetadata } from './wire-schemas.ts'

const upper = <W extends SnapshotType | DeliveryAction>(word: W) => word.toUpperCase() as Uppercase<W>

/** Bounds are written to the second, as callers write them, unless they are finer than that. */
const bound = (instant: string): string => instant.replace('.000Z', 'Z')

/**
 * When the status changed last. Ours changes with progress and verification too, so the instant of the step itself is taken
 * where it is kept.
 */
const statusChangedAt = (snapshot: Snapshot): string => {
  const { state, action, attempt, startedAt, dumpedAt, finishedAt, lastChangedAt } = snapshot
  // Kept from the first attempt on.
  if (state === 'dumping' && attempt === 1) return startedAt ?? lastChangedAt
  // An upload that is to be tried again is dumped once more; nothing else changes a snapshot then.
  if (state === 'dumped') return (action === 'download' ? dumpedAt : null) ?? lastChangedAt
  if (state === 'available' || state === 'failed') return finishedAt ?? lastChangedAt
  return lastChangedAt
}

const basics = (snapshot: Snapshot) => ({
  snapshotId: snapshot.snapshotId,
  username: snapshot.userName,
  type: upper(snapshot.type[0]!),
  action: upper(snapshot.action),
})

/** What was created: `pending`, whatever a quick job has made of it since. */
export const toCreated = (snapshot: Snapshot): CreatedSnapshot =>
  CreatedSnapshot.parse({ ...basics(snapshot), status: 'pending', lastChanged: Date.parse(snapshot.createdAt) })

/** One of our snapshots in the words of the snapshot API. */
export const toMetadata = (snapshot: Snapshot): SnapshotMetadata =>
  SnapshotMetadata.parse({
    ...basics(snapshot),
    ...(snapshot.type.length > 1 ? { types: snapshot.type.map(upper) } : {}),
    status: snapshot.state,
    lastChanged: Date.parse(statusChangedAt(snapshot)),
    ...(snapshot.start === null ? {} : { start: bound(snapshot.start) }),
    ...(snapshot.end === null ? {} : { end: bound(snapshot.end) }),
    organization: snapshot.organization,
    ...(snapshot.state === 'failed' && snapshot.error !== null ? { error: snapshot.error.message } : {}),
  })
