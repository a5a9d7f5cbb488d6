import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import {
  basic,
  formType,
  startTestService,
  type TestService,
  testPassword,
} from '../../../test/doubles/http-service.ts'

let service: TestService
afterEach(() => service.close())

/** fetch() sets Host and Origin by itself; this sends what it is told. */
const send = (path: string, headers: Record<string, string>, method = 'POST', body = 'userName=johndoe') =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const sent = httpRequest(`${service.url}${path}`, { method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += String(chunk)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    sent.on('error', reject)
    sent.end(method === 'POST' ? body : undefined)
  })

const signInBody = `userName=johndoe&password=${encodeURIComponent(testPassword)}`

const cookieOf = async (extra: Record<string, string> = {}): Promise<string> => {
  const { headers } = await send('/session', { ...formType, ...extra }, 'POST', signInBody)
  return String(headers['set-cookie']).split(';')[0]!
}

const own = 'http://OWN'
const foreign = 'https://evil.example'

describe('a request that changes something', () => {
  test.each([
    // carried by, Sec-Fetch-Site, Origin, allowed
    ['cookie', 'same-origin', own, true],
    ['cookie', 'none', undefined, true],
    ['cookie', 'same-origin', undefined, true],
    ['cookie', undefined, own, true],
    ['cookie', undefined, undefined, false],
    ['cookie', undefined, foreign, false],
    ['cookie', undefined, 'null', false],
    ['cookie', 'same-site', own, false],
    ['cookie', 'cross-site', foreign, false],
    ['cookie', 'cross-site', own, false],
    ['basic', undefined, undefined, true],
    ['basic', 'same-origin', own, true],
    ['basic', 'cross-site', foreign, false],
    ['basic', undefined, foreign, false],
    ['basic', undefined, 'http://127.0.0.1:1', false],
  ] as const)('by %s, Sec-Fetch-Site %s, Origin %s: allowed %s', async (carrier, site, origin, isAllowed) => {
    service = await startTestService()
    const headers = {
      ...formType,
      ...(carrier === 'basic' ? basic() : { cookie: await cookieOf() }),
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
      ...(origin === undefined ? {} : { origin: origin === own ? service.url : origin }),
    }
    for (const path of ['/JSON/Invoke/GetUserInfo', '/XML/Invoke/GetUserInfo'])
      expect((await send(path, headers)).status).toBe(isAllowed ? 200 : 403)
    if (!isAllowed) {
      expect((await send('/session', headers, 'POST', signInBody)).body).toMatch(/"code":"cross_site"/)
      expect((await send('/session', headers, 'DELETE')).status).toBe(403)
      expect((await send('/rpc', headers)).body).toMatch(/"code":"cross_site"/)
    }
  })

  test('another name for this machine is another site', async () => {
    service = await startTestService()
    const { port } = new URL(service.url)
    const rebound = `rebound.example:${port}`
    const headers = { ...basic(), ...formType, host: rebound, origin: `http://${rebound}` }
    expect((await send('/JSON/Invoke/GetUserInfo', headers)).status).toBe(403)
    expect(
      (await send('/JSON/Invoke/GetUserInfo', { ...basic(), ...formType, host: `localhost:${port}` })).status,
    ).toBe(200)
  })
})

describe('behind a proxy that speaks https', () => {
  const config = { publicUrl: 'https://stillbox.example.org' }

  test('the public address is our own, whatever Host the proxy sends', async () => {
    service = await startTestService({ config })
    const call = (origin: string, host: string) =>
      send('/JSON/Invoke/GetUserInfo', { ...basic(), ...formType, origin, host })
    expect((await call('https://stillbox.example.org', 'backend:8462')).status).toBe(200)
    expect((await call('http://stillbox.example.org', 'stillbox.example.org')).status).toBe(403)
    expect((await call('https://evil.example', 'stillbox.example.org')).status).toBe(403)
  })

  test('the cookie is bound to https', async () => {
    service = await startTestService({ config })
    const { headers } = await send('/session', formType, 'POST', signInBody)
    expect(String(headers['set-cookie'])).toMatch(
      /^__Host-stillbox=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    )
    expect(headers['strict-transport-security']).toMatch(/^max-age=/)
  })

  test('addresses are told apart by what the proxy says of them', async () => {
    service = await startTestService({ config })
    const wrong = (address: string, userName: string) =>
      send('/JSON/Invoke/GetServerInfo', { ...basic(userName, 'no'), 'x-forwarded-for': address }, 'POST', '')
    for (let time = 0; time < 20; time++) expect((await wrong('192.0.2.1', `a${time}`)).status).toBe(401)
    expect((await wrong('192.0.2.1', 'b')).status).toBe(429)
    expect((await wrong('192.0.2.2', 'b')).status).toBe(401)
  })

  test('without publicUrl nobody may say where he comes from', async () => {
    service = await startTestService()
    const wrong = (time: number) =>
      send(
        '/JSON/Invoke/GetServerInfo',
        { ...basic(`a${time}`, 'no'), 'x-forwarded-for': `192.0.2.${time}` },
        'POST',
        '',
      )
    for (let time = 0; time < 20; time++) expect((await wrong(time)).status).toBe(401)
    expect((await wrong(21)).status).toBe(429)
  })
})

describe('a session', () => {
  test('is opened, read and closed', async () => {
    service = await startTestService()
    const opened = await send('/session', formType, 'POST', signInBody)
    expect(String(opened.headers['set-cookie'])).toMatch(
      /^stillbox=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const who = {
      userName: 'johndoe',
      fullName: 'John Doe',
      role: 'administrator',
      privileges: 'admin',
      certificate: null,
      organizations: null,
      secondFactors: [],
      lacksSecondFactor: false,
    }
    expect(JSON.parse(opened.body)).toEqual(who)
    const cookie = String(opened.headers['set-cookie']).split(';')[0]!
    expect(JSON.parse((await send('/session', { cookie }, 'GET')).body)).toEqual(who)
    const closed = await send('/session', { cookie, origin: service.url }, 'DELETE')
    expect([closed.status, String(closed.headers['set-cookie'])]).toEqual([
      204,
      'stillbox=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
    ])
    expect((await send('/session', { cookie }, 'GET')).status).toBe(401)
  })

  test('takes JSON too, and a wrong password is told without a challenge that a browser knows', async () => {
    service = await startTestService()
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', origin: service.url }
    const wrong = await send('/session', headers, 'POST', JSON.stringify({ userName: 'johndoe', password: 'no' }))
    expect(wrong.status).toBe(401)
    expect(wrong.headers['www-authenticate']).toBe('Session realm="Stillbox"')
    expect(JSON.parse(wrong.body)).toEqual({
      code: 'sign_in_refused',
      message: 'The user name or the password is wrong.',
      details: {},
    })
  })

  test('signing in again ends the session before', async () => {
    service = await startTestService()
    const first = await cookieOf()
    const second = await cookieOf({ cookie: first, origin: service.url })
    expect((await send('/session', { cookie: first }, 'GET')).status).toBe(401)
    expect((await send('/session', { cookie: `theme=dark; ${second}` }, 'GET')).status).toBe(200)
  })
})
