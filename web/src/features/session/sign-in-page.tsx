import { useNavigate, useSearch } from '@tanstack/react-router'
import { Mark } from '../../ui/mark.tsx'
import { SignInForm } from './sign-in-form.tsx'

export const SignInPage = () => {
  const { back } = useSearch({ from: '/sign-in' })
  const navigate = useNavigate()
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-8">
      <title>Sign in · Stillbox</title>
      <div className="flex w-full max-w-88 flex-col gap-6">
        <div className="flex items-center gap-3">
          <Mark size={36} />
          <div>
            <h1 tabIndex={-1} className="text-20 font-semibold tracking-[-0.01em]">
              Sign in to Stillbox
            </h1>
            <p className="text-13 text-soft">Snapshots of mail, calendars and contacts</p>
          </div>
        </div>
        <div className="border-t-3 border-double border-line-strong pt-5">
          <SignInForm
            onSignedIn={() => {
              void navigate({ href: back ?? '/snapshots', replace: true })
            }}
          />
        </div>
        <p className="text-12 text-soft">
          The first account is <span className="font-medium text-ink">admin</span>. Its password was printed once, when
          the service started for the first time.
        </p>
      </div>
    </main>
  )
}
