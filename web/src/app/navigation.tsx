import { type Role, roleMay } from '@stillbox/shared/vocabulary/access.ts'
import { Link, useLocation } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import { Menu, menuItemLook } from '../ui/menu.tsx'
import { type NavigationEntry, navigationEntries, shareOut } from './navigation-entries.ts'

const railLook =
  'flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 rounded px-1 py-1.5 text-12 text-soft transition-colors duration-150 hover:bg-accent-wash hover:text-ink ' +
  'md:flex-none lg:h-9 lg:flex-row lg:justify-start lg:gap-2.5 lg:px-3 lg:py-0 lg:text-14 ' +
  'data-[status=active]:font-medium data-[status=active]:text-accent lg:data-[status=active]:bg-raised lg:data-[status=active]:shadow-[0_0_0_1px_var(--line)]'

/** Whether a page belongs to this entry: the page of one snapshot to the list, without being it. */
const leadsTo = (to: NavigationEntry['to'], pathname: string): boolean =>
  pathname === to ||
  (pathname.startsWith(`${to}/`) && !navigationEntries.some((other) => other.to !== to && other.to === pathname))

/** The links of the rail; on a phone a bar of at most five at the bottom, the rest behind “More”. */
export const Navigation = ({ role }: { role: Role }) => {
  const pathname = useLocation({ select: (location) => location.pathname })
  const { bar, more } = shareOut(navigationEntries.filter(({ needs }) => roleMay(role, needs)))
  const state = (to: NavigationEntry['to']) =>
    pathname === to
      ? ({ 'data-status': 'active', 'aria-current': 'page' } as const)
      : leadsTo(to, pathname)
        ? ({ 'data-status': 'active', 'aria-current': true } as const)
        : {}
  const link = ({ to, icon: Icon, short, long }: NavigationEntry, isInBar: boolean) => (
    <Link
      key={to}
      to={to}
      activeOptions={{ exact: true, includeSearch: false }}
      className={isInBar ? railLook : `${railLook} max-md:hidden`}
      {...state(to)}
    >
      <Icon size={18} strokeWidth={1.85} aria-hidden="true" />
      <span className="lg:hidden">{short}</span>
      <span className="hidden lg:inline">{long}</span>
    </Link>
  )
  return (
    <div className="flex gap-1 px-2 py-1 md:flex-col md:py-2 lg:px-2.5">
      {bar.map((entry) => link(entry, true))}
      {more.map((entry) => link(entry, false))}
      {more.length > 0 && (
        <div className="flex flex-1 md:hidden">
          <Menu
            triggerLook={railLook}
            triggerStatus={more.some(({ to }) => leadsTo(to, pathname)) ? 'active' : undefined}
            trigger={
              <>
                <Ellipsis size={18} strokeWidth={1.85} aria-hidden="true" />
                More
              </>
            }
          >
            {(close) => (
              <ul className="flex flex-col">
                {more.map(({ to, icon: Icon, long }) => (
                  <li key={to}>
                    <Link to={to} onClick={close} className={menuItemLook} {...state(to)}>
                      <Icon size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
                      {long}
                    </Link>
                  </li>
                ))}
              </ul>
            )}
          </Menu>
        </div>
      )}
    </div>
  )
}
