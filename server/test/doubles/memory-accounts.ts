import type { Account, AccountStore } from '../../src/ports/account-store.ts'

export const createMemoryAccounts = (): AccountStore => {
  const accounts = new Map<string, Account>()
  const sessions = new Map<string, { userName: string; expiresAtMs: number }>()
  const keyOf = (userName: string) => userName.toLowerCase()
  return {
    find: async (userName) => accounts.get(keyOf(userName)) ?? null,
    count: async () => accounts.size,
    create: async (account) => void accounts.set(keyOf(account.userName), account),
    setPasswordHash: async (userName, passwordHash) => {
      const account = accounts.get(keyOf(userName))
      if (account) accounts.set(keyOf(userName), { ...account, passwordHash })
    },
    createSession: async ({ tokenHash, userName, expiresAtMs }) =>
      void sessions.set(tokenHash, { userName, expiresAtMs }),
    findSession: async (tokenHash, nowMs) => {
      const session = sessions.get(tokenHash)
      const account = session && accounts.get(keyOf(session.userName))
      return session && account && session.expiresAtMs > nowMs ? { account, expiresAtMs: session.expiresAtMs } : null
    },
    extendSession: async (tokenHash, expiresAtMs) => {
      const session = sessions.get(tokenHash)
      if (session) sessions.set(tokenHash, { ...session, expiresAtMs })
    },
    deleteSession: async (tokenHash) => void sessions.delete(tokenHash),
    deleteExpiredSessions: async (nowMs) => {
      for (const [hash, session] of sessions) if (session.expiresAtMs <= nowMs) sessions.delete(hash)
    },
  }
}
