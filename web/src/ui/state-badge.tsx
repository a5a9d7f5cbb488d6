import type { SnapshotState } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  Download,
  type LucideIcon,
  PackageCheck,
  Trash2,
  Upload,
} from 'lucide-react'
import { useState } from 'react'
import { Badge } from './badge.tsx'
import { classNames } from './class-names.ts'

const looks: Readonly<Record<SnapshotState, { icon: LucideIcon; look: string }>> = {
  pending: { icon: CircleDashed, look: 'bg-pending-wash text-pending' },
  dumping: { icon: Download, look: 'bg-working-wash text-working' },
  dumped: { icon: PackageCheck, look: 'bg-dumped-wash text-dumped' },
  uploading: { icon: Upload, look: 'bg-working-wash text-working' },
  available: { icon: CircleCheck, look: 'bg-available-wash text-available' },
  failed: { icon: CircleAlert, look: 'bg-failed-wash text-failed' },
  deleted: { icon: Trash2, look: 'bg-deleted-wash text-deleted line-through' },
}

/** A state: icon, word and colour together. It washes once when the state changes before the reader's eyes. */
export const StateBadge = ({ state }: { state: SnapshotState }) => {
  const [first] = useState(state)
  const { icon, look } = looks[state]
  return (
    <Badge key={state} icon={icon} look={classNames(look, state !== first && 'animate-wash')}>
      {state}
    </Badge>
  )
}
