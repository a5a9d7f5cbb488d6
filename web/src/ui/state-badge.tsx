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
  const { icon: Icon, look } = looks[state]
  return (
    <span
      key={state}
      className={classNames(
        'inline-flex h-6 items-center gap-1.5 rounded-small pr-2 pl-1.5 text-13 font-medium whitespace-nowrap',
        look,
        state !== first && 'animate-wash',
      )}
    >
      <Icon size={14} strokeWidth={2.25} aria-hidden="true" />
      {state}
    </span>
  )
}
