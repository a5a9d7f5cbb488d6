import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'

/** What a directory knows of one user: the values for placeholders, and how the user signs in to each source. */
export type Account = {
  readonly userName: string
  readonly login: string
  readonly mail?: string
  readonly uid?: string
  readonly cid?: string
  /** Where a source has a login or a password of its own. */
  readonly logins: Readonly<Partial<Record<SnapshotType, string>>>
  readonly passwords: Readonly<Partial<Record<SnapshotType, string>>>
}

/** Null when nobody has this name. @throws AppError `directory_unreachable`; `signal.reason` when aborted. */
export type FindAccount = (userName: string, signal: AbortSignal) => Promise<Account | null>

/** Directories compare names without case: people do not type it reliably, and no provider tells users apart by it. */
export const nameKey = (userName: string): string => userName.normalize('NFC').trim().toLowerCase()
