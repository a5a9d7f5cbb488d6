import type { OpenDelivery } from '../../ports/delivery.ts'
import { createScpDelivery } from './scp-delivery.ts'
import { createSftpDelivery } from './sftp-delivery.ts'

/** The delivery a destination asks for. No connection is made before its first call. */
export const openSshDelivery: OpenDelivery = (destination) =>
  destination.protocol === 'sftp' ? createSftpDelivery(destination) : createScpDelivery(destination)
