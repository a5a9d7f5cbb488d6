import { type ReactNode, useEffect, useId, useRef } from 'react'

type DialogProps = {
  title: string
  children: ReactNode
  /** Escape, or a click on the backdrop; left out for a dialog that must be answered. */
  onClose?: () => void
  /** For facts rather than a question. */
  wide?: boolean
}

/** A modal question. The browser keeps the focus inside and gives it back; mount it to open it. */
export const Dialog = ({ title, children, onClose, wide = false }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    const opener = document.activeElement
    dialog.showModal()
    // What is answered by typing begins in the first field that is still empty, a form that begins with a choice there; the browser would take the
    // first control.
    const fields = [
      ...dialog.querySelectorAll<HTMLElement & { value: string }>('input:not([hidden]), textarea, select'),
    ]
    const [first] = fields
    const field = first?.localName === 'select' ? first : (fields.find(({ value }) => value === '') ?? first)
    field?.focus()
    return () => {
      dialog.close()
      // React removes the element at once, which is too early for the browser's own return of the focus.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onKeyDown={(event) => {
        // Escape twice in a row closes a dialog although its cancel event is refused (HTML §6.6, close watchers).
        const isOwn = event.target instanceof Element && event.target.closest('dialog') === ref.current
        if (event.key === 'Escape' && isOwn && !onClose) event.preventDefault()
      }}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose?.()
      }}
      className={`m-auto ${wide ? 'w-[min(44rem,calc(100vw-2rem))]' : 'w-[min(28rem,calc(100vw-2rem))]'} animate-appear rounded border border-line bg-raised p-0 text-left text-14 whitespace-normal text-ink shadow-floating`}
    >
      <div className="flex flex-col gap-4 p-5">
        <h2 id={titleId} className="text-16 font-semibold">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  )
}

/** The row of buttons that ends a dialog or a form. */
export const Actions = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap justify-end gap-2">{children}</div>
)
