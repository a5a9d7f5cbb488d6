import { destinationAuthMethods } from '@stillbox/shared/contract/destination-methods.ts'
import { ChoiceGroup } from '../../ui/choice-group.tsx'
import { TextAreaField, TextField } from '../../ui/field.tsx'
import type { DestinationDraft, DestinationErrors } from './destination-draft.ts'
import { authWords } from './destination-words.ts'
import { ServiceKey } from './service-key.tsx'

const hints = {
  'service-key': 'Nothing to keep secret',
  password: 'Kept encrypted',
  'private-key': 'Kept encrypted',
} as const

type SignInFieldsProps = {
  draft: DestinationDraft
  errors: DestinationErrors
  /** The saved password or key goes on counting unless another is entered. */
  isKept: boolean
  onChange: (change: Partial<DestinationDraft>) => void
}

/** How the service signs in. A saved secret is never shown again, so its fields begin empty. */
export const SignInFields = ({ draft, errors, isKept, onChange }: SignInFieldsProps) => (
  <div className="flex flex-col gap-3">
    <ChoiceGroup
      kind="radio"
      legend="Sign-in"
      chosen={[draft.authMethod]}
      error={errors.authMethod}
      onChange={([authMethod]) => authMethod && onChange({ authMethod })}
      choices={destinationAuthMethods.map((value) => ({ value, label: authWords[value], hint: hints[value] }))}
    />
    {draft.authMethod === 'service-key' && <ServiceKey userName={draft.username} />}
    {draft.authMethod === 'password' && (
      <TextField
        label="Password"
        name="destinationPassword"
        type="password"
        autoComplete="off"
        value={draft.password}
        error={errors.password}
        placeholder={isKept ? 'kept' : undefined}
        hint={
          isKept ? 'The saved one is kept. Type only to replace it.' : 'It is kept encrypted and never shown again.'
        }
        onChange={({ target }) => onChange({ password: target.value })}
      />
    )}
    {draft.authMethod === 'private-key' && (
      <>
        <TextAreaField
          label="Private key"
          name="destinationPrivateKey"
          rows={5}
          autoComplete="off"
          spellCheck={false}
          value={draft.privateKey}
          error={errors.privateKey}
          placeholder={isKept ? 'kept' : '-----BEGIN OPENSSH PRIVATE KEY-----'}
          hint={
            isKept
              ? 'The saved one is kept. Paste only to replace it.'
              : 'In OpenSSH’s form or as PEM. It is kept encrypted and never shown again.'
          }
          onChange={({ target }) => onChange({ privateKey: target.value })}
          className="font-mono text-12"
        />
        <TextField
          label="Passphrase of the key"
          name="destinationPassphrase"
          type="password"
          autoComplete="off"
          value={draft.passphrase}
          error={errors.passphrase}
          placeholder={isKept ? 'kept' : undefined}
          hint={isKept ? 'Kept with the key.' : 'Leave it empty if the key has none.'}
          onChange={({ target }) => onChange({ passphrase: target.value })}
        />
      </>
    )}
  </div>
)
