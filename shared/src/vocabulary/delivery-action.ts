import { z } from 'zod'

/** What happens to an archive once it is complete. */
export const deliveryActions = ['download', 'sftp', 'scp'] as const
export const DeliveryAction = z.enum(deliveryActions, { error: 'action is one of download, sftp, scp' })
export type DeliveryAction = z.infer<typeof DeliveryAction>
