import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { isBusy } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { CirclePlus } from 'lucide-react'
import { errorText } from '../../api/error-text.ts'
import { organizations, session, snapshotList } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Count } from '../../ui/figures.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { EmptyView, ErrorView, SkeletonRows } from '../../ui/views.tsx'
import { curlInvoke } from './curl.ts'
import { Freshness } from './freshness.tsx'
import { ListFilters } from './list-filters.tsx'
import { snapshotColumns } from './snapshot-columns.tsx'
import { isFiltered } from './snapshot-filter.ts'
import { useAnnouncedStates } from './use-announced-states.ts'
import { useUrlFilter } from './use-url-filter.ts'
import { useVerificationOutcomes } from './use-verification-outcomes.ts'

export const SnapshotListPage = () => {
  const [filter, setFilter] = useUrlFilter()
  const list = useQuery(snapshotList(filter))
  const { data: all = [] } = useQuery(organizations())
  const { data: signedIn } = useQuery(session())
  const created = useLocation({ select: ({ state }) => state.created })
  useAnnouncedStates(list.data?.snapshots)
  useVerificationOutcomes(list.data?.snapshots)
  const mayCreate = signedIn ? roleMay(signedIn.role, 'operate') : false
  const isLost = list.data !== undefined && (list.isError || list.failureCount > 0)
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title="Snapshot list"
        aside={
          list.data && (
            <>
              <Count count={list.data.total} one="snapshot" many="snapshots" />
              <Freshness updatedAtMs={list.dataUpdatedAt} isLost={isLost} isLive={list.data.snapshots.some(isBusy)} />
            </>
          )
        }
        actions={
          mayCreate && (
            <Link to="/snapshots/new" className={`${buttonLook('primary')} max-md:hidden`}>
              <CirclePlus size={16} strokeWidth={2} aria-hidden="true" />
              Create New Snapshot
            </Link>
          )
        }
      />
      <ListFilters filter={filter} onChange={setFilter} totalByState={list.data?.totalByState} organizations={all} />
      {list.isPending ? (
        <SkeletonRows rows={8} label="The list is loading" />
      ) : list.data === undefined ? (
        <ErrorView
          title="The list could not be read"
          text={errorText(list.error)}
          onRetry={() => {
            void list.refetch()
          }}
        />
      ) : list.data.snapshots.length === 0 ? (
        <NoSnapshots
          filtered={isFiltered(filter) || filter.before !== undefined}
          mayCreate={mayCreate}
          sample={all.some(({ isSample }) => isSample)}
          onClear={() => setFilter({ state: 'all', userName: undefined, organization: undefined })}
        />
      ) : (
        <div className={list.isPlaceholderData ? 'opacity-60' : undefined}>
          <DataTable
            fixed
            caption="Snapshots, newest first"
            columns={snapshotColumns(
              list.dataUpdatedAt,
              new Map(all.map(({ organization, name }) => [organization, name])),
            )}
            rows={list.data.snapshots}
            rowKey={({ snapshotId }) => snapshotId}
            rowLook={({ snapshotId, state }) =>
              snapshotId === created
                ? 'bg-accent-wash/40 shadow-[inset_3px_0_0_var(--accent)]'
                : state === 'failed' && 'shadow-[inset_3px_0_0_var(--failed-ink)]'
            }
          />
        </div>
      )}
      {list.data && (
        <footer className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <div data-chrome className="ml-auto flex flex-wrap items-center gap-2">
            <CopyButton label="Copy link" said="The link is on the clipboard." text={window.location.href} />
            <CopyButton
              label="Copy as curl"
              said="The call is on the clipboard."
              text={curlInvoke(window.location.origin, signedIn?.userName ?? 'admin', 'GetSnapshots', filter)}
            />
            {filter.before && (
              <Link to="/snapshots" search={{ ...filter, before: undefined }} className={buttonLook('plain', 'small')}>
                Newest
              </Link>
            )}
            {list.data.next && (
              <Link
                to="/snapshots"
                search={{ ...filter, before: list.data.next }}
                className={buttonLook('plain', 'small')}
              >
                Older
              </Link>
            )}
          </div>
        </footer>
      )}
    </div>
  )
}

type NoSnapshotsProps = { filtered: boolean; mayCreate: boolean; sample: boolean; onClear: () => void }

const NoSnapshots = ({ filtered, mayCreate, sample, onClear }: NoSnapshotsProps) =>
  filtered ? (
    <EmptyView title="No snapshot matches" actions={<Button onClick={onClear}>Clear filters</Button>}>
      <p>
        There is none with this state and user name. The filters are part of the address, so a link may have brought
        them.
      </p>
    </EmptyView>
  ) : (
    <EmptyView
      title="No snapshots yet"
      actions={
        mayCreate && (
          <>
            {sample && (
              <Link
                to="/snapshots/new"
                state={{ proposedUserName: 'anna@sample.example' }}
                className={buttonLook('primary')}
              >
                Create the sample snapshot
              </Link>
            )}
            <Link to="/snapshots/new" className={buttonLook(sample ? 'plain' : 'primary')}>
              Create New Snapshot
            </Link>
          </>
        )
      }
    >
      <p>
        A snapshot takes the mailbox, the calendars and the contacts of one user as they are now and puts them into one
        archive that proves what it holds.
      </p>
      {sample && <p>To try it without a mail server, take the sample user anna@sample.example.</p>}
    </EmptyView>
  )
