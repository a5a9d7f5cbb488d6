import type { TokenScope } from '@stillbox/shared/vocabulary/access.ts'
import type { Account } from './account-store.ts'

/** A token for programs. Instants in ISO 8601. */
export type AccessToken = {
  /** A UUID by which people speak of it. */
  readonly tokenId: string
  readonly userName: string
  readonly name: string
  readonly scope: TokenScope
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsedAt: string | null
}

/** Known by the SHA-256 of the token alone. A token goes with its account. */
export type AccessTokenStore = {
  create(token: AccessToken & { readonly tokenHash: string }): Promise<void>
  /** Null for one that is unknown, deleted or has run out; the account as it is now. */
  find(tokenHash: string, now: string): Promise<{ readonly token: AccessToken; readonly account: Account } | null>
  /** Newest first, those that have run out included. */
  list(userName: string): Promise<readonly AccessToken[]>
  /** Answers whether this account had it. */
  delete(userName: string, tokenId: string): Promise<boolean>
  /** All of one account; answers how many there were. */
  deleteAll(userName: string): Promise<number>
  touch(tokenId: string, usedAt: string): Promise<void>
}
