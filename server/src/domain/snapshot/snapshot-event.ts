import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { Log } from '../job/log.ts'

/** What the service itself does to a snapshot and has to be accounted for: an archive that left, or one that it deleted. */
export type SnapshotEvent = Pick<AuditEntry, 'outcome' | 'code' | 'details'> & {
  readonly action: 'snapshot.deliver' | 'snapshot.expire'
  readonly target: Snapshot['snapshotId']
  readonly organization: Snapshot['organization']
}

/** Keeps account of an event. */
export type NoteSnapshotEvent = (event: SnapshotEvent) => Promise<unknown>

type Noting = { readonly note: NoteSnapshotEvent | undefined; readonly log: Log }

/** It has happened by now and cannot be taken back: an account that cannot be kept is told to the log. */
const noteOrLog = async ({ note, log }: Noting, event: SnapshotEvent): Promise<void> => {
  try {
    await note?.(event)
  } catch (error) {
    log.error({ snapshotId: event.target, action: event.action, error }, 'an event could not be noted')
  }
}

/** A delivery that is over, for good: with the code of what it failed by, or null. */
export const noteDelivery = (noting: Noting, snapshot: Snapshot, code: string | null): Promise<void> => {
  const { snapshotId: target, organization, userName, delivery, isStored } = snapshot
  return noteOrLog(noting, {
    action: 'snapshot.deliver',
    outcome: code === null ? 'done' : 'failed',
    code,
    target,
    organization,
    details: {
      userName,
      destination: delivery?.destinationName ?? null,
      server: delivery && `${delivery.protocol}://${delivery.username}@${delivery.host}:${delivery.port}`,
      path: delivery?.deliveredPath ?? null,
      isStored,
    },
  })
}

export const noteExpiry = (
  noting: Noting,
  { snapshotId, organization, userName, expiresAt }: Snapshot,
): Promise<void> =>
  noteOrLog(noting, {
    action: 'snapshot.expire',
    outcome: 'done',
    code: null,
    target: snapshotId,
    organization,
    details: { userName, expiresAt },
  })
