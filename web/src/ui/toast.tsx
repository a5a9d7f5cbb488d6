import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { classNames } from './class-names.ts'

type Toast = { readonly id: number; readonly tone: 'good' | 'bad'; readonly text: string }

let toasts: readonly Toast[] = []
let spoken = ''
let lastId = 0
const listeners = new Set<() => void>()
const changed = (): void => {
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const dismissToast = (id: number): void => {
  if (!toasts.some((toast) => toast.id === id)) return
  toasts = toasts.filter((toast) => toast.id !== id)
  changed()
}

/** Says something politely to a screen reader without showing it. */
export const announce = (text: string): void => {
  spoken = text
  changed()
}

/** Shows and announces what an action came to. Good news goes by itself after 6 s; bad news waits to be read. Gives its id. */
export const showToast = (tone: Toast['tone'], text: string): number => {
  const id = ++lastId
  toasts = [...toasts.slice(-2), { id, tone, text }]
  announce(text)
  if (tone === 'good') setTimeout(() => dismissToast(id), 6_000)
  return id
}

/** The one place of toasts and the one polite live region; mounted once, by the layout. */
export const ToastRegion = () => {
  const shown = useSyncExternalStore(subscribe, () => toasts)
  const text = useSyncExternalStore(subscribe, () => spoken)
  return (
    <>
      <output aria-live="polite" className="sr-only">
        {text}
      </output>
      <section
        data-chrome
        aria-label="Messages"
        className="pointer-events-none fixed inset-x-0 bottom-20 z-20 flex flex-col items-center gap-2 px-4 md:bottom-6"
      >
        {shown.map((toast) => (
          <div
            key={toast.id}
            className="pointer-events-auto flex max-w-xl animate-appear items-start gap-2.5 rounded border border-line bg-raised py-2 pr-1.5 pl-3 text-14 shadow-floating"
          >
            {toast.tone === 'good' ? (
              <CircleCheck size={16} className="mt-1 shrink-0 text-available" aria-hidden="true" />
            ) : (
              <CircleAlert size={16} className="mt-1 shrink-0 text-failed" aria-hidden="true" />
            )}
            <span className={classNames('py-0.5', toast.tone === 'bad' && 'text-failed')}>{toast.text}</span>
            <button
              type="button"
              onClick={() => dismissToast(toast.id)}
              className="ml-1 grid size-6 shrink-0 place-items-center rounded-small text-soft hover:bg-sunken hover:text-ink"
            >
              <X size={14} aria-hidden="true" />
              <span className="sr-only">Dismiss</span>
            </button>
          </div>
        ))}
      </section>
    </>
  )
}
