import type { DeliveryProtocol } from '@stillbox/shared/contract/delivery.ts'
import type { Destination, DestinationAuthMethod } from '@stillbox/shared/contract/destination-methods.ts'

export const protocolWords: Readonly<Record<DeliveryProtocol, string>> = { sftp: 'SFTP', scp: 'SCP' }

export const authWords: Readonly<Record<DestinationAuthMethod, string>> = {
  'service-key': 'The service’s key',
  password: 'Password',
  'private-key': 'Private key',
}

/** `backup@vault.example.org`, with the port where it is not the usual one. */
export const addressText = ({ username, host, port }: Pick<Destination, 'username' | 'host' | 'port'>): string =>
  `${username}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`

/** The folder as a reader understands it. */
export const folderText = (path: string): string => (path === '' ? 'where the sign-in lands' : path)
