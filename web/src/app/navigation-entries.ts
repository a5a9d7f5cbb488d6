import type { Access } from '@stillbox/shared/vocabulary/access.ts'
import { CirclePlus, HardDriveUpload, Layers, type LucideIcon, ScrollText, Server, Users } from 'lucide-react'

/** One page the rail leads to. */
export type NavigationEntry = {
  readonly to: '/snapshots' | '/snapshots/new' | '/destinations' | '/accounts' | '/audit' | '/system'
  readonly icon: LucideIcon
  /** Under the icon, where the rail is narrow. */
  readonly short: string
  readonly long: string
  /** The right it takes to see anything there. */
  readonly needs: Access
}

/** The pages in their order. */
export const navigationEntries: readonly NavigationEntry[] = [
  { to: '/snapshots', icon: Layers, short: 'Snapshots', long: 'Snapshot list', needs: 'read' },
  { to: '/snapshots/new', icon: CirclePlus, short: 'Create', long: 'Create New Snapshot', needs: 'operate' },
  { to: '/destinations', icon: HardDriveUpload, short: 'Destinations', long: 'Destinations', needs: 'read' },
  { to: '/accounts', icon: Users, short: 'Accounts', long: 'Accounts', needs: 'administer' },
  { to: '/audit', icon: ScrollText, short: 'Audit log', long: 'Audit log', needs: 'audit' },
  { to: '/system', icon: Server, short: 'System', long: 'System', needs: 'read' },
]

/** What the bottom bar of a phone has room for. */
const barTakes = 5

/** The bar’s own entries, and the rest, which stand behind “More”; that takes one place, so there are never more than five. */
export const shareOut = <Entry>(
  entries: readonly Entry[],
): { readonly bar: readonly Entry[]; readonly more: readonly Entry[] } =>
  entries.length <= barTakes
    ? { bar: entries, more: [] }
    : { bar: entries.slice(0, barTakes - 1), more: entries.slice(barTakes - 1) }
