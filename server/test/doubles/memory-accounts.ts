import { randomUUID } from 'node:crypto'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type {
  Account,
  AccountStore,
  LastSignIn,
  NewAccount,
  NewSession,
  PasswordChange,
} from '../../src/ports/account-store.ts'

type Kept = {
  account: NewAccount
  changes: (PasswordChange & { passwordHash: string | null })[]
  signIns: Map<string, LastSignIn>
}
type KeptSession = Required<NewSession> & { usedAtMs: number }

const keyOf = (userName: string) => userName.normalize('NFC').toLowerCase()
const unknown = () => new AppError('not_found', { details: { what: 'account' } })
const leads = ({ role, organizations }: NewAccount) => role === 'administrator' && organizations === null

/** `onRename` hears of a deleted account too, as null. `secondFactorsOf` asks whoever keeps them; without it nobody has any. */
export const createMemoryAccounts = (
  secondFactorsOf: (userName: string) => Account['secondFactors'] = () => [],
): AccountStore & { onRename(hear: (userName: string, newUserName: string | null) => void): void } => {
  const hearing: ((userName: string, newUserName: string | null) => void)[] = []
  const accounts = new Map<string, Kept>()
  const sessions = new Map<string, KeptSession>()
  const shown = ({ account }: Kept): Account => ({ ...account, secondFactors: secondFactorsOf(account.userName) })
  const get = (userName: string): Kept => {
    const kept = accounts.get(keyOf(userName))
    if (!kept) throw unknown()
    return kept
  }
  const keepOneAdministrator = (left: Kept) => {
    if (leads(left.account) && ![...accounts.values()].some((kept) => kept !== left && leads(kept.account)))
      throw new AppError('last_administrator')
  }
  const addChange = (kept: Kept, change: PasswordChange) => {
    kept.changes.unshift({ ...change, passwordHash: kept.account.passwordHash })
    for (const old of kept.changes.slice(5)) old.passwordHash = null
  }
  const iso = (ms: number) => new Date(ms).toISOString()
  const byKey = () => [...accounts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, kept]) => kept)

  return {
    onRename: (hear) => void hearing.push(hear),
    find: async (userName) => {
      const kept = accounts.get(keyOf(userName))
      return kept ? shown(kept) : null
    },
    list: async () => byKey().map(shown),
    count: async () => accounts.size,
    create: async (account, change) => {
      const key = keyOf(account.userName)
      if (accounts.has(key)) throw new AppError('name_taken', { details: { userName: account.userName } })
      const kept: Kept = { account, changes: [], signIns: new Map() }
      accounts.set(key, kept)
      if (change && account.passwordHash !== '') addChange(kept, change)
    },
    rename: async (userName, newUserName) => {
      const [key, newKey] = [keyOf(userName), keyOf(newUserName)]
      if (key !== newKey && accounts.has(newKey))
        throw new AppError('name_taken', { details: { userName: newUserName } })
      const kept = get(userName)
      accounts.delete(key)
      accounts.set(newKey, { ...kept, account: { ...kept.account, userName: newUserName } })
      for (const session of sessions.values())
        if (keyOf(session.userName) === key) Object.assign(session, { userName: newUserName })
      for (const hear of hearing) hear(userName, newUserName)
    },
    update: async (userName, changes) => {
      const kept = get(userName)
      const after = { ...kept.account, ...changes }
      if (!leads(after)) keepOneAdministrator(kept)
      kept.account = after
    },
    delete: async (userName) => {
      keepOneAdministrator(get(userName))
      accounts.delete(keyOf(userName))
      for (const [hash, session] of sessions) if (keyOf(session.userName) === keyOf(userName)) sessions.delete(hash)
      for (const hear of hearing) hear(userName, null)
    },
    setPasswordHash: async (userName, passwordHash, change) => {
      const kept = accounts.get(keyOf(userName))
      if (!kept) return
      kept.account = { ...kept.account, passwordHash }
      if (change) addChange(kept, change)
    },
    passwordChanges: async (userName, limit) =>
      (accounts.get(keyOf(userName))?.changes ?? []).slice(0, limit).map((change) => ({ ...change })),
    recordSignIn: async (userName, signIn) => void accounts.get(keyOf(userName))?.signIns.set(signIn.client, signIn),
    lastSignIns: async (userName) =>
      [...(accounts.get(keyOf(userName))?.signIns.values() ?? [])].sort((one, other) => (one.at < other.at ? 1 : -1)),
    newestSignIns: async () =>
      new Map(
        byKey().flatMap(({ account, signIns }) => {
          const newest = [...signIns.values()].map(({ at }) => at).sort()
          return newest.length === 0 ? [] : [[account.userName, newest.at(-1)!] as const]
        }),
      ),

    createSession: async (session) => {
      const startedAtMs = session.startedAtMs ?? 0
      sessions.set(session.tokenHash, {
        sessionId: randomUUID(),
        address: '',
        userAgent: '',
        ...session,
        startedAtMs,
        usedAtMs: startedAtMs,
      })
    },
    findSession: async (tokenHash, nowMs) => {
      const session = sessions.get(tokenHash)
      const kept = session && accounts.get(keyOf(session.userName))
      if (!session || !kept || session.expiresAtMs <= nowMs) return null
      const { startedAtMs, expiresAtMs, sessionId } = session
      return { account: shown(kept), startedAtMs, expiresAtMs, sessionId }
    },
    extendSession: async (tokenHash, expiresAtMs, usedAtMs) => {
      const session = sessions.get(tokenHash)
      if (session) sessions.set(tokenHash, { ...session, expiresAtMs, usedAtMs: usedAtMs ?? session.usedAtMs })
    },
    sessionsOf: async (userName, nowMs) =>
      [...sessions.values()]
        .filter((session) => keyOf(session.userName) === keyOf(userName) && session.expiresAtMs > nowMs)
        .sort((one, other) => other.usedAtMs - one.usedAtMs)
        .map(({ sessionId, startedAtMs, usedAtMs, expiresAtMs, address, userAgent }) => ({
          sessionId,
          userName: get(userName).account.userName,
          createdAt: iso(startedAtMs),
          lastUsedAt: iso(usedAtMs),
          expiresAt: iso(expiresAtMs),
          address,
          userAgent,
        })),
    deleteSession: async (tokenHash) => void sessions.delete(tokenHash),
    endSessions: async (userName, which) => {
      let ended = 0
      for (const [hash, { sessionId, userName: owner }] of sessions) {
        const isMeant = 'only' in which ? sessionId === which.only : sessionId !== which.allBut
        if (keyOf(owner) !== keyOf(userName) || !isMeant) continue
        sessions.delete(hash)
        ended++
      }
      return ended
    },
    deleteExpiredSessions: async (nowMs) => {
      for (const [hash, session] of sessions) if (session.expiresAtMs <= nowMs) sessions.delete(hash)
    },
  }
}
