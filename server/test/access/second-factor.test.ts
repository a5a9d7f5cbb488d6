import { Secret, TOTP } from 'otpauth'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAuthenticator } from '../../testkit/authenticator.ts'
import { basic, jsonType, startTestService, type TestService, testPassword } from '../doubles/http-service.ts'
import { createInvokeClient } from '../doubles/invoke-client.ts'

let service: TestService
let nowMs: number
const clock = { now: () => new Date(nowMs) }
const later = (seconds: number) => {
  nowMs += seconds * 1_000
}
beforeEach(async () => {
  nowMs = Date.parse('2026-11-17T14:00:00Z')
  service = await startTestService({ clock })
})
afterEach(() => service.close())

const invoke = createInvokeClient(() => service.url)
const signIn = async (params: object, userName = 'johndoe') => {
  const response = await fetch(`${service.url}/session`, {
    method: 'POST',
    headers: jsonType,
    body: JSON.stringify({ userName, password: testPassword, ...params }),
  })
  const body = (await response.json()) as { code?: string; details?: Record<string, string> }
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  return { status: response.status, code: body.code ?? 'ok', details: body.details ?? {}, cookie, body }
}
const withCookie = (cookie: string) => ({ cookie, origin: service.url })

/** The app on somebody’s phone. */
const appOf = (secret: string) => ({
  code: (offsetSeconds = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: nowMs + offsetSeconds * 1_000 }),
})
const setUpTotp = async (userName = 'johndoe') => {
  const begun = await invoke('BeginTotp', {}, basic(userName))
  const app = appOf(begun.answer.secret)
  const confirmed = await invoke('ConfirmTotp', { code: app.code() }, basic(userName))
  expect(confirmed.status).toBe(200)
  later(60)
  return { app, recoveryCodes: confirmed.answer.recoveryCodes as string[], uri: begun.answer.uri as string }
}

