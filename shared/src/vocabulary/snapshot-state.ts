import { z } from 'zod'

/** Where a snapshot stands. `deleted` remains as a record without an archive; lists hide it unless asked for it. */
export const snapshotStates = ['pending', 'dumping', 'dumped', 'uploading', 'available', 'failed', 'deleted'] as const
export const SnapshotState = z.enum(snapshotStates)
export type SnapshotState = z.infer<typeof SnapshotState>

const moves: Readonly<Record<SnapshotState, readonly SnapshotState[]>> = {
  pending: ['dumping', 'failed', 'deleted'],
  dumping: ['dumped', 'failed', 'pending'], // back to pending: its worker died, or what failed may pass
  dumped: ['uploading', 'available', 'failed'], // straight to available: the action is download
  uploading: ['available', 'failed', 'dumped'],
  available: ['deleted'],
  failed: ['pending', 'dumped', 'deleted'], // back to dumped: only the delivery had failed
  deleted: [],
}

/** Whether the life of a snapshot allows this step. */
export const mayMove = (from: SnapshotState, to: SnapshotState): boolean => moves[from].includes(to)

/** States in which something is still going to happen without anybody asking. */
export const busyStates: readonly SnapshotState[] = ['pending', 'dumping', 'dumped', 'uploading']
export const isBusy = (snapshot: { readonly state: SnapshotState }): boolean => busyStates.includes(snapshot.state)

type Facts = { readonly state: SnapshotState; readonly isStored: boolean }
const allowedIn =
  (...states: SnapshotState[]) =>
  ({ state }: Pick<Facts, 'state'>): boolean =>
    states.includes(state)
/** What needs the archive, which may be there when only its delivery failed, and gone when it was delivered. */
const onStoredIn =
  (...states: SnapshotState[]) =>
  ({ state, isStored }: Facts): boolean =>
    isStored && states.includes(state)

/** What may be done with a snapshot as it is. The server's checks and the buttons of the web ask the same. */
export const snapshotCan = {
  download: onStoredIn('available', 'failed'),
  verify: onStoredIn('available', 'failed'),
  rebuildIndex: onStoredIn('available'),
  expire: onStoredIn('available', 'failed'),
  cancel: allowedIn('pending', 'dumping', 'dumped', 'uploading'),
  retry: allowedIn('failed'),
  delete: allowedIn('pending', 'available', 'failed'),
} as const
export type SnapshotAction = keyof typeof snapshotCan
