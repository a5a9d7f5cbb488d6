import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { createMemoryAccounts } from '../../../test/doubles/memory-accounts.ts'
import type { AccountStore } from '../../ports/account-store.ts'
import { ensureAdmin } from './ensure-admin.ts'
import { createPasswords, type Passwords } from './password.ts'
import { createPasswordCheck } from './password-check.ts'
import { createSessions } from './sessions.ts'
import { createSignIn, type SignIn } from './sign-in.ts'
import { createSignInThrottle } from './sign-in-throttle.ts'

let nowMs: number
const clock = { now: () => new Date(nowMs) }
let accounts: AccountStore
let verifications: number
let passwords: Passwords
let signIn: SignIn

const signInWith = (used: Passwords): SignIn =>
  createSignIn({
    accounts,
    checkPassword: createPasswordCheck({ passwords: used, throttle: createSignInThrottle({ clock }), clock }),
    checkSecondFactor: async () => {
      throw new Error('nobody here has a second factor')
    },
  })

beforeEach(async () => {
  nowMs = Date.parse('2026-11-17T14:00:00Z')
  verifications = 0
  const cheap = createPasswords({ memoryKib: 8, passes: 1, lanes: 1 })
  passwords = {
    ...cheap,
    verify: (password, phc) => {
      verifications++
      return cheap.verify(password, phc)
    },
    verifyNobody: (password) => {
      verifications++
      return cheap.verifyNobody(password)
    },
  }
  accounts = createMemoryAccounts()
  signIn = signInWith(passwords)
  await ensureAdmin({ accounts, passwords }, 'the right one')
})

const attempt = async (userName: string, password: string, address = '192.0.2.1'): Promise<string> => {
  try {
    return (await signIn({ userName, password, address })).role
  } catch (error) {
    if (!isAppError(error)) throw error
    return error.code === 'sign_in_throttled' ? `throttled ${error.details.seconds}` : error.code
  }
}

describe('sign-in', () => {
  test('a password that was right is remembered for five minutes, one that was wrong never', async () => {
    for (let time = 0; time < 3; time++) expect(await attempt('ADMIN', 'the right one')).toBe('administrator')
    expect(verifications).toBe(1)
    expect(await attempt('admin', 'the wrong one')).toBe('sign_in_refused')
    expect(verifications).toBe(2)
    nowMs += 5 * 60_000
    await attempt('admin', 'the right one')
    expect(verifications).toBe(3)
  })

  test('a changed password ends what was remembered', async () => {
    await attempt('admin', 'the right one')
    await ensureAdmin({ accounts, passwords }, 'another one')
    expect(await attempt('admin', 'the right one')).toBe('sign_in_refused')
    expect(await attempt('admin', 'another one')).toBe('administrator')
  })

  test('a name nobody has costs as much as a wrong password and is answered alike', async () => {
    expect(await attempt('nobody', 'x')).toBe('sign_in_refused')
    expect(verifications).toBe(1)
  })

  test('the sixth failure in a row has to wait, longer each time, and a remembered script does not', async () => {
    await attempt('admin', 'the right one')
    for (let time = 0; time < 5; time++) expect(await attempt('admin', `wrong ${time}`)).toBe('sign_in_refused')
    expect(await attempt('admin', 'wrong 6')).toBe('throttled 1')
    expect(await attempt('admin', 'the right one')).toBe('administrator')
    nowMs += 1_000
    expect(await attempt('admin', 'wrong 7')).toBe('sign_in_refused')
    expect(await attempt('admin', 'wrong 8', '198.51.100.9')).toBe('throttled 2')
    nowMs += 60 * 60_000
    expect(await attempt('admin', 'wrong 9')).toBe('sign_in_refused')
  })

  test('many at once are not let through together', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, time) => attempt('admin', `guess ${time}`)))
    expect(outcomes.filter((outcome) => outcome === 'sign_in_refused')).toHaveLength(5)
  })

  test('a script that starts with many calls at once makes one attempt', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => attempt('admin', 'the right one')))
    expect(new Set(outcomes)).toEqual(new Set(['administrator']))
    expect(verifications).toBe(1)
  })

  test('an attempt that was not decided does not count', async () => {
    const busy = { ...passwords, verify: () => Promise.reject(new AppError('too_busy')) }
    const turnedAway = signInWith(busy)
    for (let time = 0; time < 30; time++)
      await expect(turnedAway({ userName: 'admin', password: `${time}`, address: 'a' })).rejects.toMatchObject({
        code: 'too_busy',
      })
  })

  test('one address that tries many names has to wait too, and one good sign-in does not wash it clean', async () => {
    for (let time = 0; time < 20; time++) expect(await attempt(`user${time}`, 'x')).toBe('sign_in_refused')
    expect(await attempt('user21', 'x')).toBe('throttled 1')
    nowMs += 1_000
    expect(await attempt('admin', 'the right one')).toBe('administrator')
    expect(await attempt('user22', 'x')).toBe('throttled 1')
    expect(await attempt('user22', 'x', '198.51.100.9')).toBe('sign_in_refused')
  })

  test('what is remembered of failures has a fixed size', async () => {
    const throttle = createSignInThrottle({ clock }, { rememberedAtMost: 10 })
    for (let time = 0; time < 1_000; time++) throttle.begin({ userName: `user${time}`, address: `address${time}` })
    // The first ones were forgotten to make room, so they may try again at once.
    for (let time = 0; time < 4; time++) throttle.begin({ userName: 'user0', address: 'address0' })
  })
})

