import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startCertificateService } from '../doubles/certificate-service.ts'
import { basic, jsonType, startTestService, type TestService, testPassword } from '../doubles/http-service.ts'
import { createInvokeClient } from '../doubles/invoke-client.ts'
import { sendRaw, statusesIn } from '../doubles/raw-connection.ts'

let service: TestService
let nowMs: number
const clock = { now: () => new Date(nowMs) }
beforeEach(async () => {
  nowMs = Date.parse('2026-11-17T14:00:00Z')
  service = await startTestService({ clock })
})
afterEach(() => service.close())

const invoke = createInvokeClient(() => service.url)
const openSession = async (userName: string): Promise<string> => {
  const response = await fetch(`${service.url}/session`, {
    method: 'POST',
    headers: jsonType,
    body: JSON.stringify({ userName, password: testPassword }),
  })
  return response.headers.get('set-cookie')!.split(';')[0]!.slice('stillbox='.length)
}
/** Who the service takes somebody for that sends this; null for nobody. */
const whoIs = async (headers: Record<string, string>): Promise<string | null> => {
  const response = await fetch(`${service.url}/session`, { headers })
  const body = (await response.json()) as { userName?: string }
  return response.ok ? body.userName! : null
}
const cookie = (value: string) => ({ cookie: `stillbox=${value}` })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const makeToken = async (userName: string, given: object = {}): Promise<string> =>
  (await invoke('CreateAccessToken', { name: 'nightly', scope: 'operate', ...given }, basic(userName))).answer.token
const callsByToken = async (token: string) => (await invoke('GetServerInfo', {}, bearer(token))).status
const sha256 = (text: string, encoding: 'hex' | 'base64url') => createHash('sha256').update(text).digest(encoding)

describe('a session that is replayed', () => {
  test('after its sign-out is nobody’s, and the other sessions stay', async () => {
    const [one, other] = [await openSession('olga'), await openSession('olga')]
    await fetch(`${service.url}/session`, { method: 'DELETE', headers: { ...cookie(one), origin: service.url } })
    expect([await whoIs(cookie(one)), await whoIs(cookie(other))]).toEqual([null, 'olga'])
  })

  test('twelve hours after its last use is nobody’s', async () => {
    const one = await openSession('olga')
    nowMs += 12 * 3_600_000 - 1
    expect(await whoIs(cookie(one))).toBe('olga')
    nowMs += 12 * 3_600_000
    expect(await whoIs(cookie(one))).toBe(null)
  })

  test('after its account was deleted and another made with the same name is nobody’s', async () => {
    const [one, token] = [await openSession('olga'), await makeToken('olga')]
    await invoke('DeleteUser', { userName: 'olga' }, basic())
    const again = { userName: 'olga', privileges: 'admin', organizations: ['*'], password: 'another long password' }
    expect((await invoke('CreateUser', again, basic())).text).toBe('null')
    expect([await whoIs(cookie(one)), await callsByToken(token)]).toEqual([null, 401])
  })

  test('after its account was renamed is not of whoever has the old name now', async () => {
    const [one, token] = [await openSession('olga'), await makeToken('olga')]
    await invoke('RenameUser', { oldUserName: 'olga', newUserName: 'olga.b' }, basic())
    const heir = { userName: 'olga', privileges: 'admin', organizations: ['*'], password: 'another long password' }
    expect((await invoke('CreateUser', heir, basic())).text).toBe('null')
    expect(await whoIs(cookie(one))).toBe('olga.b')
    await invoke('GetServerInfo', {}, bearer(token))
    expect(service.calls.at(-1)).toMatchObject({ method: 'GetServerInfo', caller: 'olga.b' })
  })
})

describe('a session that is forged', () => {
  test('with any one character changed is nobody’s', async () => {
    const one = await openSession('olga')
    for (let at = 0; at < one.length; at++) {
      const changed = `${one.slice(0, at)}${one[at] === 'A' ? 'B' : 'A'}${one.slice(at + 1)}`
      expect([at, await whoIs(cookie(changed))]).toEqual([at, null])
    }
    for (const changed of [
      one.toLowerCase(),
      `${one}=`,
      ` ${one}x`,
      `"${one}"`,
      one.slice(1),
      `${one},${one}`,
      '',
      '%00',
    ])
      expect([changed, await whoIs(cookie(changed))]).toEqual([changed, null])
  })

  test('out of what the database holds is nobody’s', async () => {
    const [one, token] = [await openSession('olga'), await makeToken('olga')]
    const { sessions } = (await invoke('GetSessions', {}, basic('olga'))).answer
    for (const known of [sha256(one, 'hex'), sha256(one, 'base64url'), sessions[0].sessionId])
      expect(await whoIs(cookie(known))).toBe(null)
    for (const known of [
      sha256(token, 'hex'),
      `stillbox_${sha256(token, 'base64url')}`,
      `stillbox_${sha256(token, 'hex')}`,
    ])
      expect(await callsByToken(known)).toBe(401)
  })

  test('out of a token, or a token out of a session, is nobody’s', async () => {
    const [one, token] = [await openSession('olga'), await makeToken('olga')]
    expect(await whoIs(cookie(token))).toBe(null)
    expect(await whoIs(cookie(token.slice('stillbox_'.length)))).toBe(null)
    expect(await callsByToken(one)).toBe(401)
    expect(await callsByToken(`stillbox_${one}`)).toBe(401)
  })

  test('a header that is wrong is not made good by a cookie', async () => {
    const one = await openSession('johndoe')
    for (const headers of [
      basic('johndoe', 'wrong'),
      basic('olga', 'wrong'),
      bearer('stillbox_x'),
      { authorization: 'x' },
    ])
      expect(await whoIs({ ...cookie(one), ...(headers as Record<string, string>) })).toBe(null)
    expect(await whoIs({ ...cookie(one), ...basic('olga') })).toBe('olga')
  })

  test('of two Authorization headers the second counts for nothing', async () => {
    const line = ({ authorization }: Record<string, string>) => `Authorization: ${authorization}\r\n`
    const ask = (headers: string) =>
      sendRaw(
        service.url,
        `GET /session HTTP/1.1\r\nHost: ${new URL(service.url).host}\r\n${headers}Connection: close\r\n\r\n`,
      )
    expect(statusesIn(await ask(line(basic('olga', 'wrong')) + line(basic('johndoe'))))).toEqual([401])
    expect(await ask(line(basic('olga')) + line(basic('johndoe')))).toContain('"userName":"olga"')
  })
})

