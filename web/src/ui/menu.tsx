import type { LucideIcon } from 'lucide-react'
import { type ReactNode, useId, useRef } from 'react'
import { classNames } from './class-names.ts'

type MenuProps = {
  /** What the button shows. */
  trigger: ReactNode
  /** The name of the button, where what it shows is not a name. */
  label?: string
  triggerLook: string
  /** `active` where one of its entries is the page one is on. */
  triggerStatus?: 'active' | undefined
  children: (close: () => void) => ReactNode
}

/** A button that opens a small panel of actions. The browser closes it on Escape, on a click outside, and keeps the focus order. */
export const Menu = ({ trigger, label, triggerLook, triggerStatus, children }: MenuProps) => {
  const id = useId()
  const anchor = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const place = (): void => {
    const [from, box] = [anchor.current?.getBoundingClientRect(), panel.current]
    if (!from || !box) return
    const left = Math.max(8, Math.min(from.right - box.offsetWidth, window.innerWidth - box.offsetWidth - 8))
    const below = from.bottom + 4
    // On a phone the bottom bar takes the last 64 px.
    const bottom = window.innerHeight - (window.innerWidth < 832 ? 64 : 8)
    const fits = below + box.offsetHeight <= bottom
    box.style.left = `${left}px`
    box.style.top = `${fits ? below : Math.max(8, from.top - box.offsetHeight - 4)}px`
  }
  return (
    <>
      <button
        ref={anchor}
        type="button"
        popoverTarget={id}
        aria-label={label}
        data-status={triggerStatus}
        className={triggerLook}
      >
        {trigger}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        onToggle={(event) => {
          if (event.newState === 'open') place()
        }}
        className="fixed inset-auto m-0 max-w-[calc(100vw-1rem)] min-w-56 rounded border border-line bg-raised p-1 text-left text-14 whitespace-normal text-ink shadow-floating"
      >
        {children(() => panel.current?.hidePopover())}
      </div>
    </>
  )
}

type MenuItemProps = {
  icon: LucideIcon
  children: ReactNode
  onClick: () => void
  disabledReason?: string | null
  tone?: 'plain' | 'danger'
}

/** The look of an entry, for links that stand in a menu. */
export const menuItemLook =
  'flex w-full items-start gap-2.5 rounded-small px-2.5 py-1.5 text-left focus-visible:-outline-offset-1 not-aria-disabled:hover:bg-sunken'

/** One action of a menu; a forbidden one stays readable with its reason. */
export const MenuItem = ({ icon: Icon, children, onClick, disabledReason = null, tone = 'plain' }: MenuItemProps) => (
  <button
    type="button"
    aria-disabled={disabledReason !== null || undefined}
    onClick={() => {
      if (disabledReason === null) onClick()
    }}
    className={classNames(menuItemLook, disabledReason !== null ? 'text-soft' : tone === 'danger' && 'text-failed')}
  >
    <Icon size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
    <span className="flex flex-col">
      <span>{children}</span>
      {disabledReason !== null && <span className="max-w-64 text-12 text-soft">{disabledReason}</span>}
    </span>
  </button>
)
