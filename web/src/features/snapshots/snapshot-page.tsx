import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { isBusy, snapshotCan } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { errorText } from '../../api/error-text.ts'
import { organizations, session, snapshotInfo } from '../../api/queries.ts'
import { buttonLook } from '../../ui/button.tsx'
import { textLinkLook } from '../../ui/class-names.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Instant, Moment } from '../../ui/figures.tsx'
import { PageHeader, Section } from '../../ui/page-header.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { EmptyView, ErrorView, SkeletonRows } from '../../ui/views.tsx'
import { curlDownload, curlInvoke } from './curl.ts'
import { rangeText } from './day-range.ts'
import { DeliveryFacts } from './delivery-facts.tsx'
import { hasFailedDelivery } from './delivery-words.ts'
import { ExportsList } from './exports-list.tsx'
import { FolderAccounts } from './folder-accounts.tsx'
import { Freshness } from './freshness.tsx'
import { IssueList } from './issue-list.tsx'
import { Keeping } from './keeping.tsx'
import { FailureText } from './outcome.tsx'
import { PageOperations } from './page-operations.tsx'
import { ProgressView } from './progress-view.tsx'
import { Proof } from './proof.tsx'
import type { SnapshotDetails } from './snapshot-details.ts'
import { typesText } from './snapshot-words.ts'
import { StepLine } from './step-line.tsx'
import { TimeTaken } from './time-taken.tsx'
import { UploadView } from './upload-view.tsx'
import { useAnnouncedStates } from './use-announced-states.ts'
import { useVerificationOutcomes } from './use-verification-outcomes.ts'

export const SnapshotPage = () => {
  const { snapshotId } = useParams({ from: '/signed-in/snapshots/$snapshotId' })
  const id = SnapshotId.safeParse(snapshotId)
  if (id.success) return <OneSnapshot key={id.data} snapshotId={id.data} />
  return (
    <div className="flex max-w-280 flex-col gap-8">
      <div className="flex flex-col gap-3">
        <BackToList />
        <PageHeader title="Snapshot" />
      </div>
      <NoSuchSnapshot />
    </div>
  )
}

const NoSuchSnapshot = () => (
  <EmptyView
    title="There is no snapshot with this id"
    actions={
      <Link to="/snapshots" className={buttonLook('primary')}>
        Show the snapshots
      </Link>
    }
  >
    <p>Check the link; the id is the last part of the address.</p>
  </EmptyView>
)

const OneSnapshot = ({ snapshotId }: { snapshotId: SnapshotId }) => {
  const info = useQuery(snapshotInfo(snapshotId))
  useAnnouncedStates(info.data && [info.data])
  useVerificationOutcomes(info.data && [info.data])
  const snapshot = info.data
  return (
    <div className="flex max-w-280 flex-col gap-8">
      <div className="flex flex-col gap-3">
        <BackToList />
        {/* One heading for all views of the page: it keeps the focus it was given while the rest was loading. */}
        <PageHeader
          title={snapshot ? `Snapshot of ${snapshot.userName}` : 'Snapshot'}
          heading={snapshot?.userName}
          aside={
            snapshot && (
              <span className="inline-flex items-center gap-x-4">
                <StateBadge state={snapshot.state} />
                <TimeTaken snapshot={snapshot} nowMs={info.dataUpdatedAt} />
              </span>
            )
          }
          actions={snapshot && <PageOperations snapshot={snapshot} />}
        />
        {snapshot && <Request snapshot={snapshot} />}
      </div>
      {snapshot ? (
        <SnapshotView
          snapshot={snapshot}
          updatedAtMs={info.dataUpdatedAt}
          isLost={info.isError || info.failureCount > 0}
        />
      ) : info.isPending ? (
        <SkeletonRows rows={6} label="The snapshot is loading" />
      ) : isAppError(info.error, 'not_found') ? (
        <NoSuchSnapshot />
      ) : (
        <ErrorView
          title="The snapshot could not be read"
          text={errorText(info.error)}
          onRetry={() => {
            void info.refetch()
          }}
        />
      )}
    </div>
  )
}

const BackToList = () => (
  <Link
    to="/snapshots"
    data-chrome
    className="inline-flex min-h-6 items-center gap-1.5 self-start text-13 text-soft hover:text-accent"
  >
    <ArrowLeft size={14} aria-hidden="true" />
    Snapshot list
  </Link>
)

