import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { Link } from '@tanstack/react-router'
import type { Column } from '../../ui/data-table.tsx'
import { Bytes, Count, Moment } from '../../ui/figures.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { Integrity } from './integrity.tsx'
import { Outcome } from './outcome.tsx'
import { RowOperations } from './row-operations.tsx'
import { typesText } from './snapshot-words.ts'
import { TimeTaken } from './time-taken.tsx'

/** Whether there is, or was, an archive that could be read back. */
const hasIntegrity = ({ isStored, lastVerifiedAt, state }: Snapshot): boolean =>
  state === 'available' && (isStored || lastVerifiedAt !== null)

/**
 * The ledger's columns. A row has two or three lines and keeps its height while it works. The widths are fixed, so that
 * no name or sentence pushes the operations out of sight; user and progress share what is left.
 */
export const snapshotColumns = (
  nowMs: number,
  organizationNames: ReadonlyMap<string, string>,
): readonly Column<Snapshot>[] => [
  {
    id: 'state',
    header: 'State',
    badges: true,
    width: 'w-31 lg:w-33',
    cell: ({ state }) => <StateBadge state={state} />,
  },
  {
    id: 'user',
    header: 'User and type',
    width: 'w-[22%]',
    names: true,
    cell: ({ snapshotId, userName, type, organization }) => (
      <div className="flex flex-col">
        <Link
          to="/snapshots/$snapshotId"
          params={{ snapshotId }}
          title={userName}
          className="line-clamp-2 min-h-6 py-0.5 text-14 font-medium wrap-anywhere hover:text-accent hover:underline hover:underline-offset-2"
        >
          {userName}
        </Link>
        <span className="text-12 text-soft">{typesText(type)}</span>
        {organizationNames.size > 1 && (
          <span className="truncate text-12 text-soft" title={organizationNames.get(organization)}>
            {organizationNames.get(organization) ?? organization}
          </span>
        )}
      </div>
    ),
  },
  {
    id: 'started',
    header: 'Started',
    width: 'w-27 whitespace-nowrap',
    cell: (snapshot) => (
      <div className="flex flex-col">
        <span className="flex min-h-6 items-center">
          <Moment at={snapshot.startedAt ?? snapshot.createdAt} />
        </span>
        <TimeTaken snapshot={snapshot} nowMs={nowMs} />
      </div>
    ),
  },
  {
    id: 'items',
    header: 'Items and size',
    width: 'w-29 whitespace-nowrap',
    align: 'right',
    cell: ({ itemCount, archiveSizeBytes, state }) =>
      itemCount === null || state === 'deleted' ? null : (
        <div className="flex gap-2 min-[62rem]:flex-col min-[62rem]:gap-0.5 min-[62rem]:pt-0.5">
          <Count count={itemCount} one="item" many="items" />
          {archiveSizeBytes !== null && <Bytes bytes={archiveSizeBytes} />}
        </div>
      ),
  },
  {
    id: 'progress',
    header: 'Progress',
    cell: (snapshot) => (
      <>
        <Outcome snapshot={snapshot} nowMs={nowMs} />
        {hasIntegrity(snapshot) && (
          <div className="hidden min-[62rem]:max-[96rem]:block">
            <Integrity snapshot={snapshot} />
          </div>
        )}
      </>
    ),
  },
  {
    id: 'integrity',
    header: 'Integrity',
    // Up to a wide window it stands in the column before, which needs the room for its sentences.
    width: 'w-32 whitespace-nowrap min-[62rem]:max-[96rem]:hidden',
    cell: (snapshot) => (hasIntegrity(snapshot) ? <Integrity snapshot={snapshot} /> : null),
  },
  {
    id: 'operations',
    header: 'Operations',
    width: 'w-40 whitespace-nowrap min-[96rem]:w-52',
    align: 'right',
    cell: (snapshot) => <RowOperations snapshot={snapshot} />,
  },
]
