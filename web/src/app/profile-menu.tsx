import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, CircleUserRound, LogOut, UserRound } from 'lucide-react'
import { useState } from 'react'
import { errorText } from '../api/error-text.ts'
import { useSignOut } from '../api/mutations.ts'
import type { Session } from '../api/session.ts'
import { Menu, MenuItem, menuItemLook } from '../ui/menu.tsx'
import { SegmentedControl } from '../ui/segmented-control.tsx'
import { keepTheme, storedTheme, themes } from '../ui/theme.ts'
import { showToast } from '../ui/toast.tsx'
import { CertificateNote, CertificateWarning } from './certificate-note.tsx'

/** Who is signed in, how the pages look, and the way out. */
export const ProfileMenu = ({ session }: { session: Session }) => {
  const [theme, setTheme] = useState(storedTheme)
  const queries = useQueryClient()
  const signOut = useSignOut()
  const { certificate } = session
  const leave = (): void =>
    signOut.mutate(undefined, {
      onSuccess: () => {
        queries.clear()
        // A full load: nothing of the account that left stays in memory.
        window.location.assign('/sign-in')
      },
      onError: (error) => showToast('bad', errorText(error)),
    })
  return (
    <Menu
      triggerLook="flex h-9 items-center gap-2 rounded px-2 text-13 hover:bg-sunken"
      trigger={
        <>
          {certificate && <CertificateWarning certificate={certificate} />}
          <CircleUserRound size={18} strokeWidth={1.85} className="text-soft" aria-hidden="true" />
          <span className="max-w-40 truncate">{session.fullName || session.userName}</span>
          <ChevronDown size={14} className="text-soft" aria-hidden="true" />
        </>
      }
    >
      {(close) => (
        <div className="flex flex-col gap-1">
          <div className="px-2.5 pt-1.5 pb-2">
            <p className="font-medium">{session.userName}</p>
            <p className="text-12 text-soft">Role: {session.role}</p>
          </div>
          <Link to="/profile" onClick={close} className={menuItemLook}>
            <UserRound size={16} className="mt-0.5 shrink-0" aria-hidden="true" />
            Profile
          </Link>
          <div className="flex flex-col gap-1 border-t border-line px-2.5 pt-2 pb-2.5">
            <p className="text-12 text-soft" aria-hidden="true">
              Colours
            </p>
            <SegmentedControl
              legend="Colours"
              segments={themes.map((value) => ({ value, label: value[0]!.toUpperCase() + value.slice(1) }))}
              value={theme}
              onChange={(chosen) => {
                keepTheme(chosen)
                setTheme(chosen)
              }}
            />
          </div>
          {certificate && <CertificateNote certificate={certificate} />}
          <div className="border-t border-line pt-1">
            <MenuItem
              icon={LogOut}
              disabledReason={certificate ? 'The certificate signs in by itself: close the browser.' : null}
              onClick={leave}
            >
              Sign out
            </MenuItem>
          </div>
        </div>
      )}
    </Menu>
  )
}
