import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { useQuery } from '@tanstack/react-query'
import { auditEntry } from '../../api/audit-log.ts'
import { errorText } from '../../api/error-text.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Actions, Dialog } from '../../ui/dialog.tsx'
import { Fact, FactList } from '../../ui/fact.tsx'
import { FieldError } from '../../ui/field.tsx'
import { Instant } from '../../ui/figures.tsx'
import { SkeletonRows } from '../../ui/views.tsx'
import { actionWords, clientWords } from './audit-words.ts'
import { OutcomeBadge } from './outcome-badge.tsx'
import { TargetLink } from './target-link.tsx'

const none = <span className="text-soft">none</span>

type EntryDialogProps = {
  number: number
  /** The entry, if the list holds it already. */
  known: AuditEntry | undefined
  onClose: () => void
}

/** Everything one entry holds, its hashes too. The address names it, so that it can be sent to somebody. */
export const EntryDialog = ({ number, known, onClose }: EntryDialogProps) => {
  const asked = useQuery({ ...auditEntry(number), enabled: known === undefined })
  const entry = known ?? asked.data
  return (
    <Dialog wide title={`Entry ${number} of the audit log`} onClose={onClose}>
      {entry ? (
        <EntryFacts entry={entry} />
      ) : asked.isPending ? (
        <SkeletonRows rows={4} label="The entry is loading" />
      ) : asked.isError ? (
        <FieldError>{errorText(asked.error)}</FieldError>
      ) : (
        <p className="text-soft">There is no entry with this number that your account may see.</p>
      )}
      <Actions>
        <CopyButton label="Copy link" said="The link is on the clipboard." text={window.location.href} />
        {entry && (
          <CopyButton
            label="Copy as JSON"
            said="The entry is on the clipboard."
            text={JSON.stringify(entry, null, 2)}
          />
        )}
        <Button onClick={onClose}>Close</Button>
      </Actions>
    </Dialog>
  )
}

const EntryFacts = ({ entry }: { entry: AuditEntry }) => (
  <FactList>
    <Fact term="When">
      <Instant at={entry.at} />
      <span className="font-mono text-12 text-soft">{entry.at}</span>
    </Fact>
    <Fact term="Action">
      {actionWords[entry.action]}
      <span className="font-mono text-12 text-soft">{entry.action}</span>
    </Fact>
    <Fact term="Outcome">
      <OutcomeBadge outcome={entry.outcome} />
      {entry.code && <span className="font-mono text-12">{entry.code}</span>}
    </Fact>
    <Fact term="Who">
      <span className="wrap-anywhere">{entry.actor ?? 'the service itself'}</span>
      {entry.client && <span className="text-soft">{clientWords[entry.client]}</span>}
    </Fact>
    <Fact term="From">{entry.address ? <span className="font-mono text-13">{entry.address}</span> : none}</Fact>
    <Fact term="Target">{entry.target === null ? none : <TargetLink entry={entry} />}</Fact>
    <Fact term="Organization">{entry.organization ?? none}</Fact>
    <Fact term="Request">
      {entry.requestId ? <span className="font-mono text-12 break-all">{entry.requestId}</span> : none}
    </Fact>
    {Object.entries(entry.details).map(([name, value]) => (
      <Fact key={name} term={name}>
        <span className="wrap-anywhere">{value === null ? 'none' : String(value)}</span>
      </Fact>
    ))}
    <Fact term="Hash">
      <span className="font-mono text-12 break-all">{entry.hash}</span>
    </Fact>
    <Fact term="Hash of the entry before">
      <span className="font-mono text-12 break-all">
        {entry.number === 1 ? 'none: it is the first' : entry.previousHash}
      </span>
    </Fact>
  </FactList>
)
