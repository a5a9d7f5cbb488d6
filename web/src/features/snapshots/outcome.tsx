import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { Link } from '@tanstack/react-router'
import { nextStep } from '../../api/error-text.ts'
import { textLinkLook } from '../../ui/class-names.ts'
import { Count, Moment } from '../../ui/figures.tsx'
import { Sentence } from '../../ui/sentence.tsx'
import { hasFailedDelivery } from './delivery-words.ts'
import { ExpiryBadge } from './expiry-badge.tsx'
import { ProgressView } from './progress-view.tsx'
import { UploadView } from './upload-view.tsx'

/** Some sentences of the catalog end with a reason in the server’s words, which may lack its full stop. */
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** What a failed snapshot says: the cause in one sentence, then what to do. */
export const FailureText = ({ error }: { error: NonNullable<Snapshot['error']> }) => {
  const step = nextStep(error.code)
  return (
    <p className="max-w-prose">
      <span className="text-failed">
        <Sentence text={sentence(error.message)} />
      </span>
      {step && <span className="text-soft"> {step}</span>}
    </p>
  )
}

/** How far a snapshot is, or what became of it. */
export const Outcome = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => {
  const { state, error, issueCount, itemCount, snapshotId, delivery } = snapshot
  if (state === 'failed')
    return (
      <>
        {error ? <FailureText error={error} /> : <p className="text-failed">It failed without saying why.</p>}
        {hasFailedDelivery(snapshot) && <p className="text-soft">The archive is complete and kept here.</p>}
        <ExpiryBadge snapshot={snapshot} nowMs={nowMs} />
      </>
    )
  if (state === 'pending') return <Waiting snapshot={snapshot}>Waits for its turn</Waiting>
  if (state === 'uploading' && delivery) return <UploadView userName={snapshot.userName} delivery={delivery} />
  if (state === 'dumping' || state === 'uploading') return <ProgressView snapshot={snapshot} nowMs={nowMs} />
  if (state === 'dumped') return <Waiting snapshot={snapshot}>Archive complete, waits to be delivered</Waiting>
  if (state === 'deleted') return <p className="pt-0.5 text-soft">Archive deleted</p>
  return (
    <div className="flex flex-col items-start gap-0.5 pt-0.5 text-soft">
      <p>
        {issueCount ? (
          <Link to="/snapshots/$snapshotId" params={{ snapshotId }} hash="issues" className={textLinkLook}>
            <Count count={issueCount} one="issue" many="issues" />
          </Link>
        ) : itemCount === 0 ? (
          'Complete, nothing to take'
        ) : (
          'Complete, no issues'
        )}
      </p>
      {delivery?.deliveredAt && (
        <p className="text-12 wrap-anywhere">
          Delivered to {delivery.destinationName ?? delivery.host}
          {!snapshot.isStored && ', not here any more'}
        </p>
      )}
      {!delivery && !snapshot.isStored && <p className="text-12">The archive has expired</p>}
      <ExpiryBadge snapshot={snapshot} nowMs={nowMs} />
    </div>
  )
}

/** What it waits for: its turn, or the next attempt after a failure that may pass. */
export const Waiting = ({ snapshot: { nextAttemptAt, error }, children }: { snapshot: Snapshot; children: string }) => (
  <p className="pt-0.5 text-soft">
    {nextAttemptAt ? (
      <>
        {sentence(error?.message ?? 'It failed for a passing reason.')} Next attempt <Moment at={nextAttemptAt} />.
      </>
    ) : (
      children
    )}
  </p>
)
