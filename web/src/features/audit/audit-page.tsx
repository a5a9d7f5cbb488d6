import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Download, RefreshCw } from 'lucide-react'
import { auditLog } from '../../api/audit-log.ts'
import { errorText } from '../../api/error-text.ts'
import { session } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { LogMoment } from '../../ui/figures.tsx'
import { clockText } from '../../ui/format.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { EmptyView, ErrorView, SkeletonRows } from '../../ui/views.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { type AuditSearch, exportHref, isNarrowed, narrowingOf, noNarrowing } from './audit-search.ts'
import { actionWords, clientWords } from './audit-words.ts'
import { ChainCheck } from './chain-check.tsx'
import { EntryDialog } from './entry-dialog.tsx'
import { OutcomeBadge } from './outcome-badge.tsx'
import { TargetLink } from './target-link.tsx'

/** Who did what, and what was refused. For auditors and administrators. */
export const AuditPage = () => {
  const { data: signedIn } = useQuery(session())
  if (!signedIn) return null
  if (roleMay(signedIn.role, 'audit')) return <AuditLog />
  return (
    <>
      <PageHeader title="Audit log" />
      <ErrorView
        title="The audit log is for auditors and administrators"
        text={`${new AppError('forbidden', { details: { access: 'audit' } }).message} An administrator can change your role.`}
      />
    </>
  )
}

const columnsFor = (search: AuditSearch): readonly Column<AuditEntry>[] => [
  { id: 'when', header: 'When', width: 'w-37', cell: ({ at }) => <LogMoment at={at} /> },
  {
    id: 'who',
    header: 'Who',
    width: 'w-[17%]',
    cell: ({ actor, client }) => (
      <div className="flex flex-col">
        <span className="wrap-anywhere">{actor ?? 'the service itself'}</span>
        {client && <span className="text-12 text-soft">{clientWords[client]}</span>}
      </div>
    ),
  },
  {
    id: 'what',
    header: 'What',
    names: true,
    width: 'w-[22%]',
    cell: ({ number, action }) => (
      <Link
        to="/audit"
        search={{ ...search, entry: number }}
        resetScroll={false}
        title={`Entry ${number}: everything it holds`}
        className="inline-block min-h-6 font-medium wrap-anywhere hover:text-accent hover:underline hover:underline-offset-2"
      >
        {actionWords[action]}
        <span className="sr-only">, entry {number}</span>
      </Link>
    ),
  },
  {
    id: 'target',
    header: 'Target',
    cell: (entry) => (entry.target === null ? null : <TargetLink entry={entry} short />),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    badges: true,
    width: 'w-32 lg:w-40',
    cell: ({ outcome, code }) => (
      <div className="flex flex-col items-start gap-0.5">
        <OutcomeBadge outcome={outcome} />
        {code && <span className="font-mono text-12 text-soft wrap-anywhere">{code}</span>}
      </div>
    ),
  },
  {
    id: 'from',
    header: 'From',
    width: 'w-30 lg:w-36',
    cell: ({ address }) => address && <span className="font-mono text-12 break-all">{address}</span>,
  },
]

const AuditLog = () => {
  const search: AuditSearch = useSearch({ from: '/signed-in/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const log = useInfiniteQuery(auditLog(narrowingOf(search)))
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? []
  const change = (part: Partial<AuditSearch>): void => {
    void navigate({
      search: (current) => ({ ...current, entry: undefined, ...part }),
      replace: true,
      resetScroll: false,
    })
  }
  const close = (): void => {
    void navigate({ search: (current) => ({ ...current, entry: undefined }), resetScroll: false })
  }
  return (
    <div className="flex flex-col gap-4">
      <PageHeader
        title="Audit log"
        aside={
          log.data && <p className="text-13 text-soft">Newest first, as of {clockText(new Date(log.dataUpdatedAt))}</p>
        }
        actions={
          <>
            <Button
              icon={RefreshCw}
              busy={log.isRefetching}
              onClick={() => {
                void log.refetch()
              }}
            >
              Show the newest
            </Button>
            {(['jsonl', 'csv'] as const).map((format) => (
              <a key={format} href={exportHref(format, search)} download className={buttonLook('plain')}>
                <Download size={16} strokeWidth={2} aria-hidden="true" />
                {format === 'jsonl' ? 'JSON Lines' : 'CSV'}
                <span className="sr-only">: export what the filters show</span>
              </a>
            ))}
          </>
        }
      />
      <ChainCheck />
      <AuditFilters search={search} onChange={change} />
      {log.isPending ? (
        <SkeletonRows rows={8} label="The audit log is loading" />
      ) : log.data === undefined ? (
        <ErrorView
          title="The audit log could not be read"
          text={errorText(log.error)}
          onRetry={() => {
            void log.refetch()
          }}
        />
      ) : entries.length === 0 ? (
        <EmptyView
          title={isNarrowed(search) ? 'No entry matches' : 'No entries yet'}
          actions={isNarrowed(search) && <Button onClick={() => change(noNarrowing)}>Clear filters</Button>}
        >
          <p>
            {isNarrowed(search)
              ? 'The filters are part of the address, so a link may have brought them. A target is compared exactly.'
              : 'Sign-ins, changes and downloads will stand here.'}
          </p>
        </EmptyView>
      ) : (
        <div className={log.isPlaceholderData ? 'opacity-60' : undefined}>
          <DataTable
            fixed
            caption="Audit log, newest first"
            columns={columnsFor(search)}
            rows={entries}
            rowKey={({ number }) => String(number)}
            rowLook={({ outcome }) => outcome !== 'done' && 'shadow-[inset_3px_0_0_var(--line-strong)]'}
          />
        </div>
      )}
      {log.data && entries.length > 0 && (
        <footer data-chrome className="flex flex-wrap items-center gap-x-4 gap-y-2">
          {log.hasNextPage ? (
            <Button
              busy={log.isFetchingNextPage}
              onClick={() => {
                void log.fetchNextPage()
              }}
            >
              {log.isFetchingNextPage ? 'Loading…' : 'Load more'}
            </Button>
          ) : (
            <p className="text-13 text-soft">This is all.</p>
          )}
          {log.isFetchNextPageError && <p className="text-13 text-failed">{errorText(log.error)}</p>}
          <div className="ml-auto">
            <CopyButton label="Copy link" said="The link is on the clipboard." text={window.location.href} />
          </div>
        </footer>
      )}
      {search.entry !== undefined && (
        <EntryDialog
          key={search.entry}
          number={search.entry}
          known={entries.find(({ number }) => number === search.entry)}
          onClose={close}
        />
      )}
    </div>
  )
}
