import { type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'
import { FieldError } from './field.tsx'

export type Choice<Value extends string> = {
  readonly value: Value
  readonly label: string
  readonly hint?: ReactNode
  /** Why it cannot be chosen; it is then shown but disabled. */
  readonly disabledReason?: string | null
}

type ChoiceGroupProps<Value extends string> = {
  legend: string
  kind: 'checkbox' | 'radio'
  choices: readonly Choice<Value>[]
  chosen: readonly Value[]
  onChange: (chosen: Value[]) => void
  hint?: ReactNode
  error?: string | null | undefined
}

/** Checkboxes or radio buttons under one question, each with room for a sentence about it. */
export const ChoiceGroup = <Value extends string>({
  legend,
  kind,
  choices,
  chosen,
  onChange,
  hint,
  error,
}: ChoiceGroupProps<Value>) => {
  const id = useId()
  const toggle = (value: Value): void => {
    if (kind === 'radio') onChange([value])
    else onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value])
  }
  return (
    <fieldset aria-describedby={error ? `${id}-error` : undefined} className="flex flex-col gap-1">
      <legend className="mb-1 text-13 font-medium">{legend}</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {choices.map(({ value, label, hint: about, disabledReason = null }) => {
          const isChosen = chosen.includes(value)
          return (
            <label
              key={value}
              className={classNames(
                'flex items-start gap-2.5 rounded border px-3 py-2',
                'has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-2 has-[:focus-visible]:outline-accent',
                disabledReason !== null
                  ? 'border-line bg-sunken'
                  : isChosen
                    ? 'border-accent bg-accent-wash'
                    : 'border-line-strong bg-raised hover:border-ink',
              )}
            >
              <input
                type={kind}
                name={id}
                value={value}
                checked={isChosen}
                disabled={disabledReason !== null}
                onChange={() => toggle(value)}
                className="mt-0.5 size-4 shrink-0 accent-accent outline-none"
              />
              <span className="flex flex-col">
                <span className={classNames('font-medium', disabledReason !== null && 'text-soft')}>{label}</span>
                {(disabledReason ?? about) && <span className="text-12 text-soft">{disabledReason ?? about}</span>}
              </span>
            </label>
          )
        })}
      </div>
      {hint && <p className="text-12 text-soft">{hint}</p>}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </fieldset>
  )
}
