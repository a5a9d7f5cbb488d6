import { deliveryProtocols } from '@stillbox/shared/contract/delivery.ts'
import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { templateFields } from '@stillbox/shared/vocabulary/path-template.ts'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { useSaveDestination } from '../../api/destinations.ts'
import { errorText, fieldError } from '../../api/error-text.ts'
import { organizations } from '../../api/queries.ts'
import { Button, buttonLook } from '../../ui/button.tsx'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { CheckField, FieldError, FormError, TextField } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'
import {
  checkDestination,
  type DestinationDraft,
  type DestinationErrors,
  destinationFields,
  draftOf,
  keepsSecret,
} from './destination-draft.ts'
import { protocolWords } from './destination-words.ts'
import { HostKeyFields } from './host-key-fields.tsx'
import { SignInFields } from './sign-in-fields.tsx'
import { examplePath } from './template-example.ts'

const protocolHints = {
  sftp: 'What most servers offer',
  scp: 'A shell with scp, where there is no SFTP',
} as const

/** What is typed of a destination, from the first key to the answer of the service; nothing of it goes before it is saved. */
export const DestinationForm = ({ destination }: { destination: Destination | null }) => {
  // As it was when the form was opened: what somebody else changes meanwhile must not look like a change of this form.
  const [saved] = useState(destination)
  const [draft, setDraft] = useState(() => draftOf(destination))
  const [errors, setErrors] = useState<DestinationErrors>({})
  const form = useRef<HTMLFormElement>(null)
  const navigate = useNavigate()
  const save = useSaveDestination()
  const { data: all = [] } = useQuery(organizations())

  const change = (part: Partial<DestinationDraft>): void => {
    const changed = { ...draft, ...part }
    // An error goes, or says something else, as soon as its field is touched; none comes while one is typing.
    if (Object.keys(errors).length > 0) {
      const found = checkDestination(changed, saved).errors ?? {}
      setErrors(Object.fromEntries(Object.entries(found).filter(([field]) => field in errors)))
    }
    setDraft(changed)
  }
  const showErrors = (found: DestinationErrors): void => {
    setErrors(found)
    // After the errors are drawn, the first field they are about takes the focus.
    requestAnimationFrame(() =>
      form.current
        ?.querySelector<HTMLElement>('[aria-invalid="true"], fieldset[aria-describedby$="-error"] input')
        ?.focus(),
    )
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (save.isPending) return
    const { save: call, errors: found } = checkDestination(draft, saved)
    if (found) {
      showErrors(found)
      return
    }
    setErrors({})
    save.mutate(call, {
      onSuccess: ({ destinationId, name }) => {
        showToast('good', `The destination ${name} is saved. Test it once.`)
        void navigate({ to: '/destinations/$destinationId', params: { destinationId } })
      },
      onError: (error) => {
        const about = fieldError(error, destinationFields)
        if (about) showErrors(about)
      },
    })
  }
  const otherError = save.isError && !fieldError(save.error, destinationFields) ? save.error : null
  const example = examplePath(draft.path, draft.fileName)
  const choosable = [
    ...all.map(({ organization, name }) => ({ value: String(organization), label: name })),
    // Of an organization that left the configuration, or that this account does not see.
    ...draft.organizations
      .filter((one) => !all.some(({ organization }) => organization === one))
      .map((one) => ({ value: one, label: one })),
  ]

  return (
    <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-6">
      <TextField
        label="Name"
        name="destinationName"
        autoComplete="off"
        maxLength={100}
        value={draft.name}
        error={errors.name}
        hint="By this it is chosen for a snapshot."
        onChange={({ target }) => change({ name: target.value })}
      />
      <ChoiceGroup
        kind="radio"
        legend="Protocol"
        chosen={[draft.protocol]}
        error={errors.protocol}
        onChange={([protocol]) => protocol && change({ protocol })}
        choices={deliveryProtocols.map((value) => ({
          value,
          label: protocolWords[value],
          hint: protocolHints[value],
        }))}
      />
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_6rem]">
        <TextField
          label="Host"
          name="destinationHost"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={draft.host}
          error={errors.host}
          hint="Host name or IP address"
          onChange={({ target }) => change({ host: target.value })}
        />
        <TextField
          label="Port"
          name="destinationPort"
          inputMode="numeric"
          autoComplete="off"
          value={draft.port}
          error={errors.port}
          onChange={({ target }) => change({ port: target.value })}
        />
      </div>
      <HostKeyFields draft={draft} error={errors.hostKeyFingerprints} onChange={change} />
      <TextField
        label="User name at the server"
        name="destinationUserName"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={draft.username}
        error={errors.username}
        onChange={({ target }) => change({ username: target.value })}
      />
      <SignInFields draft={draft} errors={errors} isKept={keepsSecret(draft, saved)} onChange={change} />
      <TextField
        label="Folder"
        name="destinationPath"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={draft.path}
        error={errors.path}
        hint="It must exist. Leave it empty for where the sign-in lands."
        onChange={({ target }) => change({ path: target.value })}
      />
      <div className="flex flex-col gap-1">
        <TextField
          label="Path of the file in that folder"
          name="destinationFileName"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={draft.fileName}
          error={errors.fileName}
          hint={`May name ${templateFields.map((field) => `{${field}}`).join(', ')}. Folders it names are made.`}
          onChange={({ target }) => change({ fileName: target.value })}
          className="font-mono text-13"
        />
        {example !== null && (
          <p className="text-12 text-soft">
            For example <output className="font-mono text-12 text-ink wrap-anywhere">{example}</output>
          </p>
        )}
      </div>
      <CheckField
        label="Delete the local archive after delivery"
        name="deletesLocal"
        checked={draft.deletesLocal}
        error={errors.deletesLocal}
        hint="What each new snapshot begins with; it can be chosen otherwise for one snapshot."
        onChange={({ target }) => change({ deletesLocal: target.checked })}
      />
      {(all.length > 1 || draft.isLimited) && (
        <div className="flex flex-col gap-3">
          <ChoiceGroup
            kind="radio"
            legend="For snapshots of"
            chosen={[draft.isLimited ? 'some' : 'all']}
            onChange={([choice]) => change({ isLimited: choice === 'some' })}
            choices={[
              { value: 'all', label: 'All organizations', hint: 'Those to come, too' },
              { value: 'some', label: 'These only' },
            ]}
          />
          {draft.isLimited && (
            <ChoiceGroup
              kind="checkbox"
              legend="Organizations"
              chosen={draft.organizations}
              error={errors.organizations}
              onChange={(chosen) => change({ organizations: chosen })}
              choices={choosable}
            />
          )}
          {!draft.isLimited && errors.organizations && <FieldError>{errors.organizations}</FieldError>}
        </div>
      )}
      <FormError>{otherError && `${errorText(otherError)} What you entered is kept.`}</FormError>
      <div className="flex flex-wrap gap-2 border-t-3 border-double border-line-strong pt-4">
        <Button type="submit" kind="primary" busy={save.isPending}>
          {save.isPending ? 'Saving…' : saved ? 'Save changes' : 'Save destination'}
        </Button>
        <Link to="/destinations" className={buttonLook('plain')}>
          Back to the list
        </Link>
      </div>
    </form>
  )
}
