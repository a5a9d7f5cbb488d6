import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type OpenTls, openTls } from '../../src/adapters/tls/open-tls.ts'
import { type CertificateMapping, createCertificateAccount } from '../../src/domain/account/certificate-account.ts'
import { createHelpApp } from '../../src/http/create-help-app.ts'
import { listen } from '../../src/http/listen.ts'
import { needs } from '../../testkit/servers/needs.ts'
import {
  askTls,
  dayMs,
  fingerprintOf,
  hourMs,
  makeAuthority,
  makeList,
  makePerson,
  makeServer,
  type TlsAsk,
  writeInto,
} from '../doubles/certificates.ts'
import { basic, formType, jsonType, startTestService, type TestService } from '../doubles/http-service.ts'

const past = { fromMs: Date.now() - 3 * dayMs, toMs: Date.now() - dayMs }
const future = { fromMs: Date.now() + dayMs, toMs: Date.now() + 3 * dayMs }

const makeAll = () => {
  const authority = makeAuthority('People')
  const foreign = makeAuthority('People')
  return {
    authority,
    server: makeServer(authority),
    john: makePerson(authority, 'John, Doe', { email: 'johndoe@example.org' }),
    olga: makePerson(authority, 'olga', { email: 'olga' }),
    stranger: makePerson(foreign, 'John, Doe', { email: 'johndoe@example.org' }),
    expired: makePerson(authority, 'expired', past),
    early: makePerson(authority, 'early', future),
    revoked: makePerson(authority, 'revoked'),
    unmapped: makePerson(authority, '<b>nobody</b>'),
    foreign,
  }
}

