import { randomInt } from 'node:crypto'
import type { AccountStore } from '../../ports/account-store.ts'
import { type Clock, systemClock } from '../../ports/clock.ts'
import type { Passwords } from './password.ts'

export type EnsureAdminNeeds = {
  readonly accounts: AccountStore
  readonly passwords: Passwords
  readonly clock?: Clock
}

/** What the start has to tell: a password only if it was generated just now, as it is kept nowhere else. */
export type AdminAccount = {
  readonly userName: 'admin'
  readonly outcome: 'created' | 'password-changed' | 'unchanged'
  readonly generatedPassword: string | null
}

// Without letters and digits that are taken for one another when read from a screen.
const alphabet = 'abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRSTUVWXYZ2345679'

/** 24 characters in groups of six: more than 135 bits. */
const generatePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => alphabet[randomInt(alphabet.length)]).join('')).join(
    '-',
  )

/**
 * Sees to it that somebody can sign in: makes the account `admin` at the first start, with `wantedPassword` or a generated one.
 * Later a `wantedPassword` that is not the stored one takes its place. Where the account was deleted or renamed and there is another
 * administrator of all organizations, it is made again only when a password is wanted for it.
 */
export const ensureAdmin = async (
  { accounts, passwords, clock = systemClock }: EnsureAdminNeeds,
  wantedPassword: string | null,
): Promise<AdminAccount> => {
  const userName = 'admin'
  const change = { at: clock.now().toISOString(), by: 'the configuration' }
  const known = await accounts.find(userName)
  if (known) {
    if (wantedPassword === null || (await passwords.verify(wantedPassword, known.passwordHash)))
      return { userName, outcome: 'unchanged', generatedPassword: null }
    await accounts.setPasswordHash(userName, await passwords.hash(wantedPassword), change)
    await accounts.endSessions(userName, { allBut: null })
    return { userName, outcome: 'password-changed', generatedPassword: null }
  }
  const isLed = (await accounts.list()).some(
    ({ role, organizations }) => role === 'administrator' && organizations === null,
  )
  if (isLed && wantedPassword === null) return { userName, outcome: 'unchanged', generatedPassword: null }
  const password = wantedPassword ?? generatePassword()
  const account = {
    userName,
    fullName: 'Administrator',
    emailAddresses: [],
    role: 'administrator',
    organizations: null,
  } as const
  try {
    await accounts.create({ ...account, passwordHash: await passwords.hash(password) }, change)
  } catch (error) {
    // Another process on the same empty database was quicker; it has told its password.
    if (await accounts.find(userName)) return { userName, outcome: 'unchanged', generatedPassword: null }
    throw error
  }
  return { userName, outcome: 'created', generatedPassword: wantedPassword === null ? password : null }
}
