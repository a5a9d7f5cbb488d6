import type { SnapshotDelivery } from '@stillbox/shared/contract/delivery.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { type ErrorForm, fromErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { DestinationId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress, type Progress, progressPercentage } from '@stillbox/shared/vocabulary/job-state.ts'
import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import type { SshTarget } from '@stillbox/shared/vocabulary/ssh-server.ts'
import { type Insertable, type Selectable, sql, type UpdateObject } from 'kysely'
import type { NewDelivery, NewSnapshot, SnapshotChanges } from '../../ports/snapshot-store.ts'
import type { Schema, SnapshotTable } from './schema.ts'
import { storableJson, storableText } from './storable.ts'

/** What a snapshot is made of in lists: everything but the sealed password and the long lists of folders and issues. */
export const snapshotColumns = [
  'snapshot_id',
  'organization',
  'user_name',
  'types',
  'action',
  'range_start',
  'range_end',
  'state',
  'created_at',
  'created_by',
  'started_at',
  'dumped_at',
  'finished_at',
  'last_changed_at',
  'attempt',
  'next_attempt_at',
  'progress',
  'item_count',
  'issue_count',
  'archive_name',
  'archive_size_bytes',
  'root_hash',
  'last_verified_at',
  'last_verified_ok',
  'full_text_state',
  'error',
  'is_stored',
  'expires_at',
  'destination_id',
  'delivery',
] as const satisfies readonly (keyof SnapshotTable)[]

export type SnapshotRow = Pick<Selectable<SnapshotTable>, (typeof snapshotColumns)[number]>

/** What is kept of a delivery, beside the id of its destination: one value, so that a part of it can be written without the rest. */
type KeptDelivery = Omit<SnapshotDelivery, 'protocol' | 'destinationId'>

const toDelivery = ({ action, delivery, destination_id }: SnapshotRow): SnapshotDelivery | null => {
  if (delivery === null || action === 'download') return null
  const destinationId = destination_id as DestinationId | null
  return { protocol: action as SnapshotDelivery['protocol'], destinationId, ...(delivery as KeptDelivery) }
}

const percentageOf = (state: SnapshotState, progress: Progress, delivery: SnapshotDelivery | null): number | null => {
  if (state === 'available') return 100
  if (state === 'deleted') return null
  if (state !== 'uploading' || delivery === null) return progressPercentage(progress)
  const { bytesDone, bytesExpected } = delivery
  return progressPercentage({ ...noProgress, bytesDone, bytesExpected })
}

/** What the job of a snapshot needs to know of its delivery; the target is in no list. */
export const toNewDelivery = (
  row: SnapshotRow & Pick<Selectable<SnapshotTable>, 'delivery_target'>,
): NewDelivery | null => {
  const delivery = toDelivery(row)
  if (delivery === null) return null
  const { destinationId, destinationName, host, port, username, path, deletesLocal } = delivery
  return {
    destinationId,
    target: row.delivery_target as SshTarget | null,
    deletesLocal,
    server: { destinationName, host, port, username, path },
  }
}

export const toSnapshot = (row: SnapshotRow): Snapshot => {
  const progress = row.progress as Progress
  const error = row.error as ErrorForm | null
  const state = row.state as Snapshot['state']
  const delivery = toDelivery(row)
  return {
    snapshotId: row.snapshot_id as SnapshotId,
    organization: row.organization as OrganizationId,
    userName: row.user_name,
    type: row.types as Snapshot['type'],
    action: row.action as Snapshot['action'],
    start: row.range_start,
    end: row.range_end,
    state,
    createdAt: row.created_at,
    createdBy: row.created_by,
    startedAt: row.started_at,
    dumpedAt: row.dumped_at,
    finishedAt: row.finished_at,
    lastChangedAt: row.last_changed_at,
    attempt: row.attempt,
    nextAttemptAt: row.next_attempt_at,
    progress,
    progressPercentage: percentageOf(state, progress, delivery),
    itemCount: row.item_count,
    issueCount: row.issue_count,
    archiveName: row.archive_name,
    archiveSizeBytes: row.archive_size_bytes,
    isStored: row.is_stored,
    expiresAt: row.expires_at,
    delivery,
    rootHash: row.root_hash,
    lastVerifiedAt: row.last_verified_at,
    lastVerifiedOk: row.last_verified_ok,
    fullTextState: row.full_text_state as Snapshot['fullTextState'],
    error: error && { code: error.code, message: fromErrorForm(error).message },
  }
}

export const userNameKey = (userName: string): string => storableText(userName.normalize('NFC').toLowerCase())

export const newSnapshotRow = (snapshot: NewSnapshot, now: string): Insertable<SnapshotTable> => ({
  ...emptyRow,
  snapshot_id: snapshot.snapshotId,
  organization: snapshot.organization,
  user_name: storableText(snapshot.userName),
  user_name_key: userNameKey(snapshot.userName),
  types: storableJson(snapshot.types),
  action: snapshot.action,
  range_start: snapshot.start,
  range_end: snapshot.end,
  state: 'pending',
  created_at: now,
  created_by: snapshot.createdBy,
  last_changed_at: now,
  sealed_password: snapshot.sealedPassword,
  destination_id: snapshot.delivery?.destinationId ?? null,
  delivery: snapshot.delivery && storableJson(newDelivery(snapshot.delivery)),
  delivery_target: snapshot.delivery?.target ? storableJson(snapshot.delivery.target) : null,
})

