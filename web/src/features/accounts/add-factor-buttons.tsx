import { KeyRound, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { useBeginTotp } from '../../api/account-mutations.ts'
import { errorText } from '../../api/error-text.ts'
import { whyNoPasskeys } from '../../api/passkeys.ts'
import { Button } from '../../ui/button.tsx'
import { FormError } from '../../ui/field.tsx'
import { AddPasskeyDialog } from './add-passkey-dialog.tsx'
import { TotpDialog } from './totp-dialog.tsx'

type AddFactorButtonsProps = {
  hasApp: boolean
  /** Codes that came with the first factor; nobody can see them again. */
  onRecoveryCodes: (codes: readonly string[]) => void
}

/** The two kinds of second factor one can add. */
export const AddFactorButtons = ({ hasApp, onRecoveryCodes }: AddFactorButtonsProps) => {
  const begin = useBeginTotp()
  const [isAddingPasskey, setAddingPasskey] = useState(false)
  const noPasskeys = whyNoPasskeys()
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {!hasApp && (
          <Button kind="primary" icon={Smartphone} busy={begin.isPending} onClick={() => begin.mutate()}>
            Set up an authenticator app
          </Button>
        )}
        <Button icon={KeyRound} disabledReason={noPasskeys} onClick={() => setAddingPasskey(true)}>
          Add a passkey
        </Button>
      </div>
      {noPasskeys && <p className="text-12 text-soft">{noPasskeys}</p>}
      <FormError>{begin.isError && errorText(begin.error)}</FormError>
      {begin.data && (
        <TotpDialog
          begun={begin.data}
          onClose={() => begin.reset()}
          onDone={(codes) => {
            begin.reset()
            onRecoveryCodes(codes)
          }}
        />
      )}
      {isAddingPasskey && (
        <AddPasskeyDialog
          onClose={() => setAddingPasskey(false)}
          onDone={(codes) => {
            setAddingPasskey(false)
            onRecoveryCodes(codes)
          }}
        />
      )}
    </div>
  )
}
