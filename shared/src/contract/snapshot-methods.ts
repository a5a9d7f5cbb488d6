import { z } from 'zod'
import { Instant } from '../vocabulary/date-range.ts'
import { DeliveryAction } from '../vocabulary/delivery-action.ts'
import { DestinationId, OrganizationId, SnapshotId, UserName } from '../vocabulary/ids.ts'
import { Progress } from '../vocabulary/job-state.ts'
import { SnapshotState, snapshotStates } from '../vocabulary/snapshot-state.ts'
import { SnapshotType, SnapshotTypes } from '../vocabulary/snapshot-type.ts'
import { SshTarget } from '../vocabulary/ssh-server.ts'
import { defineMethod } from './define-method.ts'
import { SnapshotDelivery } from './delivery.ts'

/** A password for the source, given with one call: kept encrypted and only while the job lives. */
const SourcePassword = z.string().min(1).max(1024)

export const CreateSnapshotParams = z
  .object({
    organization: OrganizationId.optional().describe('needed when there is more than one organization'),
    userName: UserName.describe('what the provider calls the user; a name nobody knows makes the snapshot fail later'),
    type: SnapshotTypes.describe('one or several of mailbox, calendar, contacts'),
    action: DeliveryAction.default('download').describe('what happens to the archive'),
    start: Instant.optional().describe('messages received at or after this instant (UTC); required for mailbox'),
    end: Instant.optional().describe('messages received before this instant (UTC); required for mailbox'),
    password: SourcePassword.optional().describe(
      'the user’s own password, where the source is not opened by a service account',
    ),
    destinationId: DestinationId.optional().describe(
      'for sftp and scp: a saved destination of that protocol; else give ssh',
    ),
    ssh: SshTarget.optional().describe(
      'for sftp and scp in place of destinationId: host, port, username, path and fingerprint, signed in to with the service’s own key',
    ),
    deletesLocal: z
      .boolean()
      .optional()
      .describe('whether the local archive is deleted once it has been delivered; else as the destination says'),
  })
  .superRefine((params, context) => {
    if (params.type.includes('mailbox'))
      for (const field of ['start', 'end'] as const)
        if (params[field] === undefined)
          context.addIssue({
            code: 'custom',
            path: [field],
            message: `${field} is required when type includes mailbox, for example 2026-01-01`,
          })
    if (params.start !== undefined && params.end !== undefined && params.start >= params.end)
      context.addIssue({ code: 'custom', path: ['end'], message: 'end must be later than start' })
    const targets = (['destinationId', 'ssh'] as const).filter((field) => params[field] !== undefined)
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message })
    if (params.action === 'download') {
      for (const field of targets) refuse(field, `${field} is for action=sftp and action=scp`)
      if (params.deletesLocal) refuse('deletesLocal', 'deletesLocal is for action=sftp and action=scp')
    } else if (targets.length === 0) refuse('destinationId', `action=${params.action} needs destinationId or ssh`)
    else if (targets.length > 1) refuse('ssh', 'give destinationId or ssh, not both')
  })

