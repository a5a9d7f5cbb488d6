import { CircleAlert, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

type NoticeProps = { tone: 'warning' | 'info'; title: string; children?: ReactNode }

/** Something to know before going on; it stays where it is. */
export const Notice = ({ tone, title, children }: NoticeProps) => {
  const Icon = tone === 'warning' ? CircleAlert : Info
  return (
    <div
      className={classNames(
        'flex items-start gap-3 rounded px-4 py-3',
        tone === 'warning'
          ? 'bg-failed-wash shadow-[inset_3px_0_0_var(--failed-ink)]'
          : 'bg-accent-wash shadow-[inset_3px_0_0_var(--accent)]',
      )}
    >
      <Icon
        size={18}
        className={classNames('mt-0.5 shrink-0', tone === 'warning' ? 'text-failed' : 'text-accent')}
        aria-hidden="true"
      />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{title}</p>
        {children}
      </div>
    </div>
  )
}
