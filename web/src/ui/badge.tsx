import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'

/** Icon, word and colour together, so that none of them has to be understood alone. */
export const Badge = ({ icon: Icon, look, children }: { icon: LucideIcon; look: string; children: ReactNode }) => (
  <span
    className={classNames(
      'inline-flex h-6 items-center gap-1.5 rounded-small pr-2 pl-1.5 text-13 font-medium whitespace-nowrap',
      look,
    )}
  >
    <Icon size={14} strokeWidth={2.25} aria-hidden="true" />
    {children}
  </span>
)
