import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { Link } from '@tanstack/react-router'
import type { Column } from '../../ui/data-table.tsx'
import { Bytes, Count, Duration, Moment } from '../../ui/figures.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { Integrity } from './integrity.tsx'
import { Outcome } from './outcome.tsx'
import { RowOperations } from './row-operations.tsx'
import { typesText } from './snapshot-words.ts'

/** How long it took, or has been at work until `nowMs`; null before it began. */
export const elapsedMs = ({ state, startedAt, finishedAt }: Snapshot, nowMs: number): number | null => {
  if (startedAt === null) return null
  const endMs = finishedAt !== null ? Date.parse(finishedAt) : isBusy({ state }) ? nowMs : null
  return endMs === null ? null : Math.max(0, endMs - Date.parse(startedAt))
}

/** The ledger's columns. Two lines a cell at most, so that a row keeps its height while it works. */
export const snapshotColumns = (
  nowMs: number,
  organizationNames: ReadonlyMap<string, string>,
): readonly Column<Snapshot>[] => [
  { id: 'state', header: 'State', badges: true, cell: ({ state }) => <StateBadge state={state} /> },
  {
    id: 'user',
    header: 'User and type',
    width: 'min-w-44 lg:min-w-56',
    names: true,
    cell: ({ snapshotId, userName, type, organization }) => (
      <div className="flex flex-col">
        <Link
          to="/snapshots/$snapshotId"
          params={{ snapshotId }}
          className="flex min-h-6 items-center text-14 font-medium wrap-anywhere hover:text-accent hover:underline hover:underline-offset-2"
        >
          {userName}
        </Link>
        <span className="text-12 text-soft">
          {typesText(type)}
          {organizationNames.size > 1 && ` · ${organizationNames.get(organization) ?? organization}`}
        </span>
      </div>
    ),
  },
  {
    id: 'started',
    header: 'Started',
    width: 'whitespace-nowrap',
    cell: (snapshot) => {
      const ms = elapsedMs(snapshot, nowMs)
      return (
        <div className="flex flex-col">
          <span className="flex min-h-6 items-center">
            <Moment at={snapshot.startedAt ?? snapshot.createdAt} />
          </span>
          <span className="text-12 text-soft">
            {ms === null ? (
              'not started'
            ) : (
              <>
                {isBusy(snapshot) ? 'for ' : 'took '}
                <Duration ms={ms} />
              </>
            )}
          </span>
        </div>
      )
    },
  },
  {
    id: 'items',
    header: 'Items and size',
    width: 'whitespace-nowrap',
    align: 'right',
    cell: ({ itemCount, archiveSizeBytes, state }) =>
      itemCount === null || state === 'deleted' ? null : (
        <div className="flex gap-2 min-[62rem]:flex-col min-[62rem]:gap-0.5 min-[62rem]:pt-0.5">
          <Count count={itemCount} one="item" many="items" />
          {archiveSizeBytes !== null && <Bytes bytes={archiveSizeBytes} />}
        </div>
      ),
  },
  { id: 'progress', header: 'Progress', width: 'w-full min-w-48', cell: (snapshot) => <Outcome snapshot={snapshot} /> },
  {
    id: 'integrity',
    header: 'Integrity',
    width: 'whitespace-nowrap',
    cell: (snapshot) => (snapshot.state === 'available' ? <Integrity snapshot={snapshot} /> : null),
  },
  {
    id: 'operations',
    header: 'Operations',
    width: 'whitespace-nowrap',
    align: 'right',
    cell: (snapshot) => <RowOperations snapshot={snapshot} />,
  },
]
