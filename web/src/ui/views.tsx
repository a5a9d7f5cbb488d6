import { CircleAlert } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Button } from './button.tsx'
import { Mark } from './mark.tsx'

/** True once something has taken longer than 300 ms, so that quick answers do not flicker. */
const useIsLate = (): boolean => {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return isLate
}

/** Stands where rows will be; nothing at all during the first 300 ms. */
export const SkeletonRows = ({ rows, label }: { rows: number; label: string }) => {
  const isLate = useIsLate()
  return (
    <div aria-busy="true" className="min-h-40">
      <span className="sr-only">{label}</span>
      {isLate &&
        Array.from({ length: rows }, (_, row) => row).map((row) => (
          <div key={row} className="flex items-center gap-4 border-b border-line py-3.5" aria-hidden="true">
            <div className="h-5 w-24 rounded-small bg-line" />
            <div className="h-3.5 w-48 max-w-[30%] rounded-small bg-line" />
            <div className="h-3.5 w-20 rounded-small bg-line opacity-70" />
            <div className="ml-auto h-3.5 w-40 max-w-[25%] rounded-small bg-line opacity-70" />
          </div>
        ))}
    </div>
  )
}

type ViewProps = { title: string; children: ReactNode; actions?: ReactNode }

/** Nothing to show, and what to do about it. */
export const EmptyView = ({ title, children, actions }: ViewProps) => (
  <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-16 text-center">
    <Mark size={56} />
    <h2 className="text-16 font-semibold">{title}</h2>
    <div className="flex flex-col gap-2 text-soft">{children}</div>
    {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
  </div>
)

/** Something did not come; the sentence says why, the button asks again. */
export const ErrorView = ({ title, text, onRetry }: { title: string; text: string; onRetry?: () => void }) => (
  <div role="alert" className="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-16 text-center">
    <CircleAlert size={32} className="text-failed" aria-hidden="true" />
    <h2 className="text-16 font-semibold">{title}</h2>
    <p className="text-soft">{text}</p>
    {onRetry && <Button onClick={onRetry}>Try again</Button>}
  </div>
)
