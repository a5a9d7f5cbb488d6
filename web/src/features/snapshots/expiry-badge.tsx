import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useQuery } from '@tanstack/react-query'
import { Hourglass } from 'lucide-react'
import { serverInfo } from '../../api/queries.ts'
import { daysToWarn, expiryText } from './expiry.ts'

/** A warning that the archive goes soon; nothing while that is further off. */
export const ExpiryBadge = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => {
  const { data: server } = useQuery(serverInfo())
  const days = snapshot.isStored && server ? daysToWarn(snapshot.expiresAt, server.expiryWarningDays, nowMs) : null
  if (days === null) return null
  return (
    <span className="inline-flex h-6 items-center gap-1.5 rounded-small bg-warning-wash pr-2 pl-1.5 text-13 font-medium whitespace-nowrap text-warning">
      <Hourglass size={14} aria-hidden="true" />
      {expiryText(days)}
    </span>
  )
}
