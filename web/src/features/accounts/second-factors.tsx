import { useQuery } from '@tanstack/react-query'
import { KeyRound, RefreshCw, Smartphone, Trash2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { type Owner, secondFactors } from '../../api/account-queries.ts'
import { Button } from '../../ui/button.tsx'
import { Fact, FactList } from '../../ui/fact.tsx'
import { Moment } from '../../ui/figures.tsx'
import { factorWords } from './account-words.ts'
import { AddFactorButtons } from './add-factor-buttons.tsx'
import { Loaded } from './loaded.tsx'
import { NewCodesDialog } from './new-codes-dialog.tsx'
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx'
import { type Device, RemoveFactorDialog } from './remove-factor-dialog.tsx'

const icons = { totp: Smartphone, passkey: KeyRound } as const

const codesLeftText = (left: number): ReactNode =>
  left === 0 ? (
    <span className="font-medium text-failed">none left</span>
  ) : (
    <span className={left < 3 ? 'font-medium text-failed' : undefined}>{left} left</span>
  )

/** The second factors of an account. Only their owner can add some; administrators can take them away. */
export const SecondFactors = ({ owner }: { owner: Owner }) => {
  const [removing, setRemoving] = useState<Device | null>(null)
  const [isRenewing, setRenewing] = useState(false)
  const [shownOnce, setShownOnce] = useState<readonly string[]>([])
  const factors = useQuery(secondFactors(owner))
  const isOwn = owner === null
  return (
    <>
      <Loaded query={factors} what="The second factors">
        {({ devices, recoveryCodesLeft }) => (
          <>
            {devices.length === 0 ? (
              <p className="text-soft">
                {isOwn
                  ? 'None yet. With one, a stolen password alone opens nothing: signing in takes a code of your phone or a passkey as well.'
                  : 'None. Only the owner of the account can set one up.'}
              </p>
            ) : (
              <FactList>
                {devices.map((device) => {
                  const { deviceId, kind, name, addedAt } = device
                  const Icon = icons[kind]
                  return (
                    <Fact key={deviceId} term={factorWords[kind]}>
                      <span className="flex min-w-0 items-center gap-2">
                        <Icon size={16} className="shrink-0 text-soft" aria-hidden="true" />
                        <span className="min-w-0 break-words">{kind === 'totp' ? 'Codes of six digits' : name}</span>
                      </span>
                      <span className="text-soft">
                        added <Moment at={addedAt} />
                      </span>
                      <Button
                        size="small"
                        kind="quiet"
                        icon={Trash2}
                        className="ml-auto"
                        onClick={() => setRemoving(device)}
                      >
                        Remove<span className="sr-only"> {kind === 'totp' ? factorWords.totp : name}</span>
                      </Button>
                    </Fact>
                  )
                })}
                <Fact term="Recovery codes">
                  {codesLeftText(recoveryCodesLeft)}
                  {isOwn && (
                    <Button
                      size="small"
                      kind="quiet"
                      icon={RefreshCw}
                      className="ml-auto"
                      onClick={() => setRenewing(true)}
                    >
                      Make new ones
                    </Button>
                  )}
                </Fact>
              </FactList>
            )}
            {isOwn && (
              <AddFactorButtons hasApp={devices.some(({ kind }) => kind === 'totp')} onRecoveryCodes={setShownOnce} />
            )}
            {removing && (
              <RemoveFactorDialog
                owner={owner}
                device={removing}
                isLast={devices.length === 1}
                onClose={() => setRemoving(null)}
              />
            )}
          </>
        )}
      </Loaded>
      {isRenewing && (
        <NewCodesDialog
          onClose={() => setRenewing(false)}
          onMade={(codes) => {
            setRenewing(false)
            setShownOnce(codes)
          }}
        />
      )}
      {shownOnce.length > 0 && <RecoveryCodesDialog codes={shownOnce} onClose={() => setShownOnce([])} />}
    </>
  )
}