let made: ReturnType<typeof makeAll>
let folder: string
let files: Record<'server.crt' | 'server.key' | 'ca.crt' | 'ca.crl', string>
beforeAll(() => {
  made = makeAll()
  folder = mkdtempSync(join(tmpdir(), 'stillbox-tls-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

let service: TestService | undefined
let tls: OpenTls | undefined
afterEach(async () => {
  await service?.close()
  tls?.close()
  service = undefined
})

type Start = Partial<CertificateMapping> & {
  readonly isRequired?: boolean
  readonly now?: () => Date
  readonly onReload?: (problems: readonly string[]) => void
  /** Other authorities of people, PEM, without a list. */
  readonly ca?: string
}

const start = async (options: Start = {}) => {
  const { isRequired = true, now = () => new Date(), onReload = () => {}, ca, ...mapping } = options
  const { authority, server, revoked, john, olga, expired, early } = made
  files = writeInto(folder, {
    'server.crt': server.cert,
    'server.key': server.key,
    'ca.crt': ca ?? authority.cert,
    'ca.crl': makeList(authority, [revoked]),
  })
  const rules = {
    mapping: 'fingerprint' as const,
    accounts: [john, expired, early, revoked, made.stranger]
      .map((one) => ({ certificate: fingerprintOf(one), userName: 'johndoe' }))
      .concat({ certificate: fingerprintOf(olga).replaceAll(':', '').toLowerCase(), userName: 'olga' }),
    ...mapping,
  }
  const { opened, problems } = openTls(
    {
      tls: { certFile: files['server.crt'], keyFile: files['server.key'], minVersion: 'TLSv1.2' },
      clientCertificates: {
        caFile: files['ca.crt'],
        ...(ca === undefined ? { crlFile: files['ca.crl'] } : {}),
        required: isRequired,
        contact: '',
        ...rules,
        accounts: [...rules.accounts],
      },
    },
    { clock: { now }, onReload, pollMs: 50 },
  )
  expect(problems).toEqual([])
  tls = opened!
  service = await startTestService({
    config: { isTls: true },
    listen: { tls: tls.server },
    certificates: (accounts) => ({
      certificates: tls!.clientCertificates!,
      accountOf: createCertificateAccount({ accounts }, rules),
      isRequired,
      contact: 'Help desk <extension 100>',
    }),
  })
  const { url } = service
  return (path: string, ask?: TlsAsk) => askTls(`${url}${path}`, authority, ask)
}

const html = { accept: 'text/html,application/xhtml+xml' }

describe('without a certificate', () => {
  test('a browser gets a page that tells how to get one, without a script', async () => {
    const ask = await start()
    for (const path of ['/', '/snapshots/new', '/methods']) {
      const page = await ask(path, { headers: html })
      expect([path, page.status, page.headers['content-type']]).toEqual([path, 403, 'text/html; charset=utf-8'])
      expect(page.body).toContain('Your browser sent no certificate')
      expect(page.body).toContain('Help desk &lt;extension 100&gt;')
      expect(page.body).not.toMatch(/<script|style=/)
      expect(page.headers['content-security-policy']).toContain("default-src 'none'")
      expect(page.headers.connection).toBe('close')
    }
    expect(await ask('/certificate-help', { headers: html })).toMatchObject({ status: 200 })
    const style = await ask('/certificate-help.css')
    expect([style.status, style.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8'])
  })

  test('a program gets an error in the form of its protocol', async () => {
    const ask = await start()
    const body = '{"jsonrpc":"2.0","id":1,"method":"GetServerInfo"}'
    const rpc = await ask('/rpc', { method: 'POST', headers: { ...jsonType, ...basic() }, body })
    expect(rpc.status).toBe(403)
    expect(JSON.parse(rpc.body).error.data.code).toBe('certificate_required')
    for (const path of ['/JSON/Invoke/GetServerInfo', '/XML/Invoke/GetServerInfo']) {
      const invoke = await ask(path, { method: 'POST', headers: basic() })
      expect([invoke.status, invoke.headers['content-type']]).toEqual([403, 'text/plain; charset=utf-8'])
      expect(invoke.body).toMatch(/^This service is open to holders of its client certificates only/)
    }
    expect(JSON.parse((await ask('/session')).body).code).toBe('certificate_required')
    expect(service!.calls).toEqual([])
  })

  test.each(['/assets/main-abc123.js', '/index.html', '/download/x', '/metadata.json', '/openapi.json', '/healthz/'])(
    '%s is out of reach',
    async (path) => {
      expect((await (await start())(path)).status).toBe(403)
    },
  )

  test('a load balancer still sees whether the service can work', async () => {
    expect(await (await start())('/healthz')).toMatchObject({ status: 200, body: 'ok\n' })
  })
})

describe('a certificate that does not count', () => {
  test.each([
    ['stranger', 'not one of this service’s', 'not issued by an authority'],
    ['expired', 'has expired', 'it has expired'],
    ['early', 'is not valid yet', 'not valid yet'],
    ['revoked', 'has been revoked', 'it has been revoked'],
    ['server', 'not one of this service’s', 'not issued by an authority'],
  ] as const)('%s', async (name, heading, reason) => {
    const ask = await start()
    const page = await ask('/', { by: made[name], headers: html })
    expect(page.status).toBe(403)
    expect(page.body).toContain(heading)
    const call = await ask('/JSON/Invoke/GetServerInfo', { method: 'POST', by: made[name], headers: basic() })
    expect([call.status, call.body]).toEqual([403, expect.stringContaining(reason)])
    expect(service!.calls).toEqual([])
  })

  test('one without an account is shown with what the administrator needs to map it', async () => {
    const ask = await start()
    const page = await ask('/', { by: made.unmapped, headers: html })
    expect(page.status).toBe(403)
    expect(page.body).toContain(fingerprintOf(made.unmapped))
    expect(page.body).toContain('CN=\\&lt;b\\&gt;nobody\\&lt;/b\\&gt;')
    const call = await ask('/session', { by: made.unmapped })
    expect(JSON.parse(call.body)).toMatchObject({
      code: 'certificate_unmapped',
      details: { fingerprint: fingerprintOf(made.unmapped) },
    })
  })

  test('a resumed connection is looked at anew', async () => {
    const ask = await start()
    const { port, hostname } = new URL(service!.url)
    const open = (session?: Buffer) =>
      new Promise<{ socket: TLSSocket; status: number; session: Buffer }>((resolve, reject) => {
        let kept: Buffer | undefined
        const { cert, key } = made.john
        const socket = connect(
          { port: Number(port), host: hostname, ca: made.authority.cert, cert, key, ...(session ? { session } : {}) },
          () => socket.write('GET /session HTTP/1.1\r\nHost: localhost\r\n\r\n'),
        )
        socket.on('session', (given) => {
          kept = given
        })
        socket.on('error', reject)
        socket.once('data', (data: Buffer) =>
          resolve({ socket, status: Number(/ (\d{3}) /.exec(data.toString('latin1'))?.[1]), session: kept! }),
        )
      })
    const first = await open()
    first.socket.destroy()
    const second = await open(first.session)
    expect([first.status, second.status, second.socket.isSessionReused()]).toEqual([200, 200, true])
    second.socket.destroy()

    // The revocation alone is read again; the connection's secrets would still be good.
    const list = makeList(made.authority, [made.john])
    writeFileSync(files['ca.crl'], list)
    tls!.reload()
    const third = await open(first.session)
    expect(third.status).toBe(403)
    third.socket.destroy()
    expect((await ask('/session', { by: made.olga })).status).toBe(200)
  })

  test('when the list runs out of date nobody gets in, and is told why', async () => {
    let nowMs = Date.now()
    const ask = await start({ now: () => new Date(nowMs) })
    expect((await ask('/session', { by: made.john })).status).toBe(200)
    nowMs += dayMs + hourMs
    const refused = await ask('/session', { by: made.john })
    expect(JSON.parse(refused.body).message).toContain('the list of revoked certificates is out of date')
  })
})

describe('a certificate that counts', () => {
  test('signs in without a password, and tells about itself', async () => {
    const ask = await start()
    const { status, body } = await ask('/session', { by: made.john })
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      userName: 'johndoe',
      certificate: {
        subject: 'CN=John\\, Doe',
        fingerprint: fingerprintOf(made.john),
        validTo: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/),
      },
    })
    const call = await ask('/JSON/Invoke/GetServerInfo', { method: 'POST', by: made.john })
    expect(call.status).toBe(200)
    expect(service!.calls).toEqual([expect.objectContaining({ method: 'GetServerInfo', caller: 'johndoe' })])
  })

  test('has the rights of its account and no others', async () => {
    const ask = await start()
    const invoke = (method: string) => ask(`/JSON/Invoke/${method}`, { method: 'POST', by: made.olga })
    expect((await invoke('GetSnapshots')).status).toBe(200)
    expect((await invoke('RebuildStoreIndex')).status).toBe(403)
  })

  test('lends its way in to no other account', async () => {
    const ask = await start()
    const invoke = (userName: string, password?: string) =>
      ask('/JSON/Invoke/GetServerInfo', { method: 'POST', by: made.john, headers: basic(userName, password) })
    expect((await invoke('JohnDoe')).status).toBe(200)
    expect((await invoke('olga')).status).toBe(403)
    expect((await invoke('johndoe', 'wrong')).status).toBe(401)
    const body = JSON.stringify({ userName: 'olga', password: 'correct horse battery' })
    const signIn = await ask('/session', { method: 'POST', by: made.john, headers: jsonType, body })
    expect([signIn.status, signIn.headers['set-cookie']]).toEqual([403, undefined])
    expect(JSON.parse(signIn.body).code).toBe('certificate_other_account')
  })

  test.each([
    ['subject', 'CN=John\\, Doe', 'johndoe'],
    ['subject', ' cn = John, Doe', null],
    ['subject', 'CN = John\\, Doe', 'johndoe'],
    ['email', 'JohnDoe@Example.org', 'johndoe'],
    ['email', 'other@example.org', null],
  ] as const)('by its %s, written %s: %s', async (mapping, certificate, userName) => {
    const ask = await start({ mapping, accounts: [{ certificate, userName: 'johndoe' }] })
    const { status, body } = await ask('/session', { by: made.john })
    expect([status, JSON.parse(body).userName ?? null]).toEqual([userName === null ? 403 : 200, userName])
  })

  test('by its e-mail address finds the account of that name without an entry', async () => {
    const ask = await start({ mapping: 'email', accounts: [] })
    expect(JSON.parse((await ask('/session', { by: made.olga })).body)).toMatchObject({ userName: 'olga' })
    expect((await ask('/session', { by: made.john })).status).toBe(403)
  })
})

describe.skipIf(!needs('openssl'))('authorities below a root', () => {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  beforeAll(() => {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
    const authorityOf = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n'
    writeInto(folder, { 'authority.ext': authorityOf, 'person.ext': 'extendedKeyUsage=clientAuth\n' })
    openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', '/CN=Root'],
      ...['-keyout', 'root.key', '-out', 'root.crt'],
    )
    for (const [name, issuer, kind] of [
      ['support', 'root', 'authority'],
      ['sales', 'root', 'authority'],
      ['mary', 'support', 'person'],
      ['bob', 'sales', 'person'],
      // Issued by somebody who may not issue.
      ['mallory', 'mary', 'person'],
    ] as const) {
      openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', 'csr')
      openssl(
        ...['x509', '-req', '-in', 'csr', '-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`, '-CAcreateserial'],
        ...['-days', '9', '-extfile', `${kind}.ext`, '-out', `${name}.crt`],
      )
    }
  })
  const person = (name: string, ...between: string[]) => ({
    cert: [name, ...between].map((one) => read(`${one}.crt`)).join(''),
    key: read(`${name}.key`),
  })

  test.each([
    ['support alone', ['support'], { mary: 200, bob: 403, mallory: 403 }],
    ['all of the root', ['root', 'support', 'sales'], { mary: 200, bob: 200, mallory: 403 }],
    ['the root without those below', ['root'], { mary: 403, bob: 403, mallory: 403 }],
  ])('%s', async (_, authorities, expected) => {
    const accounts = ['mary', 'bob', 'mallory'].map((name) => ({ certificate: `CN=${name}`, userName: 'olga' }))
    const ask = await start({ ca: authorities.map((one) => read(`${one}.crt`)).join(''), mapping: 'subject', accounts })
    const statusOf = async (name: string, ...between: string[]) =>
      (await ask('/session', { by: person(name, ...between) })).status
    expect({
      mary: await statusOf('mary', 'support'),
      bob: await statusOf('bob', 'sales'),
      mallory: await statusOf('mallory', 'mary', 'support'),
    }).toEqual(expected)
  })
})

describe('what another site makes a browser send', () => {
  const form = { method: 'POST', headers: formType, body: 'userName=olga' }
  test.each([
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: 'https://other.localhost' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'user-agent': 'Mozilla/5.0 (old)' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ origin: 'OWN' }, 200],
    [{ 'user-agent': 'curl/8.0' }, 200],
  ])('%j: %i', async (headers: Record<string, string>, status) => {
    const ask = await start()
    const origin = headers.origin === 'OWN' ? { origin: service!.url } : {}
    const answer = await ask('/JSON/Invoke/GetUserInfo', {
      ...form,
      by: made.john,
      headers: { ...formType, ...headers, ...origin },
    })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.body).toMatch(/came from another web site/)
  })
})