describe('a cookie that somebody else has put into the browser', () => {
  const rawCookie = async (value: string): Promise<string> => {
    const { host } = new URL(service.url)
    const head = `GET /session HTTP/1.1\r\nHost: ${host}\r\nCookie: ${value}\r\nConnection: close\r\n\r\n`
    return sendRaw(service.url, head)
  }

  test('before or behind the good one makes the request nobody’s, rather than his', async () => {
    const [victim, thief] = [await openSession('johndoe'), await openSession('olga')]
    for (const tossed of [
      `stillbox=${thief}; stillbox=${victim}`,
      `stillbox=${victim}; stillbox=${thief}`,
      `stillbox=x;stillbox=${victim}`,
    ])
      expect(statusesIn(await rawCookie(tossed))).toEqual([401])
    expect(await rawCookie(`theme=dark; stillbox=${victim}; xstillbox=${thief}; stillboxx=${thief}`)).toContain(
      '"johndoe"',
    )
  })

  test('under a name that is only similar does not count', async () => {
    const one = await openSession('olga')
    for (const name of [
      'Stillbox',
      'STILLBOX',
      '__Host-stillbox',
      '__Secure-stillbox',
      '\xa0stillbox',
      '$stillbox',
      '\x85stillbox',
    ])
      expect([name, statusesIn(await rawCookie(`${name}=${one}`))]).toEqual([name, [401]])
  })

  test('behind https has no prefix that only looks like __Host-', async () => {
    await service.close()
    service = await startTestService({ clock, config: { publicUrl: 'https://stillbox.example.org' } })
    const opened = await fetch(`${service.url}/session`, {
      method: 'POST',
      headers: jsonType,
      body: JSON.stringify({ userName: 'olga', password: testPassword }),
    })
    const value = opened.headers.get('set-cookie')!.split(';')[0]!.slice('__Host-stillbox='.length)
    expect(statusesIn(await rawCookie(`__Host-stillbox=${value}`))).toEqual([200])
    // What a neighbouring name may set, and a careless reader would take for ours.
    for (const name of [
      'stillbox',
      '\xa0__Host-stillbox',
      '\x0b__Host-stillbox'.slice(1),
      '__host-stillbox',
      '=__Host-stillbox',
      '__Host-stillbox ',
    ])
      if (name !== '__Host-stillbox')
        expect([name, statusesIn(await rawCookie(`${name}=${value}`))]).toEqual([name, [401]])
  })
})

describe('an access token that is replayed', () => {
  test('outlives a new password only where that is wanted, and ends when it is deleted', async () => {
    const token = await makeToken('olga')
    const change = { userName: 'olga', password: 'another long password', deletesTokens: false }
    expect((await invoke('SetUserPassword', change, basic())).text).toBe('null')
    expect(await callsByToken(token)).toBe(200)
    const [{ tokenId }] = (await invoke('GetAccessTokens', { userName: 'olga' }, basic())).answer.tokens
    await invoke('DeleteAccessToken', { userName: 'olga', tokenId }, basic())
    expect(await callsByToken(token)).toBe(401)
  })

  test.each(['GET', 'DELETE'])('cannot %s a session in place of its owner', async (method) => {
    const token = await makeToken('olga', { scope: 'administer' })
    const one = await openSession('olga')
    await fetch(`${service.url}/session`, { method, headers: bearer(token) })
    expect(await whoIs(cookie(one))).toBe('olga')
  })
})

test('with a certificate the session or token of another account is of no use', async () => {
  const other = await startCertificateService()
  try {
    const olga = (await other.accounts.find('olga'))!
    const token = `stillbox_${'A'.repeat(42)}`
    await other.accounts.createSession({
      tokenHash: sha256('S'.repeat(43), 'hex'),
      userName: olga.userName,
      expiresAtMs: Date.now() + 3_600_000,
    })
    const own = await other.ask('/session', { headers: { cookie: `__Host-stillbox=${'S'.repeat(43)}` } })
    expect([own.status, JSON.parse(own.body).userName]).toEqual([200, 'johndoe'])
    for (const headers of [basic('olga'), bearer(token)] as Record<string, string>[])
      expect((await other.ask('/session', { headers })).status).toBeGreaterThanOrEqual(401)
  } finally {
    await other.close()
  }
})
