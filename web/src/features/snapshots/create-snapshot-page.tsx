import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { deliveryActions } from '@stillbox/shared/vocabulary/delivery-action.ts'
import { snapshotTypes } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { useQuery } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { destinationList } from '../../api/destinations.ts'
import { errorText, fieldError } from '../../api/error-text.ts'
import { useCreateSnapshot } from '../../api/mutations.ts'
import { organizations, serverInfo, session } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { FormError, SelectField, TextField } from '../../ui/field.tsx'
import { countText } from '../../ui/format.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { showToast } from '../../ui/toast.tsx'
import { ErrorView } from '../../ui/views.tsx'
import {
  type CreateDraft,
  checkDraft,
  draftFields,
  errorsAfter,
  type FieldErrors,
  needsDates,
  usableDestinations,
} from './create-draft.ts'
import { DateRangeFields } from './date-range-fields.tsx'
import { dayPresets } from './day-range.ts'
import { DeliveryFields } from './delivery-fields.tsx'
import { protocolText } from './delivery-words.ts'
import { typeWords } from './snapshot-words.ts'

const typeHints = {
  mailbox: 'All folders, in a range of dates',
  calendar: 'All calendars, whole',
  contacts: 'All address books, whole',
} as const

const actionWords = { download: 'Download', ...protocolText } as const
const actionHints = {
  download: 'Fetch the archive here',
  sftp: 'Deliver it to a server',
  scp: 'Deliver it to a server',
} as const

/** How long the archive stays here, where it does not stay until somebody deletes it. */
const keptText = (days: number | null | undefined): string =>
  days ? `; it is kept here for ${days === 1 ? '1 day' : `${countText(days)} days`}` : ''

const firstDraft = (proposedUserName: string | undefined): CreateDraft => ({
  userName: proposedUserName ?? '',
  organization: '',
  types: proposedUserName ? snapshotTypes : [],
  action: 'download',
  destinationId: '',
  deletesLocal: null,
  password: '',
  ...(proposedUserName ? dayPresets.at(-1)!.range(Date.now()) : { firstDay: '', lastDay: '' }),
})

export const CreateSnapshotPage = () => {
  const proposed = useLocation({ select: ({ state }) => state.proposedUserName })
  const [draft, setDraft] = useState(() => firstDraft(proposed))
  const [errors, setErrors] = useState<FieldErrors>({})
  const form = useRef<HTMLFormElement>(null)
  const navigate = useNavigate()
  const create = useCreateSnapshot()
  const { data: all = [] } = useQuery(organizations())
  const { data: server } = useQuery(serverInfo())
  const { data: signedIn } = useQuery(session())

  const { data: destinations = [] } = useQuery(destinationList())
  const several = all.length > 1
  const circumstances = { several, destinations }
  const organization = several ? all.find((one) => one.organization === draft.organization) : all[0]
  const hints = (organization ? [organization] : all).flatMap(({ userNameHint }) => userNameHint ?? [])
  const change = (part: Partial<CreateDraft>): void => {
    const changed = { ...draft, ...part }
    setErrors(errorsAfter(errors, draft, changed, circumstances))
    setDraft(changed)
  }

  /** A destination stays chosen with another organization only if it is open to that. */
  const destinationOpenTo = (id: string): Partial<CreateDraft> =>
    usableDestinations(destinations, draft.action, id || undefined).some(
      (one) => one.destinationId === draft.destinationId,
    )
      ? {}
      : { destinationId: '', deletesLocal: null }

  const showErrors = (found: FieldErrors): void => {
    setErrors(found)
    // After the errors are drawn, the first field they are about takes the focus.
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], fieldset[aria-describedby] input')?.focus(),
    )
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (create.isPending) return
    const { params, errors: found } = checkDraft(draft, circumstances)
    if (found) {
      showErrors(found)
      return
    }
    setErrors({})
    create.mutate(params, {
      onSuccess: ({ snapshotId }) => {
        showToast('good', `The snapshot of ${params.userName} is queued.`)
        void navigate({ to: '/snapshots', state: { created: snapshotId } })
      },
      onError: (error) => {
        const about = fieldError(error, draftFields)
        if (about) showErrors(about)
      },
    })
  }
  const otherError = create.isError && !fieldError(create.error, draftFields) ? create.error : null

  if (signedIn && !roleMay(signedIn.role, 'operate'))
    return (
      <>
        <PageHeader title="Create New Snapshot" />
        <ErrorView
          title="Your account may only read"
          text={`${new AppError('forbidden', { details: { access: 'operate' } }).message} An administrator can change your role.`}
        />
      </>
    )

  return (
    <div className="flex max-w-160 flex-col gap-6">
      <PageHeader title="Create New Snapshot" />
      <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-6">
        {several && (
          <SelectField
            label="Organization"
            value={draft.organization}
            error={errors.organization}
            onChange={({ target }) => change({ organization: target.value, ...destinationOpenTo(target.value) })}
          >
            <option value="">Choose one</option>
            {all.map(({ organization: id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <TextField
          label="User Name"
          name="snapshotUserName"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={draft.userName}
          error={errors.userName}
          onChange={({ target }) => change({ userName: target.value })}
          hint={
            <>
              {hints.length > 0 && <>For example {hints.join(' or ')}. </>}A wrong user name is not refused here: the
              snapshot is queued and fails later, saying so.
            </>
          }
        />
        <ChoiceGroup
          kind="checkbox"
          legend="Type"
          chosen={draft.types}
          error={errors.type}
          onChange={(types) => change({ types })}
          choices={snapshotTypes.map((value) => ({
            value,
            label: typeWords[value],
            hint: typeHints[value],
            disabledReason:
              organization && !organization.types.includes(value) ? `${organization.name} has no source for it` : null,
          }))}
        />
        {needsDates(draft) && (
          <DateRangeFields range={draft} onChange={change} startError={errors.start} endError={errors.end} />
        )}
        <ChoiceGroup
          kind="radio"
          legend="Action"
          chosen={[draft.action]}
          error={errors.action}
          onChange={([action]) => action && change({ action, destinationId: '', deletesLocal: null })}
          choices={deliveryActions.map((value) => ({
            value,
            label: actionWords[value],
            hint: [actionHints[value], keptText(server?.retentionDays[value])].join(''),
            disabledReason: !server || server.actions.includes(value) ? null : 'This service does not offer it',
          }))}
        />
        {draft.action !== 'download' && (
          <DeliveryFields
            draft={draft}
            errors={errors}
            destinations={destinations}
            organization={organization?.organization}
            onChange={change}
          />
        )}
        <details className="group rounded border border-line open:bg-raised">
          <summary className="rounded px-3 py-2 text-13 font-medium">The user’s own password</summary>
          <div className="px-3 pb-3">
            <TextField
              label="Password (optional)"
              name="sourcePassword"
              type="password"
              autoComplete="off"
              value={draft.password}
              error={errors.password}
              onChange={({ target }) => change({ password: target.value })}
              hint="Only where the source is not opened by a service account. It is kept encrypted, and only until the snapshot has ended."
            />
          </div>
        </details>
        <FormError>{otherError && `${errorText(otherError)} What you entered is kept.`}</FormError>
        <div className="flex flex-wrap gap-2 border-t-3 border-double border-line-strong pt-4">
          <Button type="submit" kind="primary" busy={create.isPending}>
            {create.isPending ? 'Creating…' : 'Create Snapshot'}
          </Button>
          <Link to="/snapshots" className={buttonLook('plain')}>
            Back to the list
          </Link>
        </div>
      </form>
    </div>
  )
}
