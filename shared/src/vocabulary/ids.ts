import { z } from 'zod'

/** Identifies one snapshot: a lower-case UUID. Upper case is accepted and lowered, as other systems print it so. */
export const SnapshotId = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.uuid({ error: 'a snapshot id is a UUID such as 3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2' }))
  .brand<'SnapshotId'>()
export type SnapshotId = z.infer<typeof SnapshotId>

/** Identifies one saved destination: a lower-case UUID. */
export const DestinationId = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.uuid({ error: 'a destination id is a UUID, as GetDestinations lists it' }))
  .brand<'DestinationId'>()
export type DestinationId = z.infer<typeof DestinationId>

/** Identifies one job (a capture, a verification, an index rebuild): a lower-case UUID. */
export const JobId = z.uuid().brand<'JobId'>()
export type JobId = z.infer<typeof JobId>

/** Identifies one export: the lower-case UUID of its job. */
export const ExportId = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.uuid({ error: 'an export id is a UUID, as GetExports lists it' }))
  .brand<'ExportId'>()
export type ExportId = z.infer<typeof ExportId>

/** Short name of an organization, as the configuration spells it. It appears in URLs and in archives. */
export const OrganizationId = z
  .string()
  .trim()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
    error: 'an organization id has 1 to 63 characters out of a-z, 0-9 and -, and starts with a letter or digit',
  })
  .brand<'OrganizationId'>()
export type OrganizationId = z.infer<typeof OrganizationId>

/**
 * Whatever the provider calls a user: a customer number, a federation id, an address. Nothing is known about its form,
 * so only what cannot be a name at all is refused.
 */
export const UserName = z
  .string()
  .trim()
  .min(1, { error: 'say whose data to capture: userName is empty' })
  .max(320, { error: 'a user name has at most 320 characters' })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused here
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'a user name has no control characters' })
  .refine((name) => name.isWellFormed(), { error: 'the user name is cut off within a character' })
export type UserName = z.infer<typeof UserName>
