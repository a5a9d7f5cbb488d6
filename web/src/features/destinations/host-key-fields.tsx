import { KeyRound, Plus, X } from 'lucide-react'
import { useId } from 'react'
import { useReadHostKeys } from '../../api/destinations.ts'
import { errorText } from '../../api/error-text.ts'
import { Button } from '../../ui/button.tsx'
import { FormError, TextField } from '../../ui/field.tsx'
import { announce } from '../../ui/toast.tsx'
import { type DestinationDraft, readFingerprint, serverOf } from './destination-draft.ts'
import { HostKeyQuestion } from './host-key-question.tsx'

type HostKeyFieldsProps = {
  draft: DestinationDraft
  error: string | undefined
  onChange: (change: Pick<DestinationDraft, 'hostKeyFingerprints' | 'pasted'>) => void
}

/** Which server is the right one: keys it showed and somebody compared, or fingerprints somebody was told. */
export const HostKeyFields = ({ draft, error, onChange }: HostKeyFieldsProps) => {
  const id = useId()
  const read = useReadHostKeys()
  const server = serverOf(draft)
  const { hostKeyFingerprints: accepted, pasted } = draft
  const shown = read.data && server?.host === read.data.host && server.port === read.data.port ? read.data : null
  const typed = pasted.trim() === '' ? null : readFingerprint(pasted)
  const accept = (fingerprints: readonly string[], rest: string): void => {
    onChange({ hostKeyFingerprints: [...new Set([...accepted, ...fingerprints])], pasted: rest })
    announce(fingerprints.length === 1 ? 'The host key is accepted.' : 'The host keys are accepted.')
  }
  const addTyped = (): void => {
    if (typed && 'fingerprint' in typed) accept([typed.fingerprint], '')
  }
  return (
    <fieldset aria-describedby={`${id}-about`} className="flex flex-col gap-3">
      <legend className="mb-1 text-13 font-medium">Host key</legend>
      <p id={`${id}-about`} className="text-12 text-soft">
        By its host key the service knows that it talks to the right server. A delivery to a server with another key is
        refused.
      </p>
      {accepted.length > 0 && (
        <ul aria-label="Accepted host keys" className="flex flex-col border-t border-line">
          {accepted.map((fingerprint) => (
            <li key={fingerprint} className="flex items-center gap-2 border-b border-line py-1">
              <KeyRound size={14} className="shrink-0 text-available" aria-hidden="true" />
              <span className="min-w-0 flex-1 font-mono text-12 break-all">{fingerprint}</span>
              <Button
                size="small"
                kind="quiet"
                icon={X}
                onClick={() => onChange({ hostKeyFingerprints: accepted.filter((one) => one !== fingerprint), pasted })}
              >
                Remove<span className="sr-only"> {fingerprint}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button
          icon={KeyRound}
          busy={read.isPending}
          disabledReason={server ? null : 'Enter the host and the port first.'}
          onClick={() => {
            if (!server) return
            read.mutate(server, {
              onSuccess: ({ hostKeys }) =>
                announce(`The server shows ${hostKeys.length} host ${hostKeys.length === 1 ? 'key' : 'keys'}.`),
            })
          }}
        >
          {read.isPending ? 'Reading…' : 'Read host key'}
        </Button>
        <span className="text-12 text-soft">
          {server
            ? 'Asks the server which keys it shows; nothing is accepted by that.'
            : 'Enter the host and the port first.'}
        </span>
      </div>
      <FormError>{read.isError && errorText(read.error)}</FormError>
      {shown && (
        <HostKeyQuestion
          key={read.submittedAt}
          host={shown.host}
          port={shown.port}
          hostKeys={shown.hostKeys}
          accepted={accepted}
          onAccept={(fingerprints) => {
            accept(fingerprints, pasted)
            read.reset()
          }}
          onClose={() => read.reset()}
        />
      )}
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-64">
          <TextField
            label="Or a fingerprint you were told"
            name="fingerprint"
            autoComplete="off"
            spellCheck={false}
            placeholder="SHA256:… or 16 pairs with colons"
            value={pasted}
            error={error ?? (typed && 'error' in typed && pasted.trim().length > 46 ? typed.error : null)}
            onChange={({ target }) => onChange({ hostKeyFingerprints: accepted, pasted: target.value })}
            onKeyDown={(event) => {
              // Enter would save the whole form.
              if (event.key !== 'Enter' || pasted.trim() === '') return
              event.preventDefault()
              addTyped()
            }}
            className="font-mono text-13"
          />
        </div>
        <Button
          icon={Plus}
          className="sm:mt-5.5"
          disabledReason={typed && 'fingerprint' in typed ? null : 'Paste a whole fingerprint first.'}
          onClick={addTyped}
        >
          Add fingerprint
        </Button>
      </div>
    </fieldset>
  )
}
