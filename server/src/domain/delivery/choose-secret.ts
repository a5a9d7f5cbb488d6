import type { DestinationAuthMethod } from '@stillbox/shared/contract/destination-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { CheckPrivateKey } from '../../ports/delivery.ts'
import type { DestinationSecret } from './destination-spec.ts'

/** What a call gave for the sign-in at a destination. */
export type GivenSecrets = {
  readonly password?: string | undefined
  readonly privateKey?: string | undefined
  readonly passphrase?: string | undefined
}

const refuse = (reason: string) => new AppError('invalid_params', { details: { reason } })

const fieldOf = { 'service-key': null, password: 'password', 'private-key': 'privateKey' } as const

/**
 * The secret that is to be saved: `keep` stands for the one that is saved already, null for none.
 * @throws AppError `destination_secret_missing` when there is none and none may be kept; `invalid_params` for one that does not fit
 */
export const chooseSecret = (
  authMethod: DestinationAuthMethod,
  given: GivenSecrets,
  { mayKeep, checkPrivateKey }: { readonly mayKeep: boolean; readonly checkPrivateKey: CheckPrivateKey },
): DestinationSecret | 'keep' | null => {
  const { password, privateKey, passphrase } = given
  const field = fieldOf[authMethod]
  for (const other of ['password', 'privateKey'] as const)
    if (other !== field && given[other] !== undefined)
      throw refuse(`the sign-in by ${authMethod} takes no ${other}: choose another authMethod, or leave it out`)
  if (passphrase !== undefined && privateKey === undefined)
    throw refuse('a passphrase is given together with its privateKey, or not at all')

  if (field === null) return null
  if (password !== undefined) return { password }
  if (privateKey !== undefined) {
    checkUsable(checkPrivateKey(privateKey, passphrase), passphrase !== undefined)
    return { privateKey, ...(passphrase === undefined ? {} : { passphrase }) }
  }
  if (mayKeep) return 'keep'
  throw new AppError('destination_secret_missing', { details: { authMethod, field } })
}

const checkUsable = (found: ReturnType<CheckPrivateKey>, hasPassphrase: boolean): void => {
  if (found === 'usable') return
  if (found === 'unreadable')
    throw refuse(
      'privateKey is no private key that can be read: paste the whole file that ssh-keygen made, in OpenSSH or PEM form',
    )
  throw refuse(
    hasPassphrase ? 'the passphrase does not open the privateKey' : 'the privateKey is locked: give its passphrase too',
  )
}
