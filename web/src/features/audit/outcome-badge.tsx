import type { AuditOutcome } from '@stillbox/shared/vocabulary/audit-action.ts'
import { Ban, CircleAlert, CircleCheck, type LucideIcon } from 'lucide-react'

const looks: Readonly<Record<AuditOutcome, { icon: LucideIcon; look: string }>> = {
  done: { icon: CircleCheck, look: 'bg-available-wash text-available' },
  refused: { icon: Ban, look: 'bg-warning-wash text-warning' },
  failed: { icon: CircleAlert, look: 'bg-failed-wash text-failed' },
}

/** How it ended: icon, word and colour together. */
export const OutcomeBadge = ({ outcome }: { outcome: AuditOutcome }) => {
  const { icon: Icon, look } = looks[outcome]
  return (
    <span
      className={`inline-flex h-6 items-center gap-1.5 rounded-small pr-2 pl-1.5 text-13 font-medium whitespace-nowrap ${look}`}
    >
      <Icon size={14} strokeWidth={2.25} aria-hidden="true" />
      {outcome}
    </span>
  )
}
