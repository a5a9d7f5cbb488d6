import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { afterEach, describe, expect, test } from 'vitest'
import type { CertificateFinding, ClientCertificate } from '../../src/ports/client-certificates.ts'
import { basic, jsonType, startTestService, type TestService, testPassword } from '../doubles/http-service.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})
const start = async (options: Parameters<typeof startTestService>[0] = {}) => {
  service = await startTestService(options)
  return service
}
const told = ({ action, outcome, code, actor, client, details }: AuditEntry) => ({
  action,
  outcome,
  code,
  actor,
  client,
  details,
})
const signIn = (url: string, userName: string, password: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/session`, {
    method: 'POST',
    headers: { ...jsonType, ...headers },
    body: JSON.stringify({ userName, password }),
  })
const ask = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/JSON/Invoke/GetServerInfo`, { method: 'POST', headers })

describe('the web interface', () => {
  test('is signed in to and out of, and both are told', async () => {
    const { url, auditEntries } = await start()
    const opened = await signIn(url, 'OLGA', testPassword)
    const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
    expect((await fetch(`${url}/session`, { headers: { cookie } })).status).toBe(200)
    const headers = { cookie, 'sec-fetch-site': 'same-origin' }
    for (const _ of [1, 2]) expect((await fetch(`${url}/session`, { method: 'DELETE', headers })).status).toBe(204)
    const one = { outcome: 'done', code: null, actor: 'olga', client: 'web', details: {} }
    expect(auditEntries.map(told)).toEqual([
      { ...one, action: 'session.open' },
      { ...one, action: 'session.close' },
    ])
    expect(auditEntries[0]).toMatchObject({
      address: expect.stringContaining('127.0.0.1'),
      requestId: opened.headers.get('x-request-id'),
    })
  })

  test('is not opened where that cannot be told', async () => {
    const { url } = await start({
      auditLog: {
        append: () => Promise.reject(new Error('no database')),
        page: async () => ({ entries: [], next: null }),
        pages: async function* () {},
        state: async () => ({ head: null, highestNumber: 0 }),
      },
    })
    const answer = await signIn(url, 'olga', testPassword)
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([500, null])
  })

  test('refuses, with the name that was tried and never the password', async () => {
    const { url, auditEntries, audit } = await start()
    for (const password of ['wrong secret 1', 'wrong secret 2', 'wrong secret 3']) await signIn(url, 'Olga', password)
    await signIn(url, 'nobody\r\nat all', 'wrong secret')
    const one = { action: 'session.open', outcome: 'refused', code: 'sign_in_refused', client: 'web' }
    expect(auditEntries.map(told)).toEqual([
      { ...one, actor: 'Olga', details: {} },
      { ...one, actor: 'nobody\ufffd\ufffdat all', details: {} },
    ])
    await audit.close({ wasStarted: false })
    expect(auditEntries.slice(2).map(told)).toEqual([{ ...one, actor: 'Olga', details: { repeated: 2 } }])
    expect(JSON.stringify(auditEntries)).not.toContain('secret')
  })

  test('is guessed at thousands of times without filling the log', async () => {
    const { url, auditEntries, audit } = await start()
    for (let round = 0; round < 20; round++)
      await Promise.all(Array.from({ length: 20 }, (_, index) => signIn(url, `name ${round} ${index}`, 'x')))
    expect(auditEntries).toHaveLength(60)
    expect(auditEntries.some(({ code }) => code === 'sign_in_throttled')).toBe(true)
    await audit.close({ wasStarted: false })
    expect(auditEntries.slice(60).map(told)).toEqual([
      {
        action: 'session.open',
        outcome: 'refused',
        code: null,
        actor: '',
        client: null,
        details: { repeated: 340, ofMany: true },
      },
    ])
  })
})