describe('an authenticator app', () => {
  test('is asked for in the web, and Basic alone will not do any more', async () => {
    const { app, recoveryCodes, uri } = await setUpTotp()
    expect(uri).toMatch(/^otpauth:\/\/totp\/Stillbox:johndoe\?issuer=Stillbox&secret=[A-Z2-7]{32}&/)
    expect(new Set(recoveryCodes).size).toBe(10)
    expect(await signIn({})).toMatchObject({
      status: 401,
      code: 'second_factor_required',
      details: { methods: 'totp,recoveryCode' },
      cookie: '',
    })
    const refused = await invoke('GetServerInfo', {}, basic())
    expect([refused.status, refused.text]).toEqual([
      401,
      'This account has a second factor (totp,recoveryCode). Give its code too; a program uses an access token instead.',
    ])
    const signedIn = await signIn({ totp: app.code() })
    expect(signedIn.body).toMatchObject({ userName: 'johndoe', secondFactors: ['totp'], lacksSecondFactor: false })
    const factors = await invoke('GetSecondFactors', {}, withCookie(signedIn.cookie))
    expect(factors.answer).toEqual({
      devices: [{ deviceId: expect.any(String), kind: 'totp', name: 'Authenticator app', addedAt: expect.any(String) }],
      recoveryCodesLeft: 10,
    })
    expect((await invoke('BeginTotp', {}, withCookie(signedIn.cookie))).text).toMatch(
      /has an authenticator app already/,
    )
  })

  test('shows each code for one use, and none from before the last one used', async () => {
    const { app } = await setUpTotp()
    const early = app.code(-30)
    const code = app.code()
    expect((await signIn({ totp: ` ${code.slice(0, 3)} ${code.slice(3)}` })).code).toBe('ok')
    expect((await signIn({ totp: code })).code).toBe('second_factor_refused')
    expect((await signIn({ totp: early })).code).toBe('second_factor_refused')
    later(30)
    expect((await signIn({ totp: app.code() })).code).toBe('ok')
    later(90)
    expect((await signIn({ totp: app.code(-60) })).code).toBe('second_factor_refused')
  })

  test('many who send the same code at once are one', async () => {
    const { app } = await setUpTotp()
    const code = app.code()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => signIn({ totp: code })))
    expect(outcomes.filter((outcome) => outcome.code === 'ok')).toHaveLength(1)
  })

  test('cannot be guessed by whoever knows the password, who locks nobody out that does not', async () => {
    const { app } = await setUpTotp()
    const wrong = () => String((Number(app.code()) + 1) % 1_000_000).padStart(6, '0')
    for (let time = 0; time < 5; time++) {
      expect((await signIn({ totp: wrong() })).code).toBe('second_factor_refused')
      // The password alone, which is right, must not wash it clean.
      expect((await signIn({})).code).toBe('second_factor_required')
    }
    expect((await signIn({ totp: app.code() })).code).toBe('sign_in_throttled')
    expect((await signIn({ recoveryCode: 'aaaaa-aaaaa' })).code).toBe('sign_in_throttled')
    let guesses = 0
    for (let hour = 0; hour < 24; hour++)
      for (let minute = 0; minute < 60; minute++) {
        later(60)
        if (minute % 5 === 0 && (await signIn({ totp: wrong() })).code !== 'sign_in_throttled') guesses++
      }
    expect(guesses).toBeLessThan(120)
    // Wrong passwords do not reach the second factor, so they cannot hold its owner up for long.
    later(16 * 60)
    expect((await signIn({ totp: app.code() })).code).toBe('ok')
  })

  test('that is lost is replaced by a recovery code, once each', async () => {
    const { recoveryCodes } = await setUpTotp()
    const [first, second] = recoveryCodes as [string, string]
    expect((await signIn({ recoveryCode: first })).code).toBe('ok')
    expect((await signIn({ recoveryCode: first })).code).toBe('second_factor_refused')
    const { cookie } = await signIn({ recoveryCode: ` ${second.toUpperCase().replace('-', '')}` })
    const fresh = await invoke('CreateRecoveryCodes', {}, withCookie(cookie))
    expect((await signIn({ recoveryCode: recoveryCodes[2]! })).code).toBe('second_factor_refused')
    expect((await signIn({ recoveryCode: fresh.answer.recoveryCodes[0] })).code).toBe('ok')
    expect((await invoke('RemoveTotp', {}, withCookie(cookie))).status).toBe(200)
    expect((await signIn({})).code).toBe('ok')
    expect((await invoke('GetSecondFactors', {}, basic())).answer).toEqual({ devices: [], recoveryCodesLeft: 0 })
  })

  test('is taken away by an administrator only, when another has lost it', async () => {
    await setUpTotp('olga')
    expect((await invoke('RemoveTotp', { userName: 'olga' }, basic('arno'))).status).toBe(403)
    expect((await invoke('RemoveTotp', { userName: 'olga' }, basic())).status).toBe(200)
    expect((await signIn({}, 'olga')).code).toBe('ok')
  })

  test('ends the sessions that were opened without it', async () => {
    const [thief, owner] = [await signIn({}), await signIn({})]
    const begun = await invoke('BeginTotp', {}, withCookie(owner.cookie))
    expect((await invoke('ConfirmTotp', { code: '12345' }, withCookie(owner.cookie))).text).toMatch(/code is wrong/)
    expect((await signIn({})).code).toBe('ok')
    await invoke('ConfirmTotp', { code: appOf(begun.answer.secret).code() }, withCookie(owner.cookie))
    expect((await invoke('GetServerInfo', {}, withCookie(thief.cookie))).status).toBe(401)
    expect((await invoke('GetServerInfo', {}, withCookie(owner.cookie))).status).toBe(200)
  })
})

