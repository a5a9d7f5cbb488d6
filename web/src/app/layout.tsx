import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { organizations, session } from '../api/queries.ts'
import { useSessionEnded } from '../api/session-end.ts'
import { SessionEndedDialog } from '../features/session/session-ended-dialog.tsx'
import { Mark } from '../ui/mark.tsx'
import { ToastRegion } from '../ui/toast.tsx'
import { Navigation } from './navigation.tsx'
import { ProfileMenu } from './profile-menu.tsx'

/** The frame of every page behind the sign-in. */
export const Layout = () => {
  const { data: signedIn } = useQuery(session())
  const { data: all = [] } = useQuery({ ...organizations(), enabled: signedIn?.lacksSecondFactor === false })
  const hasSessionEnded = useSessionEnded()
  return (
    <div className="flex min-h-dvh flex-col md:grid md:grid-cols-[84px_minmax(0,1fr)] lg:grid-cols-[220px_minmax(0,1fr)]">
      <a
        href="#content"
        className="fixed top-2 left-2 z-30 -translate-y-16 rounded bg-accent px-3 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        Skip to the content
      </a>
      <nav
        data-chrome
        aria-label="Main"
        className="fixed inset-x-0 bottom-0 z-10 border-t border-line bg-sunken md:sticky md:inset-auto md:top-0 md:h-dvh md:border-t-0 md:border-r"
      >
        <Link
          to="/snapshots"
          className="hidden h-14 items-center justify-center gap-2 text-16 font-semibold tracking-[-0.01em] md:flex lg:justify-start lg:px-5"
        >
          <Mark />
          <span className="sr-only lg:not-sr-only">Stillbox</span>
        </Link>
        {signedIn && <Navigation role={signedIn.role} />}
      </nav>
      <div className="flex min-w-0 flex-1 flex-col pb-16 md:pb-0">
        <header
          data-chrome
          className="sticky top-0 z-10 flex h-12 items-center gap-3 border-b border-line bg-surface px-4 md:px-6 lg:h-14"
        >
          <span className="md:hidden">
            <Mark />
          </span>
          <p className="min-w-0 truncate text-13 text-soft" title={all.length === 1 ? all[0]!.name : undefined}>
            {all.length === 1 ? all[0]!.name : all.length > 1 ? `${all.length} organizations` : 'Stillbox'}
          </p>
          <div className="ml-auto">{signedIn && <ProfileMenu session={signedIn} />}</div>
        </header>
        <main id="content" className="min-w-0 flex-1 px-4 py-5 md:px-6 md:py-6">
          <Outlet />
        </main>
      </div>
      <ToastRegion />
      {hasSessionEnded && <SessionEndedDialog userName={signedIn?.userName ?? ''} />}
    </div>
  )
}