const newDelivery = ({ deletesLocal, server }: NewDelivery): KeptDelivery => ({
  ...server,
  bytesDone: 0,
  bytesExpected: null,
  bytesPerSecond: null,
  deliveredPath: null,
  sha256: null,
  deliveredAt: null,
  deletesLocal,
})

const keptDelivery = ({ delivery }: Snapshot): KeptDelivery | null => {
  if (delivery === null) return null
  const { protocol: _, destinationId: __, ...kept } = delivery
  return kept
}

const emptyRow = {
  started_at: null,
  dumped_at: null,
  finished_at: null,
  attempt: 0,
  next_attempt_at: null,
  progress: storableJson(noProgress),
  item_count: null,
  issue_count: null,
  archive_name: null,
  archive_size_bytes: null,
  root_hash: null,
  last_verified_at: null,
  last_verified_ok: null,
  full_text_state: 'none',
  error: null,
  is_stored: false,
  expires_at: null,
  folders: '[]',
  issues: '[]',
}

export const adoptedRow = (
  snapshot: Snapshot,
  details: { readonly folders: readonly object[]; readonly issues: readonly object[] },
): Insertable<SnapshotTable> => ({
  snapshot_id: snapshot.snapshotId,
  organization: snapshot.organization,
  user_name: storableText(snapshot.userName),
  user_name_key: userNameKey(snapshot.userName),
  types: storableJson(snapshot.type),
  action: snapshot.action,
  range_start: snapshot.start,
  range_end: snapshot.end,
  state: snapshot.state,
  created_at: snapshot.createdAt,
  created_by: storableText(snapshot.createdBy),
  started_at: snapshot.startedAt,
  dumped_at: snapshot.dumpedAt,
  finished_at: snapshot.finishedAt,
  last_changed_at: snapshot.lastChangedAt,
  attempt: snapshot.attempt,
  next_attempt_at: snapshot.nextAttemptAt,
  progress: storableJson(snapshot.progress),
  item_count: snapshot.itemCount,
  issue_count: snapshot.issueCount,
  archive_name: snapshot.archiveName,
  archive_size_bytes: snapshot.archiveSizeBytes,
  root_hash: snapshot.rootHash,
  last_verified_at: snapshot.lastVerifiedAt,
  last_verified_ok: snapshot.lastVerifiedOk,
  full_text_state: snapshot.fullTextState,
  error: snapshot.error && storableJson({ code: snapshot.error.code, details: {} }),
  sealed_password: null,
  is_stored: snapshot.isStored,
  expires_at: snapshot.expiresAt,
  destination_id: snapshot.delivery?.destinationId ?? null,
  delivery: snapshot.delivery && storableJson(keptDelivery(snapshot)),
  delivery_target: null,
  folders: storableJson(details.folders),
  issues: storableJson(details.issues),
})

type ChangedColumns = UpdateObject<Schema, 'snapshots'>

/** How each change is written; what a caller leaves out is not written at all. */
const writers: {
  readonly [K in keyof Required<SnapshotChanges>]: (value: Exclude<SnapshotChanges[K], undefined>) => ChangedColumns
} = {
  startedAt: (value) => ({ started_at: value }),
  dumpedAt: (value) => ({ dumped_at: value }),
  finishedAt: (value) => ({ finished_at: value }),
  nextAttemptAt: (value) => ({ next_attempt_at: value }),
  attempt: (value) => ({ attempt: value }),
  progress: (value) => ({ progress: storableJson(value) }),
  itemCount: (value) => ({ item_count: value }),
  issueCount: (value) => ({ issue_count: value }),
  archiveName: (value) => ({ archive_name: value }),
  archiveSizeBytes: (value) => ({ archive_size_bytes: value }),
  isStored: (value) => ({ is_stored: value }),
  expiresAt: (value) => ({ expires_at: value }),
  delivered: (value) => ({ delivery: sql<string>`delivery || ${storableJson(value)}::jsonb` }),
  rootHash: (value) => ({ root_hash: value }),
  error: (value) => ({ error: value && storableJson(value) }),
  sealedPassword: (value) => ({ sealed_password: value }),
  folders: (value) => ({ folders: storableJson(value) }),
  issues: (value) => ({ issues: storableJson(value) }),
  lastVerifiedAt: (value) => ({ last_verified_at: value }),
  lastVerifiedOk: (value) => ({ last_verified_ok: value }),
  fullTextState: (value) => ({ full_text_state: value }),
}

export const changedColumns = (changes: SnapshotChanges): ChangedColumns => {
  const columns: ChangedColumns = {}
  const write = <K extends keyof SnapshotChanges>(key: K) => {
    const value = changes[key]
    if (value !== undefined) Object.assign(columns, writers[key](value as Exclude<SnapshotChanges[K], undefined>))
  }
  for (const key of Object.keys(writers) as (keyof SnapshotChanges)[]) write(key)
  return columns
}
