import { Instant } from '@stillbox/shared/vocabulary/date-range.ts'
import { deliveryActions } from '@stillbox/shared/vocabulary/delivery-action.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { snapshotTypes } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { z } from 'zod'
import { anyCase, wireText, withoutNulls } from './wire-text.ts'

/** The fields of a new snapshot; others are ignored, also those the service sets itself. */
export const CreateFields = z.object(
  {
    username: wireText('username')
      .min(1, { error: 'username is empty' })
      .describe('whose data; a name nobody knows makes the snapshot fail later'),
    type: anyCase('type', snapshotTypes).describe('MAILBOX, CALENDAR or CONTACTS, in upper or lower case'),
    action: anyCase('action', deliveryActions).describe('DOWNLOAD, SFTP or SCP, in upper or lower case'),
    start: Instant.optional().describe(
      'messages received at or after this instant, ISO 8601 in UTC; needed for MAILBOX',
    ),
    end: Instant.optional().describe('messages received before this instant, ISO 8601 in UTC; needed for MAILBOX'),
    ssh: z.unknown().optional().describe('where to upload to; needed for SFTP and SCP'),
    organization: OrganizationId.optional().describe('needed where there is more than one organization'),
    password: z
      .string({ error: 'password is a string' })
      .optional()
      .describe('the user’s own password, where the source is not opened by a service account'),
  },
  { error: 'the body is a JSON object with username, type and action' },
)
/** The body of `POST /intercept/snapshots`. */
export const CreateRequest = z.preprocess(withoutNulls, CreateFields)

/** The query of `GET /intercept/snapshots`. */
export const ListRequest = z.object({
  status: anyCase('status', ['all', ...snapshotStates])
    .default('all')
    .describe(`${['all', ...snapshotStates].join(', ')}, in upper or lower case; all leaves out the deleted ones`),
  organization: OrganizationId.optional(),
})

const upper = <const W extends string>(words: readonly W[]) =>
  z.enum(words.map((word) => word.toUpperCase() as Uppercase<W>) as [Uppercase<W>, ...Uppercase<W>[]])

const OxType = upper(snapshotTypes)

/** What the create call answers. */
export const CreatedSnapshot = z.object({
  snapshotId: z.string(),
  username: z.string(),
  type: OxType,
  action: upper(deliveryActions),
  status: z.enum(snapshotStates),
  /** Milliseconds since 1970. */
  lastChanged: z.int(),
})

/** One snapshot as the list and the call for one have it. */
export const SnapshotMetadata = CreatedSnapshot.extend({
  start: z.string().optional(),
  end: z.string().optional(),
  organization: OrganizationId,
  /** All types, only where there are several; `type` is then the first of them. */
  types: z.array(OxType).optional(),
  /** Why it failed, as a sentence for a person; only while it is failed. */
  error: z.string().optional(),
})
export type CreatedSnapshot = z.output<typeof CreatedSnapshot>
export type SnapshotMetadata = z.output<typeof SnapshotMetadata>

/** A key without the name of its algorithm and without comment: the middle part of a line in `authorized_keys`. */
const KeyBlob = z.string().regex(/^AAAA[A-Za-z0-9+/]+={0,2}$/)
/** Public keys by algorithm. */
export const PublicKeys = z.object({ 'ssh-rsa': KeyBlob }).catchall(KeyBlob)
export type PublicKeys = z.output<typeof PublicKeys>