describe('programs', () => {
  test('are told of once a minute for each account and kind', async () => {
    let now = Date.parse('2026-11-20T10:00:00.000Z')
    const { url, auditEntries } = await start({ clock: { now: () => new Date(now) } })
    for (let index = 0; index < 5; index++) expect((await ask(url, basic('olga'))).status).toBe(200)
    await ask(url, basic('arno'))
    now += 61_000
    await ask(url, basic('olga'))
    expect(auditEntries.map(({ action, actor, client, outcome }) => [action, actor, client, outcome])).toEqual([
      ['sign-in', 'olga', 'basic', 'done'],
      ['sign-in', 'arno', 'basic', 'done'],
      ['sign-in', 'olga', 'basic', 'done'],
    ])
  })

  test('are told of at each network they come from: a stolen password does not hide behind a busy script', async () => {
    const { url, auditEntries } = await start({ config: { publicUrl: 'https://stillbox.example.org' } })
    const from = (address: string) => ask(url, { ...basic('olga'), 'x-forwarded-for': address })
    for (const address of ['192.0.2.1', '192.0.2.1', '198.51.100.7', '192.0.2.1', '2001:db8::1', '2001:db8::2'])
      expect((await from(address)).status).toBe(200)
    expect(auditEntries.map(({ actor, address }) => [actor, address])).toEqual([
      ['olga', '192.0.2.1'],
      ['olga', '198.51.100.7'],
      ['olga', '2001:db8::1'],
    ])
  })

  test('are refused with the name they gave, or without one', async () => {
    const { url, auditEntries } = await start()
    await ask(url, basic('olga', 'wrong'))
    await ask(url, { authorization: `Bearer stillbox_${'A'.repeat(43)}` })
    await ask(url, { authorization: 'Basic !!' })
    await ask(url, {})
    expect(
      auditEntries.map(({ action, outcome, code, actor, client }) => [action, outcome, code, actor, client]),
    ).toEqual([
      ['sign-in', 'refused', 'sign_in_refused', 'olga', 'basic'],
      ['sign-in', 'refused', 'token_refused', '', 'token'],
      ['sign-in', 'refused', 'sign_in_refused', '', 'basic'],
    ])
    expect(JSON.stringify(auditEntries)).not.toContain('AAAA')
  })

  test('are refused where programs are not let in', async () => {
    const { url, auditEntries } = await start({ config: { scriptAccess: false } })
    await ask(url, basic('olga'))
    expect(auditEntries.map(({ code, actor }) => [code, actor])).toEqual([['script_access_off', 'olga']])
  })
})

describe('client certificates', () => {
  const certificate: ClientCertificate = {
    subject: 'CN=Olga, O=Example',
    fingerprint: 'AB:CD',
    emailAddresses: ['olga'],
    validToMs: Date.now() + 86_400_000,
  }
  const startWith = (finding: () => CertificateFinding, userName: string | null = 'olga') =>
    start({
      certificates: (accounts) => ({
        certificates: { check: finding },
        accountOf: async () => (userName === null ? null : accounts.find(userName)),
        isRequired: true,
        contact: '',
      }),
    })

  test('sign in, once a minute', async () => {
    const { url, auditEntries } = await startWith(() => ({ fault: null, certificate }))
    for (const _ of [1, 2, 3]) expect((await ask(url, {})).status).toBe(200)
    expect(auditEntries.map(told)).toEqual([
      { action: 'sign-in', outcome: 'done', code: null, actor: 'olga', client: 'certificate', details: {} },
    ])
  })

  test.each([
    ['revoked', () => ({ fault: 'revoked', certificate }) as const, 'certificate_refused'],
    ['expired', () => ({ fault: 'expired', certificate }) as const, 'certificate_refused'],
    ['of nobody', () => ({ fault: null, certificate }) as const, 'certificate_unmapped'],
  ])('that are %s are told of with subject and fingerprint', async (_, finding, code) => {
    const { url, auditEntries } = await startWith(finding, null)
    for (const accept of ['text/html', 'application/json'])
      expect((await fetch(url, { headers: { accept } })).status).toBe(403)
    expect(auditEntries.map(told)).toEqual([
      {
        action: 'sign-in',
        outcome: 'refused',
        code,
        actor: certificate.subject,
        client: 'certificate',
        details: { fingerprint: 'AB:CD' },
      },
    ])
  })

  test('that are missing are nobody’s', async () => {
    const { url, auditEntries } = await startWith(() => ({ fault: 'missing', certificate: null }))
    expect((await fetch(url)).status).toBe(403)
    expect(auditEntries).toEqual([])
  })

  test('of another account than the password are refused with the name of that', async () => {
    const { url, auditEntries } = await startWith(() => ({ fault: null, certificate }))
    expect((await ask(url, basic('johndoe'))).status).toBe(403)
    expect((await signIn(url, 'arno', testPassword)).status).toBe(403)
    expect(
      auditEntries
        .filter(({ outcome }) => outcome === 'refused')
        .map(({ action, code, actor }) => [action, code, actor]),
    ).toEqual([
      ['sign-in', 'certificate_other_account', 'johndoe'],
      ['session.open', 'certificate_other_account', 'arno'],
    ])
  })
})
