import { useState } from 'react'
import { TextField } from '../../ui/field.tsx'

type NewPasswordFieldProps = {
  label: string
  value: string
  error: string | undefined
  hint?: string
  required?: boolean
  onChange: (password: string) => void
}

/** A password that is being chosen. It can be looked at, so it need not be typed twice; pasting works. */
export const NewPasswordField = ({ label, value, error, hint, required, onChange }: NewPasswordFieldProps) => {
  const [isShown, setShown] = useState(false)
  return (
    <div className="flex flex-col gap-1.5">
      <TextField
        label={label}
        type={isShown ? 'text' : 'password'}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        {...(required ? { required } : {})}
        maxLength={1_024}
        value={value}
        error={error}
        hint={
          hint ?? 'Length counts most: a few words of your own are better than a short one with special characters.'
        }
        onChange={({ target }) => onChange(target.value)}
      />
      <label className="flex min-h-6 items-center gap-2 self-start text-13">
        <input
          type="checkbox"
          checked={isShown}
          onChange={({ target }) => setShown(target.checked)}
          className="size-4 accent-accent"
        />
        Show {label.toLowerCase()}
      </label>
    </div>
  )
}
