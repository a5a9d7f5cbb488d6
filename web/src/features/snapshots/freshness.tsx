import { CloudOff } from 'lucide-react'
import { useEffect } from 'react'
import { clockText } from '../../ui/format.ts'
import { announce } from '../../ui/toast.tsx'

type FreshnessProps = {
  updatedAtMs: number
  isLost: boolean
  isLive: boolean
}

/** How old the figures are. When they cannot be renewed it says so instead of letting them look current. */
export const Freshness = ({ updatedAtMs, isLost, isLive }: FreshnessProps) => {
  useEffect(() => {
    if (isLost) announce('Connection lost, retrying.')
  }, [isLost])
  if (isLost)
    return (
      <p className="inline-flex items-center gap-1.5 rounded-small bg-failed-wash px-2 py-1 text-13 text-failed">
        <CloudOff size={14} aria-hidden="true" />
        Connection lost, retrying. As of {clockText(new Date(updatedAtMs))}
      </p>
    )
  return (
    <p className="text-13 text-soft">
      As of {clockText(new Date(updatedAtMs))}
      {isLive && '. Goes on by itself; you can close this page.'}
    </p>
  )
}
