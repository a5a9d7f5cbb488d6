import { type Role, roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { type SnapshotAction, type SnapshotState, snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'

const noArchive = (state: SnapshotState): string =>
  state === 'failed'
    ? 'There is no archive: this snapshot failed.'
    : state === 'deleted'
      ? 'The archive was deleted.'
      : 'The archive is not complete yet.'

const reasons: Readonly<Record<SnapshotAction, (state: SnapshotState) => string>> = {
  download: noArchive,
  verify: noArchive,
  rebuildIndex: noArchive,
  cancel: (state) => (state === 'deleted' ? 'The archive was deleted.' : 'It has ended; there is nothing to cancel.'),
  retry: () => 'Only a failed snapshot can be retried.',
  delete: (state) => (state === 'deleted' ? 'It is deleted already.' : 'It is still at work. Cancel it first.'),
}

const needs: Readonly<Record<SnapshotAction, 'read' | 'operate' | 'administer'>> = {
  download: 'read',
  verify: 'read',
  rebuildIndex: 'administer',
  cancel: 'operate',
  retry: 'operate',
  delete: 'operate',
}

/** Whether a role may ever do this. What it may not is left out, since no waiting would bring it. */
export const isOffered = (action: SnapshotAction, role: Role): boolean => roleMay(role, needs[action])

/** Why an action is not possible now, for the disabled button; null when it is. */
export const whyNot = (
  action: SnapshotAction,
  snapshot: { readonly state: SnapshotState },
  role: Role,
): string | null => {
  if (!isOffered(action, role)) return `Your role, ${role}, may not do this.`
  return snapshotCan[action](snapshot) ? null : reasons[action](snapshot.state)
}
