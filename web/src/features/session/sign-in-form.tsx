import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { useSignIn } from '../../api/mutations.ts'
import { Button } from '../../ui/button.tsx'
import { FieldError, TextField } from '../../ui/field.tsx'

/** User name and password; the error stays beside them and what was typed stays in them. */
export const SignInForm = ({ knownUserName = '', onSignedIn }: { knownUserName?: string; onSignedIn?: () => void }) => {
  const [userName, setUserName] = useState(knownUserName)
  const [password, setPassword] = useState('')
  const signIn = useSignIn()
  const missing = signIn.isIdle ? null : userName === '' ? 'Enter your user name.' : null
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!signIn.isPending)
          signIn.mutate({ userName: userName.trim(), password }, onSignedIn ? { onSuccess: onSignedIn } : {})
      }}
    >
      <TextField
        label="User name"
        name="userName"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus={knownUserName === ''}
        value={userName}
        error={missing}
        onChange={({ target }) => setUserName(target.value)}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        autoFocus={knownUserName !== ''}
        value={password}
        onChange={({ target }) => setPassword(target.value)}
      />
      {signIn.isError && (
        <div role="alert">
          <FieldError>{errorText(signIn.error)}</FieldError>
        </div>
      )}
      <Button type="submit" kind="primary" busy={signIn.isPending}>
        {signIn.isPending ? 'Signing in…' : 'Sign in'}
      </Button>
    </form>
  )
}
