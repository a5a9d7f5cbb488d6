import { ArrowLeft, KeyRound, LifeBuoy, type LucideIcon, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { errorText } from '../../api/error-text.ts'
import { usePasskeyAnswer } from '../../api/mutations.ts'
import { whyNoPasskeys } from '../../api/passkeys.ts'
import type { SecondFactorChallenge } from '../../api/second-factor-challenge.ts'
import type { Credentials, GivenFactor } from '../../api/session.ts'
import { Button } from '../../ui/button.tsx'
import { FormError, TextField } from '../../ui/field.tsx'

type Way = 'totp' | 'passkey' | 'recoveryCode'

const ways: Readonly<Record<Way, { readonly icon: LucideIcon; readonly offer: string; readonly ask: string }>> = {
  totp: { icon: Smartphone, offer: 'Use the authenticator app', ask: 'Enter the code your authenticator app shows.' },
  passkey: { icon: KeyRound, offer: 'Use a passkey', ask: 'Confirm with a passkey of this account.' },
  recoveryCode: { icon: LifeBuoy, offer: 'Use a recovery code', ask: 'Each recovery code is good once.' },
}

type SecondFactorStepProps = {
  credentials: Credentials
  challenge: SecondFactorChallenge
  busy: boolean
  error: unknown
  /** Null: it turned out that none is needed any more. */
  onGiven: (factor: GivenFactor | null) => void
  /** What was refused before does not matter any more. */
  onForget: () => void
  onBack: () => void
}

/** The password was right; now what else the account asks for. */
export const SecondFactorStep = ({
  credentials,
  challenge,
  busy,
  error,
  onGiven,
  onForget,
  onBack,
}: SecondFactorStepProps) => {
  const hasPasskey = challenge.passkeyOptions !== null
  const [way, setWay] = useState<Way>(challenge.hasApp ? 'totp' : hasPasskey ? 'passkey' : 'recoveryCode')
  const [codes, setCodes] = useState({ totp: '', recoveryCode: '' })
  const passkey = usePasskeyAnswer(challenge)
  const others = (['totp', 'passkey', 'recoveryCode'] as const).filter(
    (one) => one !== way && (one === 'totp' ? challenge.hasApp : one === 'passkey' ? hasPasskey : true),
  )
  const isWorking = busy || passkey.isPending
  const submit = (): void => {
    if (isWorking) return
    if (way === 'totp') onGiven({ totp: codes.totp.trim() })
    else if (way === 'recoveryCode') onGiven({ recoveryCode: codes.recoveryCode.trim() })
    else passkey.mutate(credentials, { onSuccess: (answer) => onGiven(answer && { passkey: { ...answer } }) })
  }
  const fault = passkey.isError ? passkey.error : error
  const noPasskeys = way === 'passkey' ? whyNoPasskeys() : null
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <p className="text-soft">
        The password of <span className="font-medium break-words text-ink">{credentials.userName}</span> is right.{' '}
        {ways[way].ask}
      </p>
      {way === 'totp' && (
        <TextField
          key="totp"
          label="Code of the authenticator app"
          name="totp"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          autoFocus
          maxLength={20}
          value={codes.totp}
          onChange={({ target }) => setCodes({ ...codes, totp: target.value })}
          className="font-mono tracking-[0.15em]"
        />
      )}
      {way === 'recoveryCode' && (
        <TextField
          key="recoveryCode"
          label="Recovery code"
          name="recoveryCode"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          maxLength={40}
          value={codes.recoveryCode}
          onChange={({ target }) => setCodes({ ...codes, recoveryCode: target.value })}
          hint="Such as k7m2p-x4c9r. You were shown ten of them when the second factor was set up."
          className="font-mono"
        />
      )}
      <FormError>{noPasskeys ?? (fault !== null && errorText(fault))}</FormError>
      <Button
        type="submit"
        kind="primary"
        busy={isWorking}
        disabledReason={noPasskeys}
        autoFocus={way === 'passkey'}
        key={way === 'passkey' ? 'passkey' : 'code'}
      >
        {busy
          ? 'Signing in…'
          : passkey.isPending
            ? 'Waiting for the passkey…'
            : way === 'passkey'
              ? 'Use a passkey'
              : 'Sign in'}
      </Button>
      <div className="flex flex-col items-start gap-1 border-t border-line pt-3">
        {others.map((one) => (
          <Button
            key={one}
            kind="quiet"
            icon={ways[one].icon}
            className="-ml-3"
            onClick={() => {
              passkey.reset()
              onForget()
              setWay(one)
            }}
          >
            {ways[one].offer}
          </Button>
        ))}
        <Button kind="quiet" icon={ArrowLeft} className="-ml-3" onClick={onBack}>
          Back to the password
        </Button>
      </div>
    </form>
  )
}
