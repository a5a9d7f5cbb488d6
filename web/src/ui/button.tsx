import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Kind = 'primary' | 'plain' | 'quiet' | 'danger'
type Size = 'normal' | 'small'

const kinds: Readonly<Record<Kind, string>> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  plain: 'border border-line-strong bg-raised text-ink hover:border-ink hover:bg-sunken',
  quiet: 'text-accent hover:bg-accent-wash hover:text-accent-strong',
  danger: 'bg-failed text-surface hover:opacity-90',
}
const sizes: Readonly<Record<Size, string>> = { normal: 'h-8 px-3 text-14', small: 'h-7 px-2 text-13' }

/** The look of a button, for links that stand where a button would. */
export const buttonLook = (kind: Kind, size: Size = 'normal'): string =>
  classNames(
    'relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded font-medium whitespace-nowrap transition-colors duration-150',
    'aria-disabled:border-line aria-disabled:bg-sunken aria-disabled:text-soft aria-disabled:hover:bg-sunken',
    sizes[size],
    kinds[kind],
  )

type ButtonProps = Omit<ComponentProps<'button'>, 'disabled'> & {
  kind?: Kind
  size?: Size
  icon?: LucideIcon
  /** Why it cannot be used now. The button stays in the tab order, so that the reason can be read there. */
  disabledReason?: string | null | undefined
  /** Its work is under way: it keeps its place and takes no second click. */
  busy?: boolean
  children: ReactNode
}

/** A verb to press. */
export const Button = ({
  kind = 'plain',
  size = 'normal',
  icon: Icon,
  disabledReason = null,
  busy = false,
  children,
  onClick,
  className,
  title,
  type = 'button',
  ...rest
}: ButtonProps) => {
  const isDisabled = disabledReason !== null || busy
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={isDisabled || undefined}
      aria-busy={busy || undefined}
      title={disabledReason ?? title}
      className={classNames(buttonLook(kind, size), className)}
      onClick={(event) => {
        if (isDisabled) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {Icon && <Icon size={size === 'small' ? 14 : 16} strokeWidth={2} aria-hidden="true" />}
      {children}
    </button>
  )
}
