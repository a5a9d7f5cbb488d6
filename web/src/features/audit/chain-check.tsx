import { CircleAlert, CircleCheck, Link2 } from 'lucide-react'
import { useVerifyAuditLog } from '../../api/audit-log.ts'
import { errorText } from '../../api/error-text.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { FieldError } from '../../ui/field.tsx'
import { Instant } from '../../ui/figures.tsx'
import { countText } from '../../ui/format.ts'

/** Has the chain computed anew and says in words what that came to. */
export const ChainCheck = () => {
  const verify = useVerifyAuditLog()
  const found = verify.data
  return (
    <section
      aria-label="Chain of hashes"
      className="flex flex-col gap-3 rounded border border-line bg-raised px-4 py-3"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-80 text-13 text-soft">
          Each entry holds the hash of the one before. An entry that is changed, removed or put in later breaks the
          chain.
        </p>
        <Button icon={Link2} busy={verify.isPending} onClick={() => verify.mutate()}>
          {verify.isPending ? 'Verifying…' : 'Verify the chain'}
        </Button>
      </div>
      <div role="status" className="empty:hidden">
        {verify.isError && !verify.isPending ? (
          <FieldError>{errorText(verify.error)}</FieldError>
        ) : found ? (
          <div className="flex flex-col gap-2">
            <p className={`flex items-start gap-1.5 font-medium ${found.ok ? 'text-available' : 'text-failed'}`}>
              {found.ok ? (
                <CircleCheck size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
              ) : (
                <CircleAlert size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
              )}
              <span>
                {found.ok
                  ? `The chain is whole: ${countText(found.entryCount)} ${found.entryCount === 1 ? 'entry' : 'entries'}, none changed, none missing.`
                  : `The chain is broken at entry ${found.fault ? countText(found.fault.number) : 'unknown'}: ${found.fault?.text ?? 'it does not fit'}`}
                <span className="font-normal text-soft">
                  {' '}
                  Computed on <Instant at={found.at} />.
                </span>
              </span>
            </p>
            {!found.ok && (
              <p className="text-13">
                Keep the database as it is, export the log, and report this. Entries before that one can be relied on.
              </p>
            )}
            {found.headHash && (
              <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-13">
                <span className="text-soft">Hash of the last entry</span>
                <span className="font-mono text-12 break-all">{found.headHash}</span>
                <CopyButton label="Copy hash" said="The hash is on the clipboard." text={found.headHash} />
                <span className="basis-full text-12 text-soft">
                  Write it down elsewhere: a log that is cut off or made anew later will show.
                </span>
              </p>
            )}
          </div>
        ) : null}
      </div>
    </section>
  )
}
