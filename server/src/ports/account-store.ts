import type { Role } from '@stillbox/shared/vocabulary/access.ts'

/** Somebody who may sign in to this service; not a user whose data is captured. */
export type Account = {
  readonly userName: string
  readonly fullName: string
  readonly emailAddresses: readonly string[]
  readonly role: Role
  /** argon2id in PHC string format. */
  readonly passwordHash: string
}

export type AccountStore = {
  /** User names are compared without regard to case. */
  find(userName: string): Promise<Account | null>
  count(): Promise<number>
  create(account: Account): Promise<void>
  setPasswordHash(userName: string, passwordHash: string): Promise<void>

  /** A browser session, known by the SHA-256 of its cookie. Instants in ms since 1970. */
  createSession(session: {
    readonly tokenHash: string
    readonly userName: string
    readonly expiresAtMs: number
  }): Promise<void>
  findSession(
    tokenHash: string,
    nowMs: number,
  ): Promise<{ readonly account: Account; readonly expiresAtMs: number } | null>
  /** Moves the end of a session that exists; one that does not is left alone. */
  extendSession(tokenHash: string, expiresAtMs: number): Promise<void>
  deleteSession(tokenHash: string): Promise<void>
  deleteExpiredSessions(nowMs: number): Promise<void>
}
