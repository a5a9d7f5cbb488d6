import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { AuditAction, AuditOutcome } from '@stillbox/shared/vocabulary/audit-action.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'

/** An entry before it has its place in the chain. */
export type AuditDraft = Omit<AuditEntry, 'number' | 'previousHash' | 'hash'>

/** An entry without what vouches for it: all that is hashed. */
export type AuditContent = Omit<AuditEntry, 'hash'>

/** Where the chain ends. */
export type AuditHead = { readonly number: number; readonly hash: string }

export type AuditFilter = {
  /** Part of the name, any case; taken literally (no wildcards). */
  readonly actor?: string | undefined
  readonly actions?: readonly AuditAction[] | undefined
  readonly outcome?: AuditOutcome | undefined
  /** Exactly. */
  readonly target?: string | undefined
  readonly organization?: OrganizationId | undefined
  /** At or after, and before: ISO 8601. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Only what is of these organizations, or was done by this actor; left out: everything. */
  readonly seenBy?: { readonly organizations: readonly OrganizationId[]; readonly actor: string } | undefined
}

/**
 * The log of who did what. It can be added to and read; nothing in it is ever changed. Numbers have no gaps, and each entry is hashed
 * together with the one before, whichever process adds it.
 */
export type AuditLog = {
  /**
   * Adds all of them or none, in this order. Where the head of the log is not what this service left, an entry that says so comes first.
   * Answers what was added for the drafts.
   */
  append(drafts: readonly AuditDraft[]): Promise<readonly AuditEntry[]>
  /** Newest first, below the number `before`; `next` is the `before` of the page that follows, null when there is none. */
  page(
    filter: AuditFilter,
    page: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: number | null }>
  /** All that match up to the number `upTo`, oldest first, some hundred at a time; the next ones are read when they are asked for. */
  pages(filter: AuditFilter, upTo: number): AsyncIterable<readonly AuditEntry[]>
  /**
   * The head as this service sealed it, beside the highest number there is: they are the same unless somebody else was at the table. `head`
   * is null while nothing was ever added, and where the seal is gone or broken.
   */
  state(): Promise<{ readonly head: AuditHead | null; readonly highestNumber: number }>
}
