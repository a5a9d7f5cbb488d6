import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { useQuery } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { destinationList } from '../../api/destinations.ts'
import { errorText } from '../../api/error-text.ts'
import { session } from '../../api/queries.ts'
import { textLinkLook } from '../../ui/class-names.ts'
import { CheckField, FieldError, SelectField } from '../../ui/field.tsx'
import { sshServerText } from '../../ui/format.ts'
import { type CreateDraft, deletesLocalOf, type FieldErrors, usableDestinations } from './create-draft.ts'
import { protocolText } from './delivery-words.ts'

type DeliveryFieldsProps = {
  draft: CreateDraft
  errors: FieldErrors
  destinations: readonly Destination[]
  /** Undefined while it is not chosen. */
  organization: string | undefined
  onChange: (change: Partial<CreateDraft>) => void
}

/** Where the archive is delivered to, and whether it stays here as well. */
export const DeliveryFields = ({ draft, errors, destinations, organization, onChange }: DeliveryFieldsProps) => {
  const { isPending, error } = useQuery(destinationList())
  const usable = usableDestinations(destinations, draft.action, organization)
  const chosen = usable.find(({ destinationId }) => destinationId === draft.destinationId)
  const word = draft.action === 'scp' ? protocolText.scp : protocolText.sftp
  if (isPending) return null
  if (error) return <FieldError>The destinations could not be read. {errorText(error)}</FieldError>
  if (usable.length === 0)
    return (
      <div className="flex flex-col gap-1 rounded border border-line bg-raised px-3 py-2.5">
        <p>
          There is no {word} destination{organization === undefined ? '' : ' for this organization'} yet.
        </p>
        <AddDestination />
        {errors.destinationId && <FieldError>{errors.destinationId}</FieldError>}
      </div>
    )
  return (
    <div className="flex flex-col gap-3">
      <SelectField
        label="Destination"
        value={chosen ? draft.destinationId : ''}
        error={errors.destinationId}
        hint={
          chosen
            ? `${sshServerText(chosen)}, ${chosen.path === '' ? 'where the sign-in lands' : chosen.path}${chosen.lastTest?.error ? '. Its last test failed.' : ''}`
            : undefined
        }
        onChange={({ target }) => onChange({ destinationId: target.value, deletesLocal: null })}
      >
        <option value="">Choose one</option>
        {usable.map(({ destinationId, name }) => (
          <option key={destinationId} value={destinationId}>
            {name}
          </option>
        ))}
      </SelectField>
      {chosen && (
        <CheckField
          label="Delete the local archive after delivery"
          name="deletesLocal"
          checked={deletesLocalOf(draft, destinations)}
          error={errors.deletesLocal}
          hint="Then it cannot be downloaded or verified here any more."
          onChange={({ target }) => onChange({ deletesLocal: target.checked })}
        />
      )}
    </div>
  )
}

/** In a window of its own, so that what was entered here stays; back here the new one is in the list. */
const AddDestination = () => {
  const { data: signedIn } = useQuery(session())
  return signedIn && roleMay(signedIn.role, 'administer') ? (
    <a
      href="/destinations/new"
      target="_blank"
      rel="noreferrer"
      className={`${textLinkLook} inline-flex min-h-6 items-center gap-1.5 self-start`}
    >
      Add one
      <ExternalLink size={14} aria-hidden="true" />
      <span className="sr-only">(opens a new window)</span>
    </a>
  ) : (
    <p className="text-13 text-soft">An administrator of this service can add one.</p>
  )
}
