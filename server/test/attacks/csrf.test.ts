import { request as httpRequest } from 'node:http'
import { methodNames } from '@stillbox/shared/contract/registry.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Route, routes } from '../../src/http/routes.ts'
import { startCertificateService } from '../doubles/certificate-service.ts'
import type { TlsAnswer } from '../doubles/certificates.ts'
import {
  basic,
  formType,
  jsonType,
  startTestService,
  type TestService,
  testPassword,
  testSnapshot,
  testToken,
} from '../doubles/http-service.ts'

let service: Awaited<ReturnType<typeof startCertificateService>>
beforeAll(async () => {
  service = await startCertificateService()
})
afterAll(() => service.close())

type Forged = {
  readonly verb: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

const valuesOf: Readonly<Record<string, string>> = { snapshotId: testSnapshot.snapshotId, token: testToken }
const filled = (path: string): string => path.replace(/:(\w+)/g, (_, name: string) => valuesOf[name] ?? 'GetServerInfo')

/** What a page can make a browser send without asking first, and what it cannot but may find a way to. */
const encodings: readonly (readonly [type: string, body: string])[] = [
  ['application/x-www-form-urlencoded', 'userName=olga'],
  ['text/plain', '{"userName":"olga"}'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="userName"\r\n\r\nolga\r\n--x--\r\n',
  ],
  ['application/json', '{"userName":"olga"}'],
  ['text/xml', '<userName>olga</userName>'],
  ['', ''],
]
const changing = (Object.values(routes) as Route[])
  .flatMap(({ verbs, path }) => verbs.filter((verb) => verb !== 'get').map((verb) => ({ verb, path })))
  .flatMap(({ verb, path }): { verb: string; path: string; body?: string }[] => {
    if (path.includes(':method'))
      return methodNames.map((method) => ({ verb: 'POST', path: path.replace(':method', method) }))
    if (path === '/rpc')
      return methodNames.map((method) => ({
        verb: 'POST',
        path,
        body: JSON.stringify({ jsonrpc: '2.0', method, params: {} }),
      }))
    return [{ verb: verb.toUpperCase(), path: filled(path) }]
  })
const forgeries: readonly Forged[] = changing.flatMap(({ verb, path, body }) =>
  verb === 'DELETE'
    ? [{ verb, path, headers: {} }]
    : encodings.map(([type, other]) => ({
        verb,
        path,
        headers: type === '' ? {} : { 'content-type': type },
        body: body ?? other,
      })),
)

const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36'
const foreign: Readonly<Record<string, Record<string, string>>> = {
  'another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  'a neighbour of the same site': { 'sec-fetch-site': 'same-site', origin: 'https://other.localhost' },
  'another site that hides behind a redirect through us': { 'sec-fetch-site': 'cross-site' },
  'a browser without Fetch Metadata': { origin: 'https://evil.example', 'user-agent': browser },
  'a sandboxed frame': { origin: 'null', 'user-agent': browser },
  'the same host at another port': { origin: 'https://127.0.0.1:1', 'user-agent': browser },
  'the same host by plain http': { origin: 'OWN-BY-HTTP', 'user-agent': browser },
  'an Origin that begins like ours': { origin: 'OWN.evil.example', 'user-agent': browser },
  'two Origins': { origin: 'OWN, https://evil.example', 'user-agent': browser },
  'a browser that says nothing': { 'user-agent': browser },
}
const originOf = (origin: string): string =>
  origin.replace('OWN-BY-HTTP', service.url.replace('https:', 'http:')).replace('OWN', service.url)

const send = ({ verb, path, headers, body }: Forged, more: Record<string, string>): Promise<TlsAnswer> =>
  service.ask(path, {
    method: verb,
    headers: { ...headers, ...more, ...(more.origin ? { origin: originOf(more.origin) } : {}) },
    ...(body === undefined ? {} : { body }),
  })
const isRefused = ({ status, body }: TlsAnswer): boolean =>
  status === 403 && body.includes('The request came from another web site and was refused.')

const callsSoFar = () => service.logLines.filter(({ msg }) => msg === 'call').length

describe('with the certificate of an administrator, a request forged by', () => {
  test('every route that changes something is tried, and every method in every protocol', () => {
    const paths = new Set(forgeries.map(({ verb, path }) => `${verb} ${path}`))
    expect(paths.size).toBeGreaterThanOrEqual(2 * methodNames.length + 8)
    for (const one of [
      'DELETE /session',
      'POST /session',
      'POST /v1/intercept/snapshots',
      `POST /JSON/Status/${testToken}`,
    ])
      expect(paths).toContain(one)
  })

  test.each(Object.entries(foreign))('%s is refused before anything is called', async (_, headers) => {
    const before = callsSoFar()
    const through: string[] = []
    const refuse = async (forged: Forged) => {
      if (!isRefused(await send(forged, headers)))
        through.push(`${forged.verb} ${forged.path} as ${forged.headers['content-type']}`)
    }
    for (let at = 0; at < forgeries.length; at += 8) await Promise.all(forgeries.slice(at, at + 8).map(refuse))
    expect(through).toEqual([])
    expect(callsSoFar()).toBe(before)
    expect((await service.accounts.list()).map(({ userName }) => userName).sort()).toEqual(['arno', 'johndoe', 'olga'])
  })

  test.each([
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'OWN' }],
    ['our own page in a browser without Fetch Metadata', { origin: 'OWN', 'user-agent': browser }],
    ['a program', { 'user-agent': 'curl/8.5.0' }],
  ] as const)('%s is none and gets through', async (_, headers) => {
    for (const method of ['GetServerInfo', 'GetSnapshots', 'GetUsers'])
      for (const path of [`/JSON/Invoke/${method}`, `/XML/Invoke/${method}`])
        expect((await send({ verb: 'POST', path, headers: formType, body: '' }, headers)).status).toBe(200)
    const rpc = { verb: 'POST', path: '/rpc', headers: jsonType, body: '{"jsonrpc":"2.0","id":1,"method":"GetUsers"}' }
    expect((await send(rpc, headers)).status).toBe(200)
    const path = `/intercept/snapshots/${testSnapshot.snapshotId}`
    expect((await send({ verb: 'DELETE', path, headers: {} }, headers)).status).toBe(200)
  })
})

