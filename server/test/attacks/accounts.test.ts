import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  basic,
  jsonType,
  startTestService,
  type TestService,
  testPassword,
  testSnapshot,
} from '../doubles/http-service.ts'
import { createInvokeClient } from '../doubles/invoke-client.ts'

let service: TestService
let nowMs: number
const clock = { now: () => new Date(nowMs) }
beforeEach(async () => {
  nowMs = Date.parse('2026-11-17T14:00:00Z')
  service = await startTestService({ clock })
})
afterEach(() => service.close())

const invoke = createInvokeClient(() => service.url)
const statusOf = async (method: string, headers: Record<string, string>, params: object = {}) =>
  (await invoke(method, params, headers)).status
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const makeToken = async (userName: string, given: object = {}) => {
  const { answer } = await invoke('CreateAccessToken', { name: 'nightly', ...given }, basic(userName))
  return answer as { token: string; tokenId: string; scope: string; expiresAt: string }
}
const openSession = async (userName: string, password = testPassword, headers: Record<string, string> = {}) => {
  const response = await fetch(`${service.url}/session`, {
    method: 'POST',
    headers: { ...jsonType, ...headers },
    body: JSON.stringify({ userName, password }),
  })
  return { status: response.status, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
}
const withCookie = (cookie: string) => ({ cookie, origin: service.url })

describe('an access token', () => {
  test('is good on every route that needs one, within its scope', async () => {
    const { token, scope, expiresAt } = await makeToken('olga')
    expect(token).toMatch(/^stillbox_[A-Za-z0-9_-]{43}$/)
    expect([scope, expiresAt]).toEqual(['read', '2027-02-15T14:00:00.000Z'])
    expect(await statusOf('GetSnapshots', bearer(token))).toBe(200)
    for (const path of ['/rpc', '/XML/Invoke/GetSnapshots', '/JSON/Invoke/GetSnapshots']) {
      const rpc = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetSnapshots', params: {} })
      const response = await fetch(`${service.url}${path}`, {
        method: 'POST',
        headers: { ...bearer(token), ...jsonType },
        body: path === '/rpc' ? rpc : '{}',
      })
      expect([path, response.status]).toEqual([path, 200])
    }
    service.setStatus({})
    const paths = ['/JSON/Status/C467B22E-7057-43BA-B79B-C6140ED514BD', `/download/${testSnapshot.snapshotId}`]
    const statuses = await Promise.all(
      paths.map(async (path) => (await fetch(`${service.url}${path}`, { headers: bearer(token) })).status),
    )
    // The archive is not there: the download was let through.
    expect(statuses).toEqual([200, 410])
    const refused = await invoke('CancelSnapshot', { snapshotId: testSnapshot.snapshotId }, bearer(token))
    expect([refused.status, refused.text]).toEqual([403, 'An access token for read may not do this: it needs operate.'])
  })

  test('does no more than its owner may at the time', async () => {
    const { token } = await makeToken('olga', { scope: 'administer' })
    const cancel = () => statusOf('CancelSnapshot', bearer(token), { snapshotId: testSnapshot.snapshotId })
    expect(await statusOf('GetUsers', bearer(token))).toBe(403)
    expect(await cancel()).toBe(200)
    await invoke('SetUserPrivileges', { userName: 'olga', privileges: 'auditor' }, basic())
    expect(await cancel()).toBe(403)
    await invoke('SetUserPrivileges', { userName: 'olga', privileges: 'admin' }, basic())
    expect(await statusOf('GetUsers', bearer(token))).toBe(200)
    await invoke('DeleteUser', { userName: 'olga' }, basic())
    expect(await cancel()).toBe(401)
  })

  test('makes no token, sets no password and takes no second factor away for its owner', async () => {
    const { token } = await makeToken('johndoe', { scope: 'administer' })
    for (const method of ['CreateAccessToken', 'BeginTotp', 'GetSessions', 'RemoveTotp', 'BeginPasskey'])
      expect([method, await statusOf(method, bearer(token))]).toEqual([method, 403])
    const own = { userName: 'johndoe', password: 'a password of twelve' }
    expect(await statusOf('SetUserPassword', bearer(token), own)).toBe(403)
    expect(await statusOf('SetUserPassword', bearer(token), { ...own, userName: 'olga' })).toBe(200)
  })

  test('that is forged, altered, run out or deleted is nobody’s, in the same words', async () => {
    const { token, tokenId } = await makeToken('olga', { expires: '2026-11-18' })
    const altered = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    const forged = `stillbox_${'A'.repeat(43)}`
    const texts = new Set<string>()
    const refuse = async (used: string) => {
      const { status, text } = await invoke('GetSnapshots', {}, bearer(used))
      expect(status).toBe(401)
      texts.add(text)
    }
    for (const wrong of [altered, forged, tokenId, 'x', `${token}x`, token.toUpperCase()]) await refuse(wrong)
    nowMs = Date.parse('2026-11-17T23:59:59.999Z')
    expect(await statusOf('GetSnapshots', bearer(token))).toBe(200)
    nowMs = Date.parse('2026-11-18T00:00:00Z')
    await refuse(token)
    const other = await makeToken('olga', { name: 'other' })
    expect(await statusOf('DeleteAccessToken', basic('arno'), { tokenId: other.tokenId })).toBe(500)
    expect(await statusOf('GetSnapshots', bearer(other.token))).toBe(200)
    expect(await statusOf('DeleteAccessToken', basic('olga'), { tokenId: other.tokenId })).toBe(200)
    await refuse(other.token)
    expect([...texts]).toEqual(['The access token is unknown, has run out or was deleted.'])
  })

  test('counts in its header alone, and is told to nobody afterwards', async () => {
    const { token } = await makeToken('olga')
    for (const headers of [{ cookie: `stillbox=${token}` }, { 'x-access-token': token }])
      expect(await statusOf('GetSnapshots', { ...headers, origin: service.url } as Record<string, string>)).toBe(401)
    const queried = await fetch(`${service.url}/JSON/Invoke/GetSnapshots?access_token=${token}`, { method: 'POST' })
    expect(queried.status).toBe(401)
    expect((await invoke('GetAccessTokens', {}, basic('olga'))).text).not.toContain(token.slice(-20))
    expect(JSON.stringify(service.logLines)).not.toContain(token.slice(-20))
    expect((await invoke('GetAccessTokens', { userName: 'olga' }, basic('arno'))).status).toBe(403)
  })

  test.each([
    [{ expires: '2026-11-17T13:59:59Z' }, /in the past/],
    [{ expires: '2028-01-01' }, /more than a year/],
    [{ scope: 'everything' }, /scope/],
    [{ name: ' ' }, /name is empty/],
  ])('%j is not made', async (given, words) => {
    expect((await invoke('CreateAccessToken', { name: 'nightly', ...given }, basic('olga'))).text).toMatch(words)
  })
})

test('programs are refused where script access is off, by the name of the setting, right or wrong', async () => {
  const { token } = await makeToken('olga')
  await service.close()
  service = await startTestService({ clock, config: { scriptAccess: false } })
  for (const headers of [basic(), basic('johndoe', 'wrong'), basic('nobody'), bearer(token)]) {
    const { status, text } = await invoke('GetServerInfo', {}, headers)
    expect([status, text]).toEqual([403, expect.stringContaining('Set scriptAccess: true in the configuration file')])
  }
  const { cookie } = await openSession('johndoe')
  expect(await statusOf('GetServerInfo', withCookie(cookie))).toBe(200)
})

describe('a session', () => {
  test('is never one that somebody else has chosen', async () => {
    const planted = `stillbox=${'A'.repeat(43)}`
    const { cookie } = await openSession('johndoe', testPassword, withCookie(planted))
    expect(cookie).toMatch(/^stillbox=[A-Za-z0-9_-]{43}$/)
    expect(cookie).not.toBe(planted)
    expect(await statusOf('GetServerInfo', withCookie(planted))).toBe(401)
    // Nor does the session of a stranger become the victim’s when he signs in over it.
    const stranger = await openSession('arno')
    const victim = await openSession('johndoe', testPassword, withCookie(stranger.cookie))
    expect(await statusOf('GetServerInfo', withCookie(stranger.cookie))).toBe(401)
    expect(await statusOf('GetServerInfo', withCookie(victim.cookie))).toBe(200)
  })

  test('is listed and ended by its owner, and by administrators', async () => {
    const [one, two] = [await openSession('olga'), await openSession('olga')]
    const { sessions } = (await invoke('GetSessions', {}, withCookie(two.cookie))).answer
    expect(sessions).toHaveLength(2)
    expect(JSON.stringify(sessions)).not.toContain(one.cookie.slice('stillbox='.length))
    const other = sessions.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent)
    expect(await statusOf('EndSession', basic('arno'), { sessionId: other.sessionId })).toBe(500)
    expect(await statusOf('EndSession', basic('arno'), { userName: 'olga' })).toBe(403)
    const ended = await invoke('EndSession', { sessionId: other.sessionId }, withCookie(two.cookie))
    expect(ended.answer).toEqual({ ended: 1 })
    expect(await statusOf('GetServerInfo', withCookie(one.cookie))).toBe(401)
    expect((await invoke('EndSession', { userName: 'olga' }, basic())).answer).toEqual({ ended: 1 })
    expect(await statusOf('GetServerInfo', withCookie(two.cookie))).toBe(401)
  })

  test('ends with the account, and follows its role at once', async () => {
    const { cookie } = await openSession('olga')
    const create = () => statusOf('CancelSnapshot', withCookie(cookie), { snapshotId: testSnapshot.snapshotId })
    expect(await create()).toBe(200)
    await invoke('SetUserPrivileges', { userName: 'olga', privileges: 'auditor' }, basic())
    expect(await create()).toBe(403)
    await invoke('RenameUser', { oldUserName: 'olga', newUserName: 'Olga B.' }, basic())
    expect((await invoke('GetUserInfo', {}, withCookie(cookie))).answer.userName).toBe('Olga B.')
    await invoke('DeleteUser', { userName: 'olga b.' }, basic())
    expect(await create()).toBe(401)
  })
})

