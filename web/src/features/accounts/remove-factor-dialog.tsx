import type { SecondFactorKind } from '@stillbox/shared/vocabulary/access.ts'
import { useRemovePasskey, useRemoveTotp } from '../../api/account-mutations.ts'
import { type Owner, whose } from '../../api/account-queries.ts'
import { errorText } from '../../api/error-text.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { showToast } from '../../ui/toast.tsx'
import { focusHeading } from './focus-heading.ts'

export type Device = { readonly deviceId: string; readonly kind: SecondFactorKind; readonly name: string }

type RemoveFactorDialogProps = { owner: Owner; device: Device; isLast: boolean; onClose: () => void }

/** Says what is left without it before it goes. */
export const RemoveFactorDialog = ({ owner, device, isLast, onClose }: RemoveFactorDialogProps) => {
  const removeTotp = useRemoveTotp()
  const removePasskey = useRemovePasskey()
  const remove = device.kind === 'totp' ? removeTotp : removePasskey
  const what = device.kind === 'totp' ? 'the authenticator app' : `the passkey “${device.name}”`
  const done = {
    onSuccess: () => {
      showToast('good', `${what.charAt(0).toUpperCase()}${what.slice(1)} was removed.`)
      onClose()
      focusHeading()
    },
  }
  return (
    <ConfirmDialog
      title={`Remove ${what}?`}
      verb="Remove"
      busyVerb="Removing…"
      keep="Keep it"
      busy={remove.isPending}
      error={remove.isError ? errorText(remove.error) : null}
      onClose={onClose}
      onConfirm={() =>
        device.kind === 'totp'
          ? removeTotp.mutate(whose(owner), done)
          : removePasskey.mutate({ ...whose(owner), deviceId: device.deviceId }, done)
      }
    >
      <p className="text-soft">
        {isLast
          ? 'It is the last second factor of this account: the recovery codes go with it, and the password alone signs in. Where the role needs a second factor, nothing else works until a new one is set up.'
          : 'It cannot be used to sign in any more. The other second factors and the recovery codes stay.'}
      </p>
    </ConfirmDialog>
  )
}
