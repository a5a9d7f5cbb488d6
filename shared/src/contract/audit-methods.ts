import { z } from 'zod'
import { ClientKind } from '../vocabulary/access.ts'
import { AuditAction, AuditOutcome } from '../vocabulary/audit-action.ts'
import { Instant } from '../vocabulary/date-range.ts'
import { OrganizationId } from '../vocabulary/ids.ts'
import { defineMethod } from './define-method.ts'

/**
 * One entry of the audit log. `hash` is the SHA-256 (lower-case hex) of `previousHash`, a line feed and the entry without `hash` as
 * canonical JSON (RFC 8785), so that no entry can be changed, removed or put in later without breaking all that follow.
 */
export const AuditEntry = z.object({
  /** 1, 2, 3 … without gaps. */
  number: z.int().positive(),
  at: z.string(),
  action: AuditAction,
  outcome: AuditOutcome,
  /** Code of the error, where it was refused or failed. */
  code: z.string().nullable(),
  /** The account that did it, or the name somebody tried to sign in with; null: the service itself. */
  actor: z.string().nullable(),
  client: ClientKind.nullable(),
  /** Address the call came from; null: the service itself. */
  address: z.string().nullable(),
  /** Id of the request, as in the log file and in the header X-Request-Id. */
  requestId: z.string().nullable(),
  /** What it was done to: id of a snapshot or destination, user name of an account. */
  target: z.string().nullable(),
  organization: z.string().nullable(),
  /** What else is worth knowing, never a secret nor content of mail. */
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  previousHash: z.string(),
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** What the list, and the export, may be narrowed to. */
export const auditFilterShape = {
  actor: z.string().trim().max(320).optional().describe('part of a user name, upper or lower case'),
  action: z.array(AuditAction).optional().describe('only these actions'),
  outcome: AuditOutcome.optional(),
  target: z.string().trim().max(320).optional().describe('the id or name exactly'),
  organization: OrganizationId.optional(),
  from: Instant.optional().describe('at or after this instant (UTC)'),
  to: Instant.optional().describe('before this instant (UTC)'),
}

export const auditMethods = {
  GetAuditLog: defineMethod({
    name: 'GetAuditLog',
    kind: 'sync',
    access: 'audit',
    limit: 'filtered',
    summary:
      'Lists who did what and what was refused, newest first, a page at a time. /audit-log.jsonl and .csv export it.',
    params: z.object({
      ...auditFilterShape,
      limit: z.int().min(1).max(500).default(100),
      before: z.int().positive().optional().describe('the next value of the page before'),
    }),
    result: z.object({
      entries: z.array(AuditEntry),
      /** Give this as `before` to read the next page; null on the last one. */
      next: z.int().nullable(),
    }),
  }),
  VerifyAuditLog: defineMethod({
    name: 'VerifyAuditLog',
    kind: 'sync',
    access: 'audit',
    audit: { action: 'audit.verify' },
    limit: 'hidden',
    summary: 'Computes the hash chain of the audit log anew and tells where it is broken, if it is.',
    params: z.object({}),
    result: z.object({
      ok: z.boolean(),
      entryCount: z.int(),
      /** Of the last entry: write it down elsewhere, and a log that was cut off or made anew shows. Null while there is none. */
      headHash: z.string().nullable(),
      /** The first entry that does not fit, and why; null when ok. */
      fault: z.object({ number: z.int(), text: z.string() }).nullable(),
    }),
  }),
} as const
