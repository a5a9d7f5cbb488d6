import { z } from 'zod'
import { DestinationId } from '../vocabulary/ids.ts'

/** How archives travel to a server. `sftp` needs its SFTP subsystem, `scp` a shell with `scp` and no SFTP. */
export const deliveryProtocols = ['sftp', 'scp'] as const
export const DeliveryProtocol = z.enum(deliveryProtocols, { error: 'protocol is one of sftp, scp' })
export type DeliveryProtocol = z.infer<typeof DeliveryProtocol>

/** How a snapshot is, or was, delivered. What is not known yet is null. */
export const SnapshotDelivery = z.object({
  protocol: DeliveryProtocol,
  /** The saved destination; null for a target that the call itself named, or once the destination was deleted. */
  destinationId: DestinationId.nullable(),
  destinationName: z.string().nullable(),
  host: z.string(),
  port: z.int(),
  username: z.string(),
  /** The folder of the destination. */
  path: z.string(),
  /** Bytes known to be written at the server, of `bytesExpected`, which is known once the archive is complete. */
  bytesDone: z.int().nonnegative(),
  bytesExpected: z.int().nonnegative().nullable(),
  bytesPerSecond: z.number().nonnegative().nullable(),
  /** Where the file lies, as the server names it. */
  deliveredPath: z.string().nullable(),
  /** Lower-case hex, where the server computed it itself; null where only the size could be compared. */
  sha256: z.string().nullable(),
  deliveredAt: z.string().nullable(),
  /** The local archive is deleted once it has been delivered. */
  deletesLocal: z.boolean(),
})
export type SnapshotDelivery = z.infer<typeof SnapshotDelivery>