/** One snapshot as lists and pages show it. Instants are ISO 8601 in UTC; what has not happened yet is null. */
export const Snapshot = z.object({
  snapshotId: SnapshotId,
  organization: OrganizationId,
  userName: z.string(),
  type: z.array(SnapshotType),
  action: DeliveryAction,
  start: z.string().nullable(),
  end: z.string().nullable(),
  state: SnapshotState,
  createdAt: z.string(),
  createdBy: z.string(),
  startedAt: z.string().nullable(),
  dumpedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  lastChangedAt: z.string(),
  attempt: z.int(),
  /** When a job that failed for a passing reason is tried again. */
  nextAttemptAt: z.string().nullable(),
  progress: Progress,
  progressPercentage: z.int().min(0).max(100).nullable(),
  itemCount: z.int().nullable(),
  /** Items that could not be taken or came with a remark; each is a line of the archive’s issues.jsonl. */
  issueCount: z.int().nullable(),
  archiveName: z.string().nullable(),
  archiveSizeBytes: z.int().nullable(),
  /** Whether the archive lies in the store: not before it is complete, and not after it expired or was delivered and deleted. */
  isStored: z.boolean(),
  /** When the archive in the store expires; null while work goes on, and for one that is kept until it is deleted. */
  expiresAt: z.string().nullable(),
  /** For sftp and scp; null for download. */
  delivery: SnapshotDelivery.nullable(),
  /** Root of the hash tree over items.jsonl, hexadecimal. */
  rootHash: z.string().nullable(),
  lastVerifiedAt: z.string().nullable(),
  lastVerifiedOk: z.boolean().nullable(),
  /** Whether the text of bodies can be searched: built after the archive is available. */
  fullTextState: z.enum(['none', 'building', 'ready', 'failed']),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type Snapshot = z.infer<typeof Snapshot>

/** What one folder, calendar or address book held and what became of it; the four last numbers add up to `onServer`. */
export const FolderAccount = z.object({
  kind: z.enum(['mail', 'calendar', 'contact']),
  folder: z.string(),
  /** What the server said it holds when the capture began. */
  onServer: z.int(),
  taken: z.int(),
  excludedByRequest: z.int(),
  notTaken: z.int(),
  /** Was there at the beginning and was gone before it could be read. */
  vanished: z.int(),
  /** Arrived after the capture had begun; not part of this snapshot and not part of the sum. */
  arrivedMeanwhile: z.int(),
  takenBytes: z.int(),
})
export type FolderAccount = z.infer<typeof FolderAccount>

export const IssueLine = z.object({
  kind: z.enum(['mail', 'calendar', 'contact']),
  folder: z.string(),
  /** UID of a message, href of an object; null when the whole folder is meant. */
  ref: z.string().nullable(),
  code: z.string(),
  text: z.string(),
})
export type IssueLine = z.infer<typeof IssueLine>

/** The state filter as the list offers it: one state, or all (which hides deleted ones). */

export const StateFilter = z.enum(['all', ...snapshotStates])

export const GetSnapshotsParams = z.object({
  state: StateFilter.default('all').describe('one state, or all; deleted ones are listed only when asked for'),
  userName: z.string().trim().max(320).optional().describe('part of a user name, upper or lower case'),
  organization: OrganizationId.optional(),
  limit: z.int().min(1).max(500).default(50),
  before: z.string().max(200).optional().describe('the next value of the page before'),
})
export type GetSnapshotsParams = z.output<typeof GetSnapshotsParams>

const OneSnapshot = z.object({ snapshotId: SnapshotId })

export const snapshotMethods = {
  CreateSnapshot: defineMethod({
    name: 'CreateSnapshot',
    kind: 'async',
    access: 'operate',
    audit: { action: 'snapshot.create', target: 'snapshotId' },
    limit: 'hidden',
    summary:
      'Queues a snapshot of one user’s mail, calendars or contacts. Download the archive from /download/<snapshotId>.',
    params: CreateSnapshotParams,
    accepted: OneSnapshot,
    result: Snapshot,
  }),
  GetSnapshots: defineMethod({
    name: 'GetSnapshots',
    kind: 'sync',
    access: 'read',
    limit: 'filtered',
    summary: 'Lists snapshots, newest first, a page at a time.',
    params: GetSnapshotsParams,
    result: z.object({
      snapshots: z.array(Snapshot),
      /** How many match the filter on all pages. */
      total: z.int(),
      /** How many snapshots there are in each state, with the same user and organization filter. */
      totalByState: z.record(SnapshotState, z.int()),
      /** Give this as `before` to read the next page; null on the last one. */
      next: z.string().nullable(),
    }),
  }),
  GetSnapshotInfo: defineMethod({
    name: 'GetSnapshotInfo',
    kind: 'sync',
    access: 'read',
    limit: 'hidden',
    summary: 'Tells everything about one snapshot, with the account of each folder and the first 200 issues.',
    params: OneSnapshot,
    result: Snapshot.extend({
      folders: z.array(FolderAccount),
      issues: z.array(IssueLine),
      messages: z.array(z.object({ at: z.string(), text: z.string() })),
    }),
  }),
  CancelSnapshot: defineMethod({
    name: 'CancelSnapshot',
    kind: 'sync',
    access: 'operate',
    audit: { action: 'snapshot.cancel', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Stops a snapshot that is not finished. It becomes failed, and can be retried or deleted.',
    params: OneSnapshot,
    result: Snapshot,
  }),
  RetrySnapshot: defineMethod({
    name: 'RetrySnapshot',
    kind: 'async',
    access: 'operate',
    audit: { action: 'snapshot.retry', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Starts a failed snapshot again; where its archive is complete, only the delivery.',
    params: OneSnapshot.extend({
      password: SourcePassword.optional().describe('needed again when the snapshot was created with one'),
    }),
    accepted: OneSnapshot,
    result: Snapshot,
  }),
  SetSnapshotExpiry: defineMethod({
    name: 'SetSnapshotExpiry',
    kind: 'sync',
    access: 'operate',
    audit: { action: 'snapshot.expiry', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Sets when the archive of a snapshot expires: of one that is available, or whose delivery has failed.',
    params: OneSnapshot.extend({
      expiresAt: Instant.nullish().describe('later than now; left out: never'),
    }),
    result: Snapshot,
  }),
  DeleteSnapshot: defineMethod({
    name: 'DeleteSnapshot',
    kind: 'sync',
    access: 'operate',
    audit: { action: 'snapshot.delete', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Deletes the archive of a snapshot for good. A record without content stays, hidden from lists.',
    params: OneSnapshot,
    result: Snapshot,
  }),
  VerifySnapshot: defineMethod({
    name: 'VerifySnapshot',
    kind: 'async',
    access: 'read',
    audit: { action: 'snapshot.verify', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Reads a whole archive again and checks every entry, the hash tree and the signature.',
    params: OneSnapshot,
    accepted: OneSnapshot,
    result: z.object({
      snapshotId: SnapshotId,
      ok: z.boolean(),
      itemCount: z.int(),
      rootHash: z.string().nullable(),
      /** What is wrong, entry by entry; empty when ok. At most 1,000 are listed. */
      faults: z.array(z.object({ entry: z.string(), code: z.string(), text: z.string() })),
    }),
  }),
  RebuildStoreIndex: defineMethod({
    name: 'RebuildStoreIndex',
    kind: 'async',
    access: 'administer',
    audit: { action: 'store.rebuild', target: 'snapshotId' },
    limit: 'hidden',
    summary: 'Builds the full-text index beside one archive anew, or beside every archive of the store.',
    params: z.object({ snapshotId: SnapshotId.optional().describe('only this archive; left out: all of them') }),
    result: z.object({ archivesIndexed: z.int(), archivesFailed: z.int(), itemsIndexed: z.int() }),
  }),
} as const
