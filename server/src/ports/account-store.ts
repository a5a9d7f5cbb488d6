import type { ClientKind, Role, SecondFactorKind } from '@stillbox/shared/vocabulary/access.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'

/** Somebody who may sign in to this service; not a user whose data is captured. */
export type Account = {
  readonly userName: string
  readonly fullName: string
  readonly emailAddresses: readonly string[]
  readonly role: Role
  /** Whose users the account may deal with; null: all organizations, those to come included. */
  readonly organizations: readonly OrganizationId[] | null
  /** argon2id in PHC string format; '' for an account without a password, which signs in by client certificate. */
  readonly passwordHash: string
  /** What it has beside the password; kept by the SecondFactorStore and only read here. */
  readonly secondFactors: readonly SecondFactorKind[]
}

export type NewAccount = Omit<Account, 'secondFactors'>
export type AccountChanges = Partial<Pick<Account, 'fullName' | 'emailAddresses' | 'role' | 'organizations'>>

/** A change of a password: when, in ISO 8601, and the user name of whoever made it. */
export type PasswordChange = { readonly at: string; readonly by: string }

export type NewSession = {
  readonly tokenHash: string
  readonly userName: string
  readonly expiresAtMs: number
  /** A UUID by which people speak of the session. */
  readonly sessionId?: string
  readonly startedAtMs?: number
  readonly address?: string
  readonly userAgent?: string
}

export type Session = {
  readonly sessionId: string
  readonly userName: string
  readonly createdAt: string
  readonly lastUsedAt: string
  readonly expiresAt: string
  readonly address: string
  readonly userAgent: string
}

export type LastSignIn = { readonly client: ClientKind; readonly at: string; readonly address: string }

export type AccountStore = {
  /** User names are compared without regard to case. */
  find(userName: string): Promise<Account | null>
  /** By user name. */
  list(): Promise<readonly Account[]>
  count(): Promise<number>
  /** With a password, `change` begins its history. @throws AppError `name_taken` */
  create(account: NewAccount, change?: PasswordChange): Promise<void>
  /** Everything of the account goes along. @throws AppError `name_taken`, `not_found` */
  rename(userName: string, newUserName: string): Promise<void>
  /** @throws AppError `not_found`, `last_administrator` when no administrator of all organizations were left */
  update(userName: string, changes: AccountChanges): Promise<void>
  /** With its sessions, tokens, factors and history. @throws AppError `not_found`, `last_administrator` */
  delete(userName: string): Promise<void>

  /** Adds to the history too, of which the last five hashes are kept. An unknown account is left alone. */
  setPasswordHash(userName: string, passwordHash: string, change?: PasswordChange): Promise<void>
  /** Newest first; `passwordHash` is null once it may be used again. */
  passwordChanges(
    userName: string,
    limit: number,
  ): Promise<readonly (PasswordChange & { readonly passwordHash: string | null })[]>

  /** One for each kind of client is kept. An unknown account is left alone. */
  recordSignIn(userName: string, signIn: LastSignIn): Promise<void>
  lastSignIns(userName: string): Promise<readonly LastSignIn[]>
  /** The newest of each account that has any, by the account’s user name. */
  newestSignIns(): Promise<ReadonlyMap<string, string>>

  /** A browser session, known by the SHA-256 of its cookie. Instants in ms since 1970. */
  createSession(session: NewSession): Promise<void>
  findSession(
    tokenHash: string,
    nowMs: number,
  ): Promise<{
    readonly account: Account
    readonly startedAtMs: number
    readonly expiresAtMs: number
    readonly sessionId: string
  } | null>
  /** Moves the end of a session that exists, and with `usedAtMs` its last use; one that does not is left alone. */
  extendSession(tokenHash: string, expiresAtMs: number, usedAtMs?: number): Promise<void>
  /** Those that have not run out, the last used one first. */
  sessionsOf(userName: string, nowMs: number): Promise<readonly Session[]>
  deleteSession(tokenHash: string): Promise<void>
  /** Ends the sessions of one account: this one, or all but one. Answers how many there were. */
  endSessions(userName: string, which: { readonly only: string } | { readonly allBut: string | null }): Promise<number>
  deleteExpiredSessions(nowMs: number): Promise<void>
}
