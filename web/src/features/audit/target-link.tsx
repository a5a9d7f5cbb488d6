import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { DestinationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { Link } from '@tanstack/react-router'
import { textLinkLook } from '../../ui/class-names.ts'

/** What it was done to; an id leads to the page of what it names. `short` leaves most of an id to the details. */
export const TargetLink = ({ entry: { action, target }, short = false }: { entry: AuditEntry; short?: boolean }) => {
  if (target === null) return null
  const look = `${textLinkLook} ${short ? '' : 'font-mono text-12 break-all'}`
  const snapshotId = SnapshotId.safeParse(target)
  if (action.startsWith('snapshot.') && snapshotId.success)
    return (
      <Link to="/snapshots/$snapshotId" params={{ snapshotId: snapshotId.data }} className={look}>
        {short ? `snapshot ${target.slice(0, 8)}…` : target}
      </Link>
    )
  const destinationId = DestinationId.safeParse(target)
  if (action.startsWith('destination.') && destinationId.success)
    return (
      <Link to="/destinations/$destinationId" params={{ destinationId: destinationId.data }} className={look}>
        {short ? `destination ${target.slice(0, 8)}…` : target}
      </Link>
    )
  return <span className="wrap-anywhere">{target}</span>
}
