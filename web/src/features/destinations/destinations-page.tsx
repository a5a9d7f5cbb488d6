import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CirclePlus, PlugZap } from 'lucide-react'
import { destinationList } from '../../api/destinations.ts'
import { errorText } from '../../api/error-text.ts'
import { organizations, session } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Count } from '../../ui/figures.tsx'
import { listText, sshServerText } from '../../ui/format.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { EmptyView, ErrorView, SkeletonRows } from '../../ui/views.tsx'
import { authWords, folderText, protocolWords } from './destination-words.ts'
import { LastTest, refusalOfTest } from './test-outcome.tsx'
import { useDestinationTest } from './use-destination-test.ts'

/** The test of one row, with its result beside it. */
const RowTest = ({ destination, mayChange }: { destination: Destination; mayChange: boolean }) => {
  const test = useDestinationTest(destination)
  const refusal = refusalOfTest(test.error)
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
      <div className="min-w-40 flex-1">
        {test.isPending ? <span className="text-soft">testing…</span> : <LastTest destination={destination} />}
        {refusal !== null && !test.isPending && <p className="text-12 text-failed">{refusal}</p>}
      </div>
      {mayChange && (
        <Button size="small" kind="quiet" icon={PlugZap} busy={test.isPending} onClick={test.run}>
          Test<span className="sr-only"> the destination {destination.name}</span>
        </Button>
      )}
    </div>
  )
}

const columnsFor = (
  mayChange: boolean,
  organizationNames: ReadonlyMap<string, string>,
): readonly Column<Destination>[] => [
  {
    id: 'name',
    header: 'Name',
    names: true,
    width: 'w-[20%]',
    cell: ({ destinationId, name, organizations: limited }) => (
      <div className="flex flex-col">
        <Link
          to="/destinations/$destinationId"
          params={{ destinationId }}
          className="line-clamp-2 min-h-6 py-0.5 text-14 font-medium wrap-anywhere hover:text-accent hover:underline hover:underline-offset-2"
        >
          {name}
        </Link>
        {limited !== null && (
          <span className="text-12 text-soft">
            only {listText(limited.map((id) => organizationNames.get(id) ?? id))}
          </span>
        )}
      </div>
    ),
  },
  { id: 'protocol', header: 'Protocol', width: 'w-22', cell: ({ protocol }) => protocolWords[protocol] },
  {
    id: 'address',
    header: 'Address and path',
    cell: (destination) => (
      <div className="flex flex-col gap-0.5">
        <span className="font-mono text-13 wrap-anywhere">{sshServerText(destination)}</span>
        <span className="text-12 text-soft wrap-anywhere">{folderText(destination.path)}</span>
        <span className="font-mono text-12 text-soft wrap-anywhere">{destination.fileName}</span>
      </div>
    ),
  },
  { id: 'sign-in', header: 'Sign-in', width: 'w-34', cell: ({ authMethod }) => authWords[authMethod] },
  {
    id: 'test',
    header: 'Last test',
    width: 'w-[27%]',
    cell: (destination) => <RowTest destination={destination} mayChange={mayChange} />,
  },
]

/** The servers archives can be delivered to. Everybody may read them, administrators change them. */
export const DestinationsPage = () => {
  const list = useQuery(destinationList())
  const { data: all = [] } = useQuery(organizations())
  const { data: signedIn } = useQuery(session())
  const mayChange = signedIn ? roleMay(signedIn.role, 'administer') : false
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title="Destinations"
        aside={list.data && <Count count={list.data.length} one="destination" many="destinations" />}
        actions={
          mayChange && (
            <Link to="/destinations/new" className={buttonLook('primary')}>
              <CirclePlus size={16} strokeWidth={2} aria-hidden="true" />
              New destination
            </Link>
          )
        }
      />
      <p className="max-w-prose text-soft">
        Servers that a snapshot’s archive can be delivered to by SFTP or SCP once it is complete.
        {!mayChange && ' Administrators add and change them.'}
      </p>
      {list.isPending ? (
        <SkeletonRows rows={4} label="The destinations are loading" />
      ) : list.data === undefined ? (
        <ErrorView
          title="The destinations could not be read"
          text={errorText(list.error)}
          onRetry={() => {
            void list.refetch()
          }}
        />
      ) : list.data.length === 0 ? (
        <EmptyView
          title="No destinations yet"
          actions={
            mayChange && (
              <Link to="/destinations/new" className={buttonLook('primary')}>
                New destination
              </Link>
            )
          }
        >
          <p>
            {mayChange
              ? 'Have its address, a user name, and the fingerprint of its host key at hand.'
              : 'An administrator can add one. Until then archives are fetched by download.'}
          </p>
        </EmptyView>
      ) : (
        <DataTable
          fixed
          caption="Destinations, by name"
          columns={columnsFor(mayChange, new Map(all.map(({ organization, name }) => [organization, name])))}
          rows={list.data}
          rowKey={({ destinationId }) => destinationId}
          rowLook={({ lastTest }) => Boolean(lastTest?.error) && 'shadow-[inset_3px_0_0_var(--failed-ink)]'}
        />
      )}
    </div>
  )
}
