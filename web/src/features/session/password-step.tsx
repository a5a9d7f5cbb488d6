import { errorText } from '../../api/error-text.ts'
import { Button } from '../../ui/button.tsx'
import { FormError, TextField } from '../../ui/field.tsx'

type Typed = { readonly userName: string; readonly password: string }
type PasswordStepProps = Typed & {
  isNameKnown: boolean
  wasSent: boolean
  busy: boolean
  error: unknown
  onChange: (typed: Typed) => void
  onSubmit: () => void
}

/** User name and password; the error stays beside them and what was typed stays in them. */
export const PasswordStep = ({
  userName,
  password,
  isNameKnown,
  wasSent,
  busy,
  error,
  onChange,
  onSubmit,
}: PasswordStepProps) => (
  <form
    className="flex flex-col gap-4"
    onSubmit={(event) => {
      event.preventDefault()
      onSubmit()
    }}
  >
    <TextField
      label="User name"
      name="userName"
      autoComplete="username"
      autoCapitalize="none"
      spellCheck={false}
      required
      autoFocus={!isNameKnown}
      value={userName}
      error={wasSent && userName === '' ? 'Enter your user name.' : null}
      onChange={({ target }) => onChange({ userName: target.value, password })}
    />
    <TextField
      label="Password"
      name="password"
      type="password"
      autoComplete="current-password"
      required
      autoFocus={isNameKnown}
      value={password}
      onChange={({ target }) => onChange({ userName, password: target.value })}
    />
    <FormError>{error !== null && errorText(error)}</FormError>
    <Button type="submit" kind="primary" busy={busy}>
      {busy ? 'Signing in…' : 'Sign in'}
    </Button>
  </form>
)
