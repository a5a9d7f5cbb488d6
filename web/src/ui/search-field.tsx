import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { controlLook } from './field.tsx'

type SearchFieldProps = {
  label: string
  value: string
  onChange: (value: string) => void
  /** Tailwind classes for its width. */
  width?: string
}

/** Follows the typing after a short rest, and its value when that changes by other means. */
export const SearchField = ({ label, value, onChange, width = 'w-full sm:w-56' }: SearchFieldProps) => {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  if (known !== value) {
    setKnown(value)
    if (text.trim() !== value) setText(value)
  }
  return (
    <label className={`relative ${width}`}>
      <span className="sr-only">{label}</span>
      <Search size={14} className="pointer-events-none absolute top-2.25 left-2.5 text-soft" aria-hidden="true" />
      <input
        type="search"
        value={text}
        maxLength={320}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setText(target.value)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => onChange(target.value.trim()), 250)
        }}
        className={`${controlLook()} pl-8`}
      />
    </label>
  )
}