/** What was asked for, by whom and when. */
const Request = ({ snapshot }: { snapshot: SnapshotDetails }) => {
  const { data: all = [] } = useQuery(organizations())
  const range = rangeText(snapshot.start, snapshot.end)
  return (
    <p className="text-soft">
      {typesText(snapshot.type)}
      {range && `, received ${range}`}
      {`. ${all.find(({ organization }) => organization === snapshot.organization)?.name ?? snapshot.organization}. `}
      Requested by {snapshot.createdBy} on <Instant at={snapshot.createdAt} />.
    </p>
  )
}

type SnapshotViewProps = { snapshot: SnapshotDetails; updatedAtMs: number; isLost: boolean }

const SnapshotView = ({ snapshot, updatedAtMs, isLost }: SnapshotViewProps) => {
  const { data: signedIn } = useQuery(session())
  const { snapshotId, state, error } = snapshot
  const caller = signedIn?.userName ?? 'admin'
  const maySeeLog = signedIn ? roleMay(signedIn.role, 'audit') : false
  return (
    <>
      <div className="flex flex-col gap-5">
        <StepLine snapshot={snapshot} nowMs={updatedAtMs} />
        {state === 'uploading' && snapshot.delivery ? (
          <UploadView userName={snapshot.userName} delivery={snapshot.delivery} />
        ) : (
          (state === 'dumping' || state === 'uploading') && <ProgressView snapshot={snapshot} nowMs={updatedAtMs} />
        )}
        {error && (
          <div className="flex flex-col gap-1 rounded bg-failed-wash px-4 py-3 shadow-[inset_3px_0_0_var(--failed-ink)]">
            <FailureText error={error} />
            {hasFailedDelivery(snapshot) && (
              <p>
                The archive is complete and kept here: download it, or have it uploaded again once the cause is gone.
              </p>
            )}
            {snapshot.nextAttemptAt && (
              <p className="text-soft">
                Next attempt <Moment at={snapshot.nextAttemptAt} />.
              </p>
            )}
          </div>
        )}
        <Keeping snapshot={snapshot} nowMs={updatedAtMs} />
      </div>

      {snapshot.delivery && (
        <Section title="Delivery">
          <DeliveryFacts snapshot={snapshot} />
        </Section>
      )}

      <ExportsList snapshotId={snapshotId} isOpen={snapshotCan.download(snapshot)} />

      <Section title="Account of the source">
        <FolderAccounts folders={snapshot.folders} isWorking={isBusy(snapshot)} isWhole={snapshot.rootHash !== null} />
      </Section>

      <div id="issues" className="scroll-mt-20">
        <Section title="Issues">
          <IssueList issues={snapshot.issues} issueCount={snapshot.issueCount} isBusy={isBusy(snapshot)} />
        </Section>
      </div>

      <Section title="Proof">
        <Proof snapshot={snapshot} />
      </Section>

      <Section title="Log">
        {snapshot.messages.length === 0 ? (
          <p className="text-soft">Nothing has been noted yet.</p>
        ) : (
          <ol className="flex flex-col gap-1 text-13">
            {snapshot.messages.map(({ at, text }) => (
              <li key={`${at} ${text}`} className="grid gap-x-4 sm:grid-cols-[15rem_minmax(0,1fr)]">
                <span className="text-soft">
                  <Instant at={at} />
                </span>
                <span>{text}</span>
              </li>
            ))}
          </ol>
        )}
      </Section>

      <footer className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-3">
        <Freshness updatedAtMs={updatedAtMs} isLost={isLost} isLive={isBusy(snapshot)} />
        {maySeeLog && (
          <Link to="/audit" search={{ target: snapshotId }} className={`${textLinkLook} text-13`}>
            Its entries in the audit log
          </Link>
        )}
        <div data-chrome className="ml-auto flex flex-wrap gap-2">
          <CopyButton label="Copy link" said="The link is on the clipboard." text={window.location.href} />
          <CopyButton
            label="Copy as curl"
            said="The call is on the clipboard."
            text={curlInvoke(window.location.origin, caller, 'GetSnapshotInfo', { snapshotId })}
          />
          {snapshotCan.download(snapshot) && (
            <CopyButton
              label="Copy download as curl"
              said="The download command is on the clipboard."
              text={curlDownload(
                window.location.origin,
                caller,
                snapshotId,
                snapshot.archiveName ?? `${snapshotId}.zip`,
              )}
            />
          )}
        </div>
      </footer>
    </>
  )
}
