import { type ReactNode, useId, useRef, useState } from 'react'

/**
 * A short text that shows its long form on hover and on focus, in the top layer so that no scrolling box cuts it off.
 * Escape puts it away (WCAG 1.4.13).
 */
export const Hint = ({ text, children }: { text: string; children: ReactNode }) => {
  const anchor = useRef<HTMLButtonElement>(null)
  const tip = useRef<HTMLSpanElement>(null)
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const show = (): void => {
    const [from, box] = [anchor.current?.getBoundingClientRect(), tip.current]
    if (!from || !box || isOpen) return
    box.showPopover()
    const left = Math.min(Math.max(8, from.left), window.innerWidth - box.offsetWidth - 8)
    const above = from.top - box.offsetHeight - 4
    box.style.left = `${left}px`
    box.style.top = `${above < 8 ? from.bottom + 4 : above}px`
    setOpen(true)
  }
  const hide = (): void => {
    if (isOpen) tip.current?.hidePopover()
    setOpen(false)
  }
  return (
    <>
      <button
        ref={anchor}
        type="button"
        aria-describedby={id}
        onMouseEnter={show}
        onMouseLeave={hide}
        onFocus={show}
        onBlur={hide}
        onKeyDown={(event) => {
          if (event.key === 'Escape') hide()
        }}
        className="-my-1 min-h-6 cursor-help text-left text-inherit"
      >
        {children}
      </button>
      <span
        ref={tip}
        id={id}
        role="tooltip"
        popover="manual"
        className="fixed inset-auto m-0 rounded-small border border-line bg-raised px-2 py-1 text-12 whitespace-nowrap text-ink shadow-floating"
      >
        {text}
      </span>
    </>
  )
}