test('https alone is spoken from then on, and cookies keep to it', async () => {
  const ask = await start({ isRequired: false })
  expect((await ask('/healthz')).headers['strict-transport-security']).toBe('max-age=31536000')
  const body = JSON.stringify({ userName: 'olga', password: 'correct horse battery' })
  const { status, headers } = await ask('/session', { method: 'POST', headers: jsonType, body })
  expect(status).toBe(200)
  expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-stillbox=.*; Secure$/)])
})

test('where it is not required, it is one way to sign in; a bad one is refused all the same', async () => {
  const ask = await start({ isRequired: false })
  expect((await ask('/session')).status).toBe(401)
  expect(JSON.parse((await ask('/session', { headers: basic() })).body)).toMatchObject({ certificate: null })
  expect(JSON.parse((await ask('/session', { by: made.john })).body)).toMatchObject({ userName: 'johndoe' })
  expect((await ask('/session', { by: made.revoked, headers: basic() })).status).toBe(403)
})

test('a sign-out by a browser that shows a certificate ends the session of its cookie, too', async () => {
  const ask = await start({ isRequired: false })
  const body = JSON.stringify({ userName: 'johndoe', password: 'correct horse battery' })
  const signIn = await ask('/session', { method: 'POST', headers: jsonType, body })
  const cookie = signIn.headers['set-cookie']![0]!.split(';')[0]!
  expect((await ask('/session', { headers: { cookie } })).status).toBe(200)
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  expect((await ask('/session', { method: 'DELETE', by: made.john, headers })).status).toBe(204)
  expect((await ask('/session', { headers: { cookie } })).status).toBe(401)
})

