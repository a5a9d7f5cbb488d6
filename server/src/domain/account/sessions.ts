import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Account, AccountStore } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'

/** Browser sessions: a random token of 256 bits that only its browser knows; the store has its SHA-256. */
export type Sessions = {
  /** @throws AppError `sign_in_refused` when its password was changed while the sign-in was checked */
  open(
    account: Account,
    from?: { readonly address: string; readonly userAgent: string },
  ): Promise<{ readonly token: string; readonly lifetimeMs: number; readonly sessionId: string }>
  /** Null for a token that is unknown or has run out. A session lives 12 hours from its last use, and 7 days at most. */
  find(
    token: string,
  ): Promise<{ readonly account: Account; readonly tokenHash: string; readonly sessionId: string } | null>
  close(tokenHash: string): Promise<void>
}

const lifetimeMs = 12 * 3_600_000
/** However much it is used: a cookie that was stolen is of no use for ever. */
const longestMs = 7 * 86_400_000
/** The end is moved at most this often, so that a busy page does not write with every call. */
const extendEveryMs = 5 * 60_000

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

export const createSessions = ({ accounts, clock }: { accounts: AccountStore; clock: Clock }): Sessions => ({
  open: async (account, from) => {
    const nowMs = clock.now().getTime()
    await accounts.deleteExpiredSessions(nowMs)
    const token = randomBytes(32).toString('base64url')
    const sessionId = randomUUID()
    await accounts.createSession({
      tokenHash: hashOf(token),
      userName: account.userName,
      expiresAtMs: nowMs + lifetimeMs,
      sessionId,
      startedAtMs: nowMs,
      ...(from ? { address: from.address, userAgent: from.userAgent.slice(0, 200) } : {}),
    })
    // A new password ends all sessions; one that is made the moment after, with the old one, must not stay.
    const now = await accounts.find(account.userName)
    if (now?.passwordHash !== account.passwordHash) {
      await accounts.deleteSession(hashOf(token))
      throw new AppError('sign_in_refused')
    }
    return { token, lifetimeMs, sessionId }
  },
  find: async (token) => {
    if (!/^[A-Za-z0-9_-]{43}$/.test(token)) return null
    const nowMs = clock.now().getTime()
    const tokenHash = hashOf(token)
    const session = await accounts.findSession(tokenHash, nowMs)
    if (!session) return null
    const endsAtMs = Math.min(nowMs + lifetimeMs, session.startedAtMs + longestMs)
    if (session.expiresAtMs < endsAtMs - extendEveryMs) await accounts.extendSession(tokenHash, endsAtMs, nowMs)
    return { account: session.account, tokenHash, sessionId: session.sessionId }
  },
  close: (tokenHash) => accounts.deleteSession(tokenHash),
})
