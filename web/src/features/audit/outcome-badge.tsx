import type { AuditOutcome } from '@stillbox/shared/vocabulary/audit-action.ts'
import { Ban, CircleAlert, CircleCheck, type LucideIcon } from 'lucide-react'
import { Badge } from '../../ui/badge.tsx'

const looks: Readonly<Record<AuditOutcome, { icon: LucideIcon; look: string }>> = {
  done: { icon: CircleCheck, look: 'bg-available-wash text-available' },
  refused: { icon: Ban, look: 'bg-warning-wash text-warning' },
  failed: { icon: CircleAlert, look: 'bg-failed-wash text-failed' },
}

/** How it ended: icon, word and colour together. */
export const OutcomeBadge = ({ outcome }: { outcome: AuditOutcome }) => {
  const { icon, look } = looks[outcome]
  return (
    <Badge icon={icon} look={look}>
      {outcome}
    </Badge>
  )
}
