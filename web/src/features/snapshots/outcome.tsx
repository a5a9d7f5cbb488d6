import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { Link } from '@tanstack/react-router'
import { nextStep } from '../../api/error-text.ts'
import { textLinkLook } from '../../ui/class-names.ts'
import { Count, Moment } from '../../ui/figures.tsx'
import { Sentence } from '../../ui/sentence.tsx'
import { ProgressView } from './progress-view.tsx'

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
  const { state, error, nextAttemptAt, issueCount, itemCount, snapshotId } = snapshot
  if (state === 'failed')
    return error ? <FailureText error={error} /> : <p className="text-failed">It failed without saying why.</p>
  if (state === 'pending')
    return (
      <p className="pt-0.5 text-soft">
        {nextAttemptAt ? (
          <>
            {error?.message ?? 'It failed for a passing reason.'} Next attempt <Moment at={nextAttemptAt} />.
          </>
        ) : (
          'Waits for its turn'
        )}
      </p>
    )
  if (state === 'dumping' || state === 'uploading') return <ProgressView snapshot={snapshot} nowMs={nowMs} />
  if (state === 'dumped') return <p className="pt-0.5 text-soft">Archive complete, waits to be delivered</p>
  if (state === 'deleted') return <p className="pt-0.5 text-soft">Archive deleted</p>
  return (
    <p className="pt-0.5 text-soft">
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
  )
}
