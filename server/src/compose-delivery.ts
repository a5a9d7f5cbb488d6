import { createDatabaseDestinationStore } from './adapters/database/destination-store.ts'
import type { Database } from './adapters/database/open-database.ts'
import { createCheckHost } from './adapters/ssh/address-rule.ts'
import { checkPrivateKey } from './adapters/ssh/private-key.ts'
import { openServiceKeys } from './adapters/ssh/service-key.ts'
import { readHostKeys } from './adapters/ssh/sign-in.ts'
import { openSshDelivery } from './adapters/ssh/ssh-delivery.ts'
import type { KnownOrganizations } from './domain/account/manage-accounts.ts'
import { createDestinationSpecs } from './domain/delivery/destination-spec.ts'
import { createManageDestinations } from './domain/delivery/manage-destinations.ts'
import { createReadHostKeys } from './domain/delivery/read-host-keys.ts'
import { createTestDestination } from './domain/delivery/test-destination.ts'
import type { Clock } from './ports/clock.ts'
import type { KeyFiles } from './ports/key-files.ts'
import type { Secrets } from './ports/secrets.ts'

export type DeliveryNeeds = {
  readonly database: Database
  readonly directory: KnownOrganizations
  readonly secrets: Secrets
  readonly keyFiles: KeyFiles
  readonly clock: Clock
}

export type DeliveryConfig = { readonly allowedAddresses: readonly string[] }

/** Joins what destinations are about: the methods that manage them, and what an upload needs to reach one. */
export const composeDelivery = async (
  { database, directory, secrets, keyFiles, clock }: DeliveryNeeds,
  { allowedAddresses }: DeliveryConfig,
) => {
  const destinations = createDatabaseDestinationStore({ database })
  const keys = await openServiceKeys({ keyFiles })
  // Ed25519 first: a server that takes both is asked once.
  const servicePrivateKeys = [keys.ed25519.privateKey, keys.rsa.privateKey]
  const specs = createDestinationSpecs({ secrets, servicePrivateKeys, allowedAddresses })
  const checkHost = createCheckHost(allowedAddresses)
  const words = [keys.ed25519, keys.rsa].map(({ publicKey }) => ({ line: publicKey, parts: publicKey.split(' ') }))
  return {
    destinations,
    specs,
    openDelivery: openSshDelivery,
    checkHost,
    servicePrivateKeys,
    /** For ~/.ssh/authorized_keys at a destination, the preferred one first. */
    deliveryKeys: words.map(({ line, parts }) => ({ algorithm: parts[0]!, line })),
    /** As the OX snapshot API tells it: of RSA alone, base64 without what stands around it in a line. */
    publicKeys: async () => ({ 'ssh-rsa': words[1]!.parts[1]! }),
    handlers: {
      ...createManageDestinations({ destinations, directory, secrets, clock, checkHost, checkPrivateKey }),
      TestDestination: createTestDestination({ destinations, specs, openDelivery: openSshDelivery, clock }),
      ReadHostKeys: createReadHostKeys({ readHostKeys, allowedAddresses }),
    },
  }
}
