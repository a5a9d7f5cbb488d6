import { CircleAlert } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { classNames } from './class-names.ts'

export const controlLook = (invalid = false): string =>
  classNames(
    'h-8 w-full rounded border bg-raised px-2.5 text-14 text-ink placeholder:text-soft',
    invalid ? 'border-failed' : 'border-line-strong hover:border-ink',
  )

/** An error beside what caused it. */
export const FieldError = ({ id, children }: { id?: string; children: ReactNode }) => (
  <p id={id} className="flex items-start gap-1.5 text-13 text-failed">
    <CircleAlert size={14} className="mt-0.5 shrink-0" aria-hidden="true" />
    <span>{children}</span>
  </p>
)

/** What is wrong with a form as a whole, read out when it comes; nothing while there is nothing to say. */
export const FormError = ({ children }: { children: ReactNode }) =>
  children ? (
    <div role="alert">
      <FieldError>{children}</FieldError>
    </div>
  ) : null

type FieldProps = {
  label: string
  hint?: ReactNode
  error?: string | null | undefined
  labelHidden?: boolean
}

const Field = ({
  label,
  hint,
  error,
  labelHidden = false,
  children,
}: FieldProps & {
  children: (control: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => ReactNode
}) => {
  const id = useId()
  const described = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(' ')
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'text-13 font-medium'}>
        {label}
      </label>
      {children({
        id,
        ...(described ? { 'aria-describedby': described } : {}),
        ...(error ? { 'aria-invalid': true as const } : {}),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-12 text-soft">
          {hint}
        </p>
      )}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  )
}

/** One line of text with its label; a date when `type` says so. */
export const TextField = ({
  label,
  hint,
  error,
  labelHidden = false,
  className,
  ...input
}: FieldProps & Omit<ComponentProps<'input'>, 'id'>) => (
  <Field label={label} hint={hint} error={error} labelHidden={labelHidden}>
    {(control) => <input {...input} {...control} className={classNames(controlLook(Boolean(error)), className)} />}
  </Field>
)

/** Several lines of text with their label. */
export const TextAreaField = ({
  label,
  hint,
  error,
  labelHidden = false,
  className,
  ...area
}: FieldProps & Omit<ComponentProps<'textarea'>, 'id'>) => (
  <Field label={label} hint={hint} error={error} labelHidden={labelHidden}>
    {(control) => (
      <textarea
        {...area}
        {...control}
        className={classNames(controlLook(Boolean(error)), 'h-auto resize-y py-1.5', className)}
      />
    )}
  </Field>
)

/** One box to tick, with a sentence about it. */
export const CheckField = ({
  label,
  hint,
  error,
  ...input
}: Omit<FieldProps, 'labelHidden'> & Omit<ComponentProps<'input'>, 'id' | 'type'>) => {
  const id = useId()
  const described = [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(' ')
  return (
    <div className="flex flex-col gap-1">
      <label className="flex min-h-6 items-start gap-2.5">
        <input
          {...input}
          type="checkbox"
          aria-describedby={described || undefined}
          className="mt-0.5 size-4 shrink-0 accent-accent"
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p id={`${id}-hint`} className="pl-6.5 text-12 text-soft">
          {hint}
        </p>
      )}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  )
}

/** A choice out of a list that may grow long. */
export const SelectField = ({
  label,
  hint,
  error,
  labelHidden = false,
  children,
  className,
  ...select
}: FieldProps & Omit<ComponentProps<'select'>, 'id'>) => (
  <Field label={label} hint={hint} error={error} labelHidden={labelHidden}>
    {(control) => (
      <select {...select} {...control} className={classNames(controlLook(Boolean(error)), className)}>
        {children}
      </select>
    )}
  </Field>
)
