import type { DeliveryProtocol } from '@stillbox/shared/contract/delivery.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SshTarget } from '@stillbox/shared/vocabulary/ssh-server.ts'
import { z } from 'zod'
import type { DestinationAuth, DestinationSpec } from '../../ports/delivery.ts'
import type { SavedDestination } from '../../ports/destination-store.ts'
import type { Secrets } from '../../ports/secrets.ts'

/** What is sealed with a destination. */
export const DestinationSecret = z.union([
  z.object({ password: z.string() }),
  z.object({ privateKey: z.string(), passphrase: z.string().optional() }),
])
export type DestinationSecret = z.output<typeof DestinationSecret>

/** Ties a sealed secret to its destination: copied to another row it cannot be opened. */
export const secretContext = (destinationId: string): string => `secret of destination ${destinationId}`

export type DestinationSpecNeeds = {
  readonly secrets: Pick<Secrets, 'open'>
  /** The service's own private keys as PEM, in the order in which they are tried. */
  readonly servicePrivateKeys: readonly string[]
  readonly allowedAddresses: readonly string[]
  /** Longest silence of a server. */
  readonly timeoutMs?: number
}

export type DestinationSpecs = {
  /** @throws AppError `destination_secret_lost` when its secret was sealed with another key: the key file is not the one of this database */
  readonly ofSaved: (destination: SavedDestination) => DestinationSpec
  readonly ofTarget: (protocol: DeliveryProtocol, target: SshTarget) => DestinationSpec
}

/** Makes of a destination what a connection needs. The result holds credentials. */
export const createDestinationSpecs = ({
  secrets,
  servicePrivateKeys,
  allowedAddresses,
  timeoutMs = 60_000,
}: DestinationSpecNeeds): DestinationSpecs => {
  const serviceKey: DestinationAuth = { method: 'service-key', privateKeyPems: servicePrivateKeys }
  const opened = (sealed: string, { destinationId, name }: SavedDestination): DestinationSecret => {
    try {
      return DestinationSecret.parse(JSON.parse(secrets.open(sealed, secretContext(destinationId))))
    } catch {
      // Whatever was thrown is left out: it might quote what was opened.
      throw new AppError('destination_secret_lost', { details: { name } })
    }
  }
  const authOf = (destination: SavedDestination): DestinationAuth => {
    const { authMethod, sealedSecret } = destination
    if (authMethod === 'service-key' || sealedSecret === null) return serviceKey
    const secret = opened(sealedSecret, destination)
    if ('password' in secret) return { method: 'password', password: secret.password }
    const { privateKey, passphrase } = secret
    return { method: 'private-key', privateKeyPem: privateKey, ...(passphrase === undefined ? {} : { passphrase }) }
  }
  return {
    ofSaved: (destination) => {
      const { protocol, host, port, username, path, hostKeyFingerprints } = destination
      const auth = authOf(destination)
      return { protocol, host, port, username, path, hostKeyFingerprints, auth, allowedAddresses, timeoutMs }
    },
    ofTarget: (protocol, { host, port, username, path, fingerprint }) => ({
      protocol,
      host,
      port,
      username,
      path,
      hostKeyFingerprints: [fingerprint],
      auth: serviceKey,
      allowedAddresses,
      timeoutMs,
    }),
  }
}
