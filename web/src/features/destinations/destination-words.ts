import type { DeliveryProtocol } from '@stillbox/shared/contract/delivery.ts'
import type { DestinationAuthMethod } from '@stillbox/shared/contract/destination-methods.ts'

export const protocolWords: Readonly<Record<DeliveryProtocol, string>> = { sftp: 'SFTP', scp: 'SCP' }

export const authWords: Readonly<Record<DestinationAuthMethod, string>> = {
  'service-key': 'The service’s key',
  password: 'Password',
  'private-key': 'Private key',
}

/** The folder as a reader understands it. */
export const folderText = (path: string): string => (path === '' ? 'where the sign-in lands' : path)