describe('a new password', () => {
  const next = 'another long password'
  const set = (headers: Record<string, string>, given: object) =>
    invoke('SetUserPassword', { userName: 'olga', password: next, ...given }, headers)

  test('ends the other sessions and what was remembered of the old one', async () => {
    const [thief, owner] = [await openSession('olga'), await openSession('olga')]
    expect(await statusOf('GetServerInfo', basic('olga'))).toBe(200)
    expect((await set(withCookie(owner.cookie), {})).text).toMatch(/currentPassword is needed/)
    expect((await set(withCookie(owner.cookie), { currentPassword: 'no' })).text).toMatch(/currentPassword is wrong/)
    expect((await set(withCookie(owner.cookie), { currentPassword: testPassword })).text).toBe('null')
    expect(await statusOf('GetServerInfo', withCookie(thief.cookie))).toBe(401)
    expect(await statusOf('GetServerInfo', withCookie(owner.cookie))).toBe(200)
    expect(await statusOf('GetServerInfo', basic('olga'))).toBe(401)
    expect(await statusOf('GetServerInfo', basic('olga', next))).toBe(200)
  })

  test('of another account is for administrators, and is in its history without any hash', async () => {
    expect((await set(basic('arno'), {})).status).toBe(403)
    expect((await set(basic(), {})).text).toBe('null')
    const history = await invoke('GetPasswordHistory', {}, basic('olga', next))
    expect(history.answer).toEqual({ changes: [{ changedAt: '2026-11-17T14:00:00.000Z', changedBy: 'johndoe' }] })
    expect((await invoke('GetPasswordHistory', { userName: 'johndoe' }, basic('olga', next))).status).toBe(403)
    const signIns = await invoke('GetLastSignIns', { client: 'basic' }, basic('olga', next))
    expect(signIns.answer.signIns).toEqual([
      { client: 'basic', at: '2026-11-17T14:00:00.000Z', address: expect.stringContaining('127.0.0.1') },
    ])
  })

  test('set by somebody else takes the tokens away, too; one’s own leaves them, unless it is said', async () => {
    const before = await makeToken('olga', { name: 'nightly' })
    const mine = await makeToken('johndoe', { name: 'mine' })
    const works = ({ token }: { token: string }) => statusOf('GetSnapshots', bearer(token))
    expect((await set(basic('olga'), {})).text).toBe('null')
    expect(await works(before)).toBe(200)
    expect((await set(basic(), { password: 'kept by the chief', deletesTokens: false })).text).toBe('null')
    expect(await works(before)).toBe(200)
    // What is refused takes nothing away.
    expect((await set(basic(), { password: 'short' })).status).toBe(500)
    expect(await works(before)).toBe(200)
    expect((await set(basic(), { password: 'given by the chief' })).text).toBe('null')
    expect(await works(before)).toBe(401)
    expect((await invoke('GetAccessTokens', { userName: 'olga' }, basic())).answer).toEqual({ tokens: [] })
    expect(await works(mine)).toBe(200)
    const own = { userName: 'johndoe', password: 'and one of his own', deletesTokens: true }
    expect((await set(basic(), own)).text).toBe('null')
    expect(await works(mine)).toBe(401)
  })

  test('is none of the last five', async () => {
    const change = (password: string) => set(basic(), { password })
    for (let n = 1; n <= 5; n++) expect((await change(`long password no ${n}`)).text).toBe('null')
    for (let n = 1; n <= 5; n++) expect((await change(`long password no ${n}`)).text).toMatch(/one of the last five/)
    expect((await change('long password no 6')).text).toBe('null')
    expect((await change('long password no 1')).text).toBe('null')
  })

  test.each([
    ['elevenchars', /fewer than 12 characters/],
    ['ababababababab', /repeats the same few/],
    ['x'.repeat(1_025), /at most 1024/],
  ])('%s is refused', async (password, words) => {
    expect((await set(basic(), { password })).text).toMatch(words)
  })

  test('is not the name', async () => {
    const given = { userName: 'bartholomew', privileges: 'auditor', organizations: ['*'] }
    expect((await invoke('CreateUser', { ...given, password: 'Bartholomew12' }, basic())).text).toMatch(
      /little more than the user name/,
    )
  })
})