describe('a passkey', () => {
  const origin = 'http://localhost:8462'
  const setUp = async (userName = 'johndoe') => {
    const authenticator = createAuthenticator({ origin })
    const { options } = (await invoke('BeginPasskey', {}, basic(userName))).answer
    expect(options).toMatchObject({ rp: { id: 'localhost', name: 'Stillbox' }, user: { name: userName } })
    const response = authenticator.create(options)
    const added = await invoke('ConfirmPasskey', { name: 'Blue key', response }, basic(userName))
    expect([added.status, added.answer?.recoveryCodes.length]).toEqual([200, 10])
    return { authenticator, response, deviceId: added.answer.deviceId as string }
  }
  const asked = async (userName = 'johndoe') => {
    const { code, details } = await signIn({}, userName)
    expect([code, details.methods]).toEqual(['second_factor_required', 'passkey,recoveryCode'])
    return JSON.parse(details.passkeyOptions!) as { challenge: string; allowCredentials: unknown[] }
  }

  test('signs in, and an answer counts once', async () => {
    const { authenticator, deviceId } = await setUp()
    const question = await asked()
    expect(question.allowCredentials).toHaveLength(1)
    const passkey = authenticator.get(question)
    const signedIn = await signIn({ passkey })
    expect(signedIn.body).toMatchObject({ secondFactors: ['passkey'] })
    expect((await signIn({ passkey })).code).toBe('second_factor_refused')
    const removed = await invoke('RemovePasskey', { deviceId }, withCookie(signedIn.cookie))
    expect(removed.status).toBe(200)
    expect((await signIn({})).code).toBe('ok')
  })

  test.each([
    ['of another key', () => createAuthenticator({ origin })],
    ['made on another site', () => createAuthenticator({ origin: 'https://evil.example', rpId: 'localhost' })],
  ])('%s is refused', async (_, make) => {
    await setUp()
    expect((await signIn({ passkey: make().get(await asked()) })).code).toBe('second_factor_refused')
  })

  test('that was asked of another account, or too long ago, or never, is refused', async () => {
    const { authenticator } = await setUp()
    await setUp('olga')
    const ofOlga = await asked('olga')
    expect((await signIn({ passkey: authenticator.get(ofOlga) })).code).toBe('second_factor_refused')
    const question = await asked()
    later(301)
    expect((await signIn({ passkey: authenticator.get(question) })).code).toBe('second_factor_refused')
    expect((await signIn({ passkey: authenticator.get({ challenge: 'AAAA' }) })).code).toBe('second_factor_refused')
    expect((await signIn({ passkey: { id: 'x' } })).code).toBe('second_factor_refused')
  })

  test('is registered once, for the question it was asked', async () => {
    const { response } = await setUp()
    const again = await invoke('ConfirmPasskey', { name: 'again', response }, basic('olga'))
    expect([again.status, again.text]).toEqual([500, expect.stringMatching(/was not confirmed/)])
    const { options } = (await invoke('BeginPasskey', {}, basic('olga'))).answer
    const foreign = createAuthenticator({ origin: 'https://evil.example', rpId: 'localhost' }).create(options)
    expect((await invoke('ConfirmPasskey', { name: 'x', response: foreign }, basic('olga'))).text).toMatch(
      /was not confirmed/,
    )
  })
})

test('a role that needs a second factor can do nothing but set one up', async () => {
  await service.close()
  service = await startTestService({ clock, requireSecondFactor: ['administrator'] })
  expect((await invoke('GetServerInfo', {}, basic('olga'))).status).toBe(200)
  const { cookie, body } = await signIn({})
  expect(body).toMatchObject({ lacksSecondFactor: true })
  const refused = await invoke('GetSnapshots', {}, withCookie(cookie))
  expect([refused.status, refused.text]).toEqual([
    403,
    'Accounts with the role administrator need a second factor here. Sign in to the web interface and set one up first.',
  ])
  expect((await invoke('GetServerInfo', {}, basic())).status).toBe(403)
  const session = await fetch(`${service.url}/session`, { headers: { cookie } })
  expect(await session.json()).toMatchObject({ userName: 'johndoe', lacksSecondFactor: true })
  const { secret } = (await invoke('BeginTotp', {}, withCookie(cookie))).answer
  await invoke('ConfirmTotp', { code: appOf(secret).code() }, withCookie(cookie))
  expect((await invoke('GetSnapshots', {}, withCookie(cookie))).status).toBe(200)
})
