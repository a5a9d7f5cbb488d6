import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { useQuery } from '@tanstack/react-query'
import { Hourglass } from 'lucide-react'
import { serverInfo } from '../../api/queries.ts'
import { Badge } from '../../ui/badge.tsx'
import { daysToWarn, expiryText } from './expiry.ts'

/** A warning that the archive goes soon; nothing while that is further off. */
export const ExpiryBadge = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => {
  const { data: server } = useQuery(serverInfo())
  const days = snapshot.isStored && server ? daysToWarn(snapshot.expiresAt, server.expiryWarningDays, nowMs) : null
  if (days === null) return null
  return (
    <Badge icon={Hourglass} look="bg-warning-wash text-warning">
      {expiryText(days)}
    </Badge>
  )
}
