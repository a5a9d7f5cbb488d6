import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Caller } from '../access/authorize.ts'
import { findReachable } from './manage-accounts.ts'

export type OwnAccountNeeds = { readonly accounts: AccountStore; readonly clock: Clock }

/** What an account can see of itself, and administrators of others: its password changes, sign-ins and sessions. */
export const createOwnAccount = ({ accounts, clock }: OwnAccountNeeds) => ({
  GetPasswordHistory: async (
    { userName, limit }: Params<'GetPasswordHistory'>,
    caller: Caller,
  ): Promise<Result<'GetPasswordHistory'>> => {
    const account = await findReachable(accounts, userName, caller)
    const changes = await accounts.passwordChanges(account.userName, limit)
    return { changes: changes.map(({ at, by }) => ({ changedAt: at, changedBy: by })) }
  },

  GetLastSignIns: async (
    { userName, client }: Params<'GetLastSignIns'>,
    caller: Caller,
  ): Promise<Result<'GetLastSignIns'>> => {
    const account = await findReachable(accounts, userName, caller)
    const signIns = await accounts.lastSignIns(account.userName)
    return { signIns: signIns.filter((one) => client === undefined || one.client === client) }
  },

  GetSessions: async ({ userName }: Params<'GetSessions'>, caller: Caller): Promise<Result<'GetSessions'>> => {
    const account = await findReachable(accounts, userName, caller)
    const sessions = await accounts.sessionsOf(account.userName, clock.now().getTime())
    return {
      sessions: sessions.map((session) => ({ ...session, isCurrent: session.sessionId === caller.sessionId })),
    }
  },

  EndSession: async ({ userName, sessionId }: Params<'EndSession'>, caller: Caller): Promise<Result<'EndSession'>> => {
    const account = await findReachable(accounts, userName, caller)
    const ended = await accounts.endSessions(
      account.userName,
      sessionId === undefined ? { allBut: caller.sessionId ?? null } : { only: sessionId },
    )
    if (sessionId !== undefined && ended === 0) throw new AppError('not_found', { details: { what: 'session' } })
    return { ended }
  },
})
