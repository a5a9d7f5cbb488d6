import { z } from 'zod'
import { DestinationId, OrganizationId } from '../vocabulary/ids.ts'
import { defaultPathTemplate, PathTemplate } from '../vocabulary/path-template.ts'
import { HostFingerprint, RemoteFolder, SshHost, SshPort, SshUserName } from '../vocabulary/ssh-server.ts'
import { OrganizationChoice } from './account-methods.ts'
import { defineMethod } from './define-method.ts'
import { DeliveryProtocol } from './delivery.ts'

/** What the service signs in to a destination with: its own key, or a key or password that is saved with the destination. */
export const destinationAuthMethods = ['service-key', 'private-key', 'password'] as const
export const DestinationAuthMethod = z.enum(destinationAuthMethods, {
  error: `authMethod is one of ${destinationAuthMethods.join(', ')}`,
})
export type DestinationAuthMethod = z.infer<typeof DestinationAuthMethod>

/** A saved destination; its password or key is never told. */
export const Destination = z.object({
  destinationId: DestinationId,
  name: z.string(),
  protocol: DeliveryProtocol,
  host: z.string(),
  port: z.int(),
  username: z.string(),
  path: z.string(),
  fileName: z.string(),
  hostKeyFingerprints: z.array(z.string()),
  authMethod: DestinationAuthMethod,
  deletesLocal: z.boolean(),
  /** Whose snapshots may be delivered there; null: those of all organizations. */
  organizations: z.array(OrganizationId).nullable(),
  createdAt: z.string(),
  createdBy: z.string(),
  changedAt: z.string(),
  /** How its last test ended; null while it was never tested as it is now. */
  lastTest: z.object({ at: z.string(), error: z.string().nullable() }).nullable(),
})
export type Destination = z.infer<typeof Destination>

const Name = z
  .string()
  .trim()
  .min(1, { error: 'name is empty' })
  .max(100, { error: 'name has at most 100 characters' })
  .regex(/^\P{Cc}*$/u, { error: 'name has no control characters' })
const Fingerprints = z
  .array(HostFingerprint)
  .max(10)
  .describe('host keys to accept, any one of them: SHA256:… or MD5 pairs. ReadHostKeys tells what the server shows')
const FileName = PathTemplate.describe(
  'path below the folder, with {userName}, {date}, {snapshotId}, {type}, {organization}; missing folders are made',
)
const Secrets = {
  password: z.string().min(1).max(1_024).optional().describe('for authMethod=password'),
  privateKey: z.string().min(1).max(16_384).optional().describe('for authMethod=private-key: OpenSSH or PEM'),
  passphrase: z.string().min(1).max(1_024).optional().describe('of the private key, if it has one'),
}

const OneDestination = z.object({ destinationId: DestinationId })

const CreateParams = z.object({
  name: Name,
  protocol: DeliveryProtocol,
  host: SshHost,
  port: SshPort.default(22),
  username: SshUserName,
  path: RemoteFolder.default('').describe('the folder to deliver into; it must exist. Empty: where the sign-in lands'),
  fileName: FileName.default(defaultPathTemplate),
  hostKeyFingerprints: Fingerprints.min(1, {
    error: 'hostKeyFingerprints is empty: ask ReadHostKeys, compare with what the server’s administrator says',
  }),
  authMethod: DestinationAuthMethod.default('service-key'),
  ...Secrets,
  deletesLocal: z.boolean().default(false).describe('whether the local archive is deleted once it has been delivered'),
  organizations: OrganizationChoice.optional().describe('whose snapshots may go there: ids, or * for all (left out)'),
})

const EditParams = OneDestination.extend({
  name: Name.optional(),
  protocol: DeliveryProtocol.optional(),
  host: SshHost.optional(),
  port: SshPort.optional(),
  username: SshUserName.optional(),
  path: RemoteFolder.optional(),
  fileName: FileName.optional(),
  hostKeyFingerprints: Fingerprints.min(1).optional(),
  authMethod: DestinationAuthMethod.optional(),
  ...Secrets,
  deletesLocal: z.boolean().optional(),
  organizations: OrganizationChoice.optional(),
})

export const destinationMethods = {
  GetDestinations: defineMethod({
    name: 'GetDestinations',
    kind: 'sync',
    access: 'read',
    limit: 'filtered',
    summary: 'Lists the saved destinations, by name.',
    params: z.object({}),
    result: z.object({ destinations: z.array(Destination) }),
  }),
  CreateDestination: defineMethod({
    name: 'CreateDestination',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'destination.create', target: 'destinationId' },
    limit: 'hidden',
    summary: 'Saves a server that archives can be delivered to.',
    params: CreateParams,
    result: Destination,
  }),
  EditDestination: defineMethod({
    name: 'EditDestination',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'destination.edit', target: 'destinationId' },
    limit: 'hidden',
    summary:
      'Changes a destination; what is left out stays. With another host or port its password or key has to be given again.',
    params: EditParams,
    result: Destination,
  }),
  DeleteDestination: defineMethod({
    name: 'DeleteDestination',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'destination.delete', target: 'destinationId' },
    limit: 'hidden',
    summary: 'Deletes a destination with its password or key. What was delivered stays where it is.',
    params: OneDestination,
    result: z.null(),
  }),
  TestDestination: defineMethod({
    name: 'TestDestination',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'destination.test', target: 'destinationId' },
    limit: 'hidden',
    summary: 'Signs in to a saved destination, writes a small file and removes it again.',
    params: OneDestination,
    result: Destination,
  }),
  ReadHostKeys: defineMethod({
    name: 'ReadHostKeys',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'destination.host-keys', target: 'host' },
    summary:
      'Tells which host keys a server shows, to be compared with what its administrator says before one is saved.',
    params: z.object({ host: SshHost, port: SshPort.default(22) }),
    result: z.object({
      hostKeys: z.array(
        z.object({
          /** As in ssh-ed25519. */
          algorithm: z.string(),
          /** SHA256: and base64, as OpenSSH prints it. */
          sha256: z.string(),
          /** Sixteen hexadecimal pairs with colons. */
          md5: z.string(),
        }),
      ),
    }),
  }),
} as const