describe('who has an account', () => {
  test('is not told by how a sign-in fails', async () => {
    await invoke('CreateUser', { userName: 'nopass', privileges: 'auditor', organizations: ['*'] }, basic())
    const { secret } = (await invoke('BeginTotp', {}, basic('olga'))).answer
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    const answers = await Promise.all(
      ['johndoe', 'nobody', 'nopass', 'olga', 'a'.repeat(320)].map(async (userName) => {
        const response = await fetch(`${service.url}/session`, {
          method: 'POST',
          headers: jsonType,
          body: JSON.stringify({ userName, password: 'wrong', totp: '000000' }),
        })
        const headers = Object.fromEntries(response.headers)
        for (const changing of ['date', 'x-request-id']) delete headers[changing]
        return JSON.stringify([response.status, headers, await response.text()])
      }),
    )
    expect([...new Set(answers)]).toHaveLength(1)
    expect(answers[0]).toContain('sign_in_refused')
  })

  test('is not told to those who may not ask', async () => {
    const answers = await Promise.all(
      ['johndoe', 'nobody'].map((userName) => invoke('GetUserInfo', { userName }, basic('olga'))),
    )
    expect(answers[0]).toEqual(answers[1])
  })
})

describe('administrators', () => {
  test('cannot do away with themselves, nor with the last of them', async () => {
    expect((await invoke('DeleteUser', { userName: 'JohnDoe' }, basic())).text).toMatch(/signed in with/)
    for (const [method, params] of [
      ['SetUserPrivileges', { privileges: 'auditor' }],
      ['SetUserOrganizations', { organizations: ['sample'] }],
    ] as const)
      expect((await invoke(method, { userName: 'johndoe', ...params }, basic())).text).toMatch(/last administrator/)
  })

  test('of some organizations cannot reach beyond them', async () => {
    const password = 'a password of the branch'
    const branch = { userName: 'branch', privileges: 'admin', organizations: ['sample'], password }
    expect((await invoke('CreateUser', branch, basic())).text).toBe('null')
    const by = basic('branch', password)
    for (const [method, params] of [
      ['SetUserPassword', { userName: 'johndoe', password: 'a new one for the chief' }],
      ['SetUserPassword', { userName: 'olga', password: 'a new one for her too' }],
      ['DeleteUser', { userName: 'olga' }],
      ['GetUserInfo', { userName: 'johndoe' }],
      ['RenameUser', { oldUserName: 'olga', newUserName: 'mine' }],
    ] as const)
      expect((await invoke(method, params, by)).text).toMatch(/^There is no account with this id/)
    const widen = await invoke('SetUserOrganizations', { userName: 'branch', organizations: ['*'] }, by)
    expect(widen.text).toMatch(/cannot open all/)
    const grown = { userName: 'grown', privileges: 'admin', organizations: ['*'] }
    expect((await invoke('CreateUser', grown, by)).text).toMatch(/cannot open all/)
    const inherited = { userName: 'heir', privileges: 'admin', password: 'a password of the heir' }
    expect((await invoke('CreateUser', inherited, by)).text).toBe('null')
    const heir = (await service.accounts.find('heir'))!
    expect(heir.organizations).toEqual(['sample'])
  })

  test('name what an operator may see, or say that it is everything', async () => {
    const operator = { userName: 'new', privileges: 'operator' }
    expect((await invoke('CreateUser', operator, basic())).text).toMatch(/organizations is needed for an operator/)
    const unknown = { ...operator, organizations: ['nowhere'] }
    expect((await invoke('CreateUser', unknown, basic())).text).toMatch(/no organization “nowhere”; there is: sample/)
    const form = await fetch(`${service.url}/JSON/Invoke/CreateUser`, {
      method: 'POST',
      headers: basic(),
      body: new URLSearchParams({ ...operator, organizations: '' }),
    })
    expect(form.status).toBe(500)
    expect((await invoke('CreateUser', { ...operator, organizations: ['sample'] }, basic())).text).toBe('null')
    expect((await invoke('CreateUser', { ...operator, userName: 'NEW', organizations: ['*'] }, basic())).text).toMatch(
      /There is an account “NEW” already/,
    )
    expect((await invoke('GetUserInfo', { userName: 'new' }, basic())).answer).toEqual({
      userName: 'new',
      fullName: '',
      authentication: 'integrated',
      emailAddresses: [],
      privileges: 'operator',
    })
  })
})