describe('renewal', () => {
  const reloaded = () => {
    let hear: (problems: readonly string[]) => void = () => {}
    const next = () =>
      new Promise<readonly string[]>((resolve) => {
        hear = resolve
      })
    return { next, onReload: (problems: readonly string[]) => hear(problems) }
  }

  test('a new certificate is served without a restart, and a revocation ends a connection that is open', async () => {
    const { next, onReload } = reloaded()
    const ask = await start({ onReload })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    try {
      const before = await ask('/session', { by: made.john, agent })
      expect([before.status, before.serverFingerprint]).toEqual([200, fingerprintOf(made.server)])
      const renewed = makeServer(made.authority, { hosts: ['127.0.0.1'] })
      // As a tool would: one file after the other, so that for a moment they do not belong together.
      const first = next()
      writeFileSync(files['server.key'], renewed.key)
      expect(await first).toEqual([expect.stringContaining('is not the key of the certificate')])
      expect((await ask('/healthz')).serverFingerprint).toBe(fingerprintOf(made.server))
      const second = next()
      writeFileSync(files['server.crt'], renewed.cert)
      expect(await second).toEqual([])
      expect((await ask('/healthz')).serverFingerprint).toBe(fingerprintOf(renewed))

      expect((await ask('/session', { by: made.john, agent })).status).toBe(200)
      const third = next()
      writeFileSync(files['ca.crl'], makeList(made.authority, [made.john]))
      expect(await third).toEqual([])
      expect((await ask('/session', { by: made.john, agent })).status).toBe(403)
    } finally {
      agent.destroy()
    }
  })
})

test('the help listens where no certificate is asked for, and knows nothing else', async () => {
  await start()
  const app = createHelpApp({ contact: 'Help desk', publicUrl: null, servicePort: 8462 })
  const help = await listen(app, { host: '127.0.0.1', port: 0, tls: tls!.server, asksForCertificates: false })
  try {
    for (const path of ['/', '/session', '/download/x']) {
      const page = await askTls(`${help.url}${path}`, made.authority, { by: made.stranger })
      expect([path, page.status]).toEqual([path, 200])
      expect(page.body).toContain('How to get in with a certificate')
      expect(page.body).toContain('href="https://127.0.0.1:8462"')
    }
    const foreign = await askTls(help.url, made.authority, {
      headers: { host: 'x" onclick="y' },
      more: { servername: 'localhost' },
    })
    expect(foreign.body).not.toContain('onclick')
    expect((await askTls(`${help.url}/rpc`, made.authority, { method: 'POST' })).status).toBe(405)
  } finally {
    await help.close()
  }
})
