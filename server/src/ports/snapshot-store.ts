import type { SnapshotDelivery } from '@stillbox/shared/contract/delivery.ts'
import type { FolderAccount, IssueLine, Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { ErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { DeliveryAction } from '@stillbox/shared/vocabulary/delivery-action.ts'
import type { DestinationId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import type { SshTarget } from '@stillbox/shared/vocabulary/ssh-server.ts'

export type NewSnapshot = {
  readonly snapshotId: SnapshotId
  readonly organization: OrganizationId
  readonly userName: string
  readonly types: readonly SnapshotType[]
  readonly action: DeliveryAction
  readonly start: string | null
  readonly end: string | null
  readonly createdBy: string
  /** The caller's password for the source, already encrypted; null when none was given. */
  readonly sealedPassword: string | null
  /** Null for download. */
  readonly delivery: NewDelivery | null
}

/** Where a snapshot is to go: a saved destination as it is when the upload begins, or a target that the call named. */
export type NewDelivery = {
  readonly destinationId: DestinationId | null
  readonly target: SshTarget | null
  readonly deletesLocal: boolean
  /** What is shown of it: a copy, so that it can still be told once the destination has changed or gone. */
  readonly server: DeliveryServer
}

export type DeliveryServer = Pick<SnapshotDelivery, 'destinationName' | 'host' | 'port' | 'username' | 'path'>

/** What a job of a snapshot needs to know that lists do not show. */
export type SnapshotJobFacts = {
  readonly snapshot: Snapshot
  readonly sealedPassword: string | null
  readonly delivery: NewDelivery | null
}

/** What may be written together with a move. Anything left out stays as it is; null clears. */
export type SnapshotChanges = {
  readonly startedAt?: string | null
  readonly dumpedAt?: string | null
  readonly finishedAt?: string | null
  readonly nextAttemptAt?: string | null
  readonly attempt?: number
  readonly progress?: Progress
  readonly itemCount?: number | null
  readonly issueCount?: number | null
  readonly archiveName?: string | null
  readonly archiveSizeBytes?: number | null
  /** Whether the archive lies in the store. */
  readonly isStored?: boolean
  readonly expiresAt?: string | null
  /** What is known of the upload now; what is left out stays. */
  readonly delivered?: Partial<Omit<SnapshotDelivery, 'protocol' | 'destinationId' | 'deletesLocal'>>
  readonly rootHash?: string | null
  readonly error?: ErrorForm | null
  readonly sealedPassword?: string | null
  readonly folders?: readonly FolderAccount[]
  readonly issues?: readonly IssueLine[]
  readonly lastVerifiedAt?: string | null
  readonly lastVerifiedOk?: boolean | null
  readonly fullTextState?: Snapshot['fullTextState']
}

/** What else has to be so for a write to happen. */
export type OnlyIf = {
  /** The archive lies in the store and expires at or before this instant, as it was read: nobody has kept it longer meanwhile. */
  readonly expiresBy: string
}

export type SnapshotFilter = {
  readonly states: readonly SnapshotState[]
  /** Part of the user name, any case; taken literally (no wildcards). */
  readonly userName?: string | undefined
  readonly organizations?: readonly OrganizationId[] | undefined
}

export type SnapshotStore = {
  /** Newest first; `before` is the `next` of the page before. @throws AppError `invalid_params` for a `before` that is none. */
  page(
    filter: SnapshotFilter,
    page: { readonly limit: number; readonly before?: string | undefined },
  ): Promise<{ readonly snapshots: readonly Snapshot[]; readonly next: string | null }>
  /** One row a state that has any, whatever `filter.states` says. */
  countByState(filter: SnapshotFilter): Promise<Readonly<Partial<Record<SnapshotState, number>>>>
  /** How many archives lie in the store, and how large they are together. */
  archiveUsage(
    filter: Pick<SnapshotFilter, 'organizations'>,
  ): Promise<{ readonly archiveCount: number; readonly archiveBytes: number }>
  /** @throws AppError `not_found` */
  get(snapshotId: SnapshotId): Promise<Snapshot>
  getForJob(snapshotId: SnapshotId): Promise<SnapshotJobFacts>
  details(snapshotId: SnapshotId): Promise<{
    readonly folders: readonly FolderAccount[]
    readonly issues: readonly IssueLine[]
    readonly messages: readonly { readonly at: string; readonly text: string }[]
  }>

  /**
   * Compare and set: moves only if the state is still `from`, so two workers cannot both win. `message` is added to the
   * snapshot's own log. Answers null when the state was another.
   * @throws Error when the table of moves forbids it: a mistake in the program.
   */
  move(
    snapshotId: SnapshotId,
    from: SnapshotState,
    to: SnapshotState,
    changes: SnapshotChanges,
    message?: string,
    onlyIf?: OnlyIf,
  ): Promise<Snapshot | null>
  /** Writes without moving, only while the state is `state`; else as `move`. Answers false when it was another. */
  update(
    snapshotId: SnapshotId,
    state: SnapshotState,
    changes: SnapshotChanges,
    message?: string,
    onlyIf?: OnlyIf,
  ): Promise<boolean>
  /** Inserts a snapshot read from an archive on disk; one that exists is left alone. Answers whether it was new. */
  adopt(
    snapshot: Snapshot,
    details: { readonly folders: readonly FolderAccount[]; readonly issues: readonly IssueLine[] },
  ): Promise<boolean>
  /** Available and failed snapshots whose stored archive expires at or before `instant`, the oldest first, 100 at most. */
  expiredBy(instant: string): Promise<readonly SnapshotId[]>
  idsInState(states: readonly SnapshotState[]): Promise<readonly SnapshotId[]>
}
