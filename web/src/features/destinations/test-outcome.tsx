import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-react'
import { errorText } from '../../api/error-text.ts'
import { Moment } from '../../ui/figures.tsx'
import { Sentence } from '../../ui/sentence.tsx'

/** How the last test of a destination ended, in words, and when it was. */
export const LastTest = ({
  destination: { lastTest },
  text = 'short',
}: {
  destination: Destination
  /** How much of what went wrong is told. */
  text?: 'none' | 'short' | 'whole'
}) => {
  if (lastTest === null)
    return (
      <span className="inline-flex min-h-6 items-center gap-1.5 text-soft">
        <CircleDashed size={14} className="shrink-0" aria-hidden="true" />
        not tested as it is now
      </span>
    )
  const { at, error } = lastTest
  return (
    <span className="flex min-w-0 flex-col">
      <span
        className={`inline-flex min-h-6 items-center gap-1.5 font-medium ${error === null ? 'text-available' : 'text-failed'}`}
      >
        {error === null ? (
          <CircleCheck size={14} className="shrink-0" aria-hidden="true" />
        ) : (
          <CircleAlert size={14} className="shrink-0" aria-hidden="true" />
        )}
        <span>
          {error === null ? 'works' : 'failed'}
          <span className="font-normal text-soft">
            {', tested '}
            <Moment at={at} />
          </span>
        </span>
      </span>
      {error !== null && text !== 'none' && (
        <span
          className={text === 'whole' ? 'max-w-prose text-13' : 'line-clamp-3 text-12 text-soft'}
          title={text === 'whole' ? undefined : error}
        >
          <Sentence text={error} />
        </span>
      )}
    </span>
  )
}

export const isHostKeyChange = (error: unknown): boolean => isAppError(error, 'destination_host_key_changed')

/** A host key that is not the saved one: both fingerprints, one above the other, and what to do. */
export const ChangedHostKey = ({ error }: { error: unknown }) => {
  if (!isAppError(error, 'destination_host_key_changed')) return null
  const { actual, expected, host } = error.details
  return (
    <div className="flex flex-col gap-2 rounded bg-failed-wash px-4 py-3 text-13 shadow-[inset_3px_0_0_var(--failed-ink)]">
      <p className="font-medium text-failed">{host} showed another host key than the saved one. Nothing was sent.</p>
      <dl className="grid gap-x-3 gap-y-1 sm:grid-cols-[5rem_minmax(0,1fr)]">
        <dt className="text-soft">It shows</dt>
        <dd className="font-mono text-12 break-all">{actual}</dd>
        <dt className="text-soft">Saved is</dt>
        <dd className="font-mono text-12 break-all">{expected}</dd>
      </dl>
      <p>
        Ask the server’s administrator over another way whether it got new host keys. If it did, and the new fingerprint
        is the one above, choose “Edit”, read the host key there, accept it, and remove the old one. If it did not,
        somebody may be in between: leave everything as it is and report it.
      </p>
    </div>
  )
}

/** What a test came to is kept with the destination; this is why none could be made. Null for a result. */
export const refusalOfTest = (error: unknown): string | null =>
  error === null || (isAppError(error) && error.code.startsWith('destination_')) ? null : errorText(error)
