import { Dialog } from '../../ui/dialog.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** Lies over the page whose session ended, so that whatever was typed there is still there afterwards. */
export const SessionEndedDialog = ({ userName }: { userName: string }) => (
  <Dialog title="Your session has ended">
    <p className="text-soft">Sign in again to go on. What you typed on this page is kept.</p>
    <SignInForm knownUserName={userName} />
  </Dialog>
)