describe('the account admin', () => {
  test('gets a generated password once, which then signs in', async () => {
    const empty = createMemoryAccounts()
    const first = await ensureAdmin({ accounts: empty, passwords }, null)
    expect(first).toMatchObject({ userName: 'admin', outcome: 'created' })
    expect(first.generatedPassword).toMatch(/^[a-zA-Z2-9]{6}(-[a-zA-Z2-9]{6}){3}$/)
    expect(await passwords.verify(first.generatedPassword!, (await empty.find('admin'))!.passwordHash)).toBe(true)
    expect(await ensureAdmin({ accounts: empty, passwords }, null)).toEqual({
      userName: 'admin',
      outcome: 'unchanged',
      generatedPassword: null,
    })
  })

  test('takes the configured password, and a new one when that changes', async () => {
    expect((await ensureAdmin({ accounts, passwords }, 'the right one')).outcome).toBe('unchanged')
    expect(await ensureAdmin({ accounts, passwords }, 'a new one')).toMatchObject({
      outcome: 'password-changed',
      generatedPassword: null,
    })
  })
})

describe('an account admin that was given up', () => {
  const other = {
    userName: 'berta',
    fullName: '',
    emailAddresses: [],
    role: 'administrator' as const,
    passwordHash: '',
  }
  test('stays away while there is another administrator, unless a password is configured for it', async () => {
    await accounts.create({ ...other, organizations: null })
    await accounts.delete('admin')
    expect(await ensureAdmin({ accounts, passwords }, null)).toMatchObject({ outcome: 'unchanged' })
    expect(await accounts.find('admin')).toBeNull()
    expect((await ensureAdmin({ accounts, passwords }, 'the right one')).outcome).toBe('created')
    expect(await attempt('admin', 'the right one')).toBe('administrator')
  })

  test('comes back where nobody else leads all organizations', async () => {
    const store = createMemoryAccounts()
    await store.create({ ...other, organizations: [] })
    expect((await ensureAdmin({ accounts: store, passwords }, null)).outcome).toBe('created')
  })
})

describe('sessions', () => {
  test('are not opened by a password that was changed while it was checked', async () => {
    const sessions = createSessions({ accounts, clock })
    const asItWas = (await accounts.find('admin'))!
    await accounts.setPasswordHash('admin', 'another hash')
    await accounts.endSessions('admin', { allBut: null })
    await expect(sessions.open(asItWas)).rejects.toSatisfy((error) => isAppError(error, 'sign_in_refused'))
    expect(await accounts.sessionsOf('admin', nowMs)).toEqual([])
    await accounts.setPasswordHash('admin', asItWas.passwordHash)
    expect(await sessions.open(asItWas)).toMatchObject({ token: expect.any(String) })
  })

  test('live twelve hours from their last use and are stored as a hash only', async () => {
    const sessions = createSessions({ accounts, clock })
    const { token } = await sessions.open((await accounts.find('admin'))!)
    expect(await accounts.findSession(token, nowMs)).toBeNull()
    for (let use = 0; use < 3; use++) {
      nowMs += 11 * 3_600_000
      expect((await sessions.find(token))?.account.userName).toBe('admin')
    }
    nowMs += 12 * 3_600_000
    expect(await sessions.find(token)).toBeNull()
    expect(await sessions.find('not a token')).toBeNull()
  })

  test('end seven days after the sign-in, however much they are used', async () => {
    const sessions = createSessions({ accounts, clock })
    const { token } = await sessions.open((await accounts.find('admin'))!)
    const endsAtMs = nowMs + 7 * 86_400_000
    for (; nowMs < endsAtMs; nowMs += 3_600_000) expect(await sessions.find(token)).not.toBeNull()
    expect(await sessions.find(token)).toBeNull()
  })

  test('end when they are closed', async () => {
    const sessions = createSessions({ accounts, clock })
    const { token } = await sessions.open((await accounts.find('admin'))!)
    await sessions.close((await sessions.find(token))!.tokenHash)
    expect(await sessions.find(token)).toBeNull()
  })
})
