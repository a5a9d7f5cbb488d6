import { z } from 'zod'
import { DeliveryAction } from '../vocabulary/delivery-action.ts'
import { OrganizationId } from '../vocabulary/ids.ts'
import { SnapshotType } from '../vocabulary/snapshot-type.ts'
import { defineMethod } from './define-method.ts'

export const systemMethods = {
  GetOrganizations: defineMethod({
    name: 'GetOrganizations',
    kind: 'sync',
    access: 'read',
    limit: 'filtered',
    summary: 'Lists the organizations of the configuration and what can be captured of their users.',
    params: z.object({}),
    result: z.object({
      organizations: z.array(
        z.object({
          organization: OrganizationId,
          name: z.string(),
          types: z.array(SnapshotType),
          /** An example of what is entered as user name, where the configuration gives one. */
          userNameHint: z.string().nullable(),
          /** Made by the service for trying it out. */
          isSample: z.boolean(),
        }),
      ),
    }),
  }),
  GetServerInfo: defineMethod({
    name: 'GetServerInfo',
    kind: 'sync',
    access: 'read',
    limit: 'filtered',
    summary: 'Tells the version, what the service can do, and how much room its store has.',
    params: z.object({}),
    result: z.object({
      product: z.literal('Stillbox'),
      version: z.string(),
      archiveFormatVersion: z.int(),
      database: z.enum(['embedded', 'postgresql']),
      actions: z.array(DeliveryAction),
      /** The service’s own public keys, as lines for ~/.ssh/authorized_keys at a destination; the preferred one first. */
      deliveryKeys: z.array(z.object({ algorithm: z.string(), line: z.string() })),
      /** Days until an archive expires, by action; null: never. */
      retentionDays: z.record(DeliveryAction, z.int().nullable()),
      /** How many days ahead an archive that is going to expire is warned about. */
      expiryWarningDays: z.int(),
      /** Public key that signs the archives: Ed25519, SPKI, base64. */
      signingKey: z.string(),
      store: z.object({ archiveCount: z.int(), archiveBytes: z.int(), freeBytes: z.int().nullable() }),
      startedAt: z.string(),
    }),
  }),
} as const
