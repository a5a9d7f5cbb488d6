import { useState } from 'react'
import { useConfirmTotp } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { QrCode } from '../../ui/qr-code.tsx'
import { showToast } from '../../ui/toast.tsx'

type TotpDialogProps = {
  begun: { readonly secret: string; readonly uri: string }
  onClose: () => void
  onDone: (recoveryCodes: readonly string[]) => void
}

/** Groups of four are easier to type over. */
const inGroups = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? secret

/** Shows the secret to the app, as a picture and as text, and asks for a first code of it. */
export const TotpDialog = ({ begun: { secret, uri }, onClose, onDone }: TotpDialogProps) => {
  const [code, setCode] = useState('')
  const confirm = useConfirmTotp()
  const errors = formErrors(confirm.error, { code: 'code' })
  return (
    <FormDialog
      title="Set up an authenticator app"
      verb="Confirm code"
      busyVerb="Checking…"
      keep="Not now"
      busy={confirm.isPending}
      error={errors.form}
      fault={confirm.error}
      onSubmit={() => {
        confirm.mutate(
          { code },
          {
            onSuccess: ({ recoveryCodes }) => {
              showToast('good', 'The authenticator app is set up. Other sessions of this account have ended.')
              onDone(recoveryCodes)
            },
          },
        )
      }}
      onClose={onClose}
    >
      <p>1. Scan this picture with the app on your phone.</p>
      <div className="self-center">
        <QrCode text={uri} label="QR code with the secret for the authenticator app" />
      </div>
      <div className="flex flex-col gap-1">
        <p className="text-13 text-soft">Or type the secret into the app:</p>
        <div className="flex flex-wrap items-center gap-x-2 rounded bg-sunken py-1 pr-1 pl-3">
          <span className="min-w-0 flex-1 font-mono text-13 break-words">{inGroups(secret)}</span>
          <CopyButton label="Copy secret" text={secret} said="The secret is on the clipboard." />
        </div>
      </div>
      <TextField
        label="2. Enter the code the app shows now"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        autoFocus
        maxLength={20}
        value={code}
        error={errors.fields.code}
        onChange={({ target }) => setCode(target.value)}
        className="font-mono tracking-[0.15em]"
      />
    </FormDialog>
  )
}