test('what reads shows nothing to another site: no CORS header, and no other site may embed it', async () => {
  for (const { verbs, path } of Object.values(routes) as Route[]) {
    if (!verbs.includes('get') || path.includes('*')) continue
    const { headers } = await service.ask(filled(path), {
      headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    })
    const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-'))
    expect([path, cors, headers['cross-origin-resource-policy']]).toEqual([path, [], 'same-origin'])
  }
  const preflight = { 'access-control-request-method': 'DELETE', origin: 'https://evil.example' }
  const { headers } = await service.ask('/session', { method: 'OPTIONS', headers: preflight })
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
})

describe('with the certificate of an administrator, another site makes nothing be read', () => {
  const reading = (Object.values(routes) as Route[])
    .filter(({ verbs, access }) => verbs.includes('get') && access !== 'public')
    .map(({ path }) => filled(path))
  const embedded = [
    ['no-cors', 'image'],
    ['no-cors', 'script'],
    ['cors', 'empty'],
    ['navigate', 'iframe'],
    ['navigate', 'object'],
  ]

  test('be it by an image, a script or a frame: no archive, no status that is spent, no entry in the audit log', async () => {
    expect(reading).toEqual(expect.arrayContaining([`/JSON/Status/${testToken}`, '/audit-log.jsonl', '/session']))
    const before = service.auditEntries.length
    for (const path of reading)
      for (const site of ['cross-site', 'same-site'])
        for (const [mode, dest] of embedded)
          for (const method of ['GET', 'HEAD']) {
            const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode!, 'sec-fetch-dest': dest! }
            const { status } = await service.ask(path, { method, headers })
            expect([path, site, mode, dest, method, status]).toEqual([path, site, mode, dest, method, 403])
          }
    expect(service.auditEntries.slice(before)).toEqual([])
  })

  test('but a link leads to what it names, and our own pages show what they like', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    for (const headers of [link, own, typed, {}])
      expect((await service.ask('/audit-log.jsonl', { headers })).status).toBe(200)
    const image = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    expect((await service.ask('/healthz', { headers: image })).status).toBe(200)
  })
})

describe('another name for this machine (DNS rebinding)', () => {
  let plain: TestService
  afterEach(() => plain.close())
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const sent = httpRequest(`${plain.url}${path}`, { method, headers }, (response) => {
        response.resume()
        response.once('end', () => resolve(response.statusCode ?? 0))
      })
      sent.once('error', reject)
      sent.end()
    })

  test('is refused by every route, reading ones too', async () => {
    plain = await startTestService()
    const port = new URL(plain.url).port
    for (const name of ['rebound.example', '127.0.0.1.rebound.example', 'localhost.rebound.example', '[::ffff:7f00:1]'])
      for (const { verbs, path } of Object.values(routes) as Route[])
        for (const verb of verbs) {
          const host = `${name}:${port}`
          const headers = { ...basic(), host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }
          const at = filled(path).replace('{*path}', 'index.html')
          expect([host, verb, path, await ask(verb.toUpperCase(), at, headers)]).toEqual([host, verb, path, 403])
        }
  })

  test('is not let in by a second Host header', async () => {
    plain = await startTestService()
    const { host } = new URL(plain.url)
    // Two in one request are more than node:http sends; what an attacker puts on the line is in smuggling.test.ts.
    expect(await ask('GET', '/session', { ...basic(), host: `${host}, rebound.example` })).toBe(403)
  })
})

test('a sign-in cannot be forged either, so that nobody works in the account of somebody else', async () => {
  const body = `userName=olga&password=${encodeURIComponent(testPassword)}`
  const plain = await startTestService()
  try {
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ]) {
      const answer = await fetch(`${plain.url}/session`, {
        method: 'POST',
        headers: { ...formType, ...headers } as Record<string, string>,
        body,
      })
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null])
    }
  } finally {
    await plain.close()
  }
})
