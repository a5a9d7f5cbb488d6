import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { type Role, roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { type SnapshotAction, snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'

/** What of a snapshot decides, and words, what may be done with it. */
export type ActionFacts = Pick<Snapshot, 'state' | 'isStored' | 'delivery' | 'expiresAt'>

/** Where the archive is, when it does not lie here any more. */
const elsewhere = ({ delivery }: ActionFacts): string =>
  delivery?.deliveredAt && delivery.deletesLocal
    ? `The archive was delivered to ${delivery.host} and then deleted here.`
    : delivery?.deliveredAt
      ? `The archive that stayed here has expired; what was delivered lies at ${delivery.host}.`
      : 'The archive has expired and was deleted.'

const noArchive = (facts: ActionFacts): string =>
  facts.state === 'failed'
    ? 'There is no archive here: this snapshot failed.'
    : facts.state === 'deleted'
      ? 'The archive was deleted.'
      : facts.state === 'available'
        ? elsewhere(facts)
        : 'The archive is not complete yet.'

const reasons: Readonly<Record<SnapshotAction, (facts: ActionFacts) => string>> = {
  download: noArchive,
  verify: noArchive,
  rebuildIndex: noArchive,
  expire: noArchive,
  cancel: ({ state }) =>
    state === 'deleted' ? 'The archive was deleted.' : 'It has ended; there is nothing to cancel.',
  retry: () => 'Only a failed snapshot can be retried.',
  delete: ({ state }) => (state === 'deleted' ? 'It is deleted already.' : 'It is still at work. Cancel it first.'),
}

const needs: Readonly<Record<SnapshotAction, 'read' | 'operate' | 'administer'>> = {
  download: 'read',
  verify: 'read',
  rebuildIndex: 'administer',
  expire: 'operate',
  cancel: 'operate',
  retry: 'operate',
  delete: 'operate',
}

/** Whether a role may ever do this. What it may not is left out, since no waiting would bring it. */
export const isOffered = (action: SnapshotAction, role: Role): boolean => roleMay(role, needs[action])

/** Why an action is not possible now, for the disabled button; null when it is. */
export const whyNot = (action: SnapshotAction, facts: ActionFacts, role: Role): string | null => {
  if (!isOffered(action, role)) return `Your role, ${role}, may not do this.`
  return snapshotCan[action](facts) ? null : reasons[action](facts)
}
