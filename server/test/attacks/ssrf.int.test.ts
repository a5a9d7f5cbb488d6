import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDavSource } from '../../src/adapters/dav/dav-source.ts'
import { createAccountDirectory } from '../../src/adapters/directory/account-directory.ts'
import { fetchAccessToken } from '../../src/adapters/imap/access-token.ts'
import { openImapSource } from '../../src/adapters/imap/imap-source.ts'
import { organizationConfigIn } from '../../src/config/organization-schema.ts'
import type { SourceSpec } from '../../src/ports/source.ts'

/** Stands for what only the service itself can reach: whoever connects to it has been led there. */
let canary: Server
let canaryUrl: string
let canaryHost: string
let reached = 0
let folder: string
const others: { close(): Promise<void> }[] = []
const signal = () => AbortSignal.timeout(10_000)

beforeAll(async () => {
  canary = createHttpServer((_request, response) => response.end('{}'))
  canary.on('connection', () => reached++)
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  canaryHost = `127.0.0.1:${(canary.address() as AddressInfo).port}`
  canaryUrl = `http://${canaryHost}`
  folder = mkdtempSync(join(tmpdir(), 'stillbox-ssrf-'))
})
beforeEach(() => {
  reached = 0
})
afterAll(async () => {
  for (const other of others) await other.close()
  await new Promise((resolve) => canary.close(resolve))
  rmSync(folder, { recursive: true })
})

const serve = async (answer: RequestListener): Promise<string> => {
  const server = createHttpServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  others.push({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const resolveAt = async (config: object, userName: string, types: readonly SnapshotType[] = ['mailbox']) => {
  const parsed = organizationConfigIn(folder).parse({ organization: 'here', name: 'Here', ...config })
  const organization = OrganizationId.parse('here')
  return createAccountDirectory([parsed]).resolve({ organization, userName, types, password: 'secret' }, signal())
}
const hostOf = (spec: SourceSpec | undefined): string | null => {
  if (spec?.technology === 'imap') return spec.host
  return spec?.technology === 'dav' ? new URL(spec.url).host : null
}

/** Names that name a server: of this machine, of its neighbours, of the cloud it may run in. */
const names = () => [
  canaryUrl,
  `anna@${canaryHost}`,
  `@${canaryHost}`,
  `@${canaryHost}/x`,
  `//${canaryHost}/`,
  `\\\\${canaryHost}\\x`,
  `x@127.0.0.1`,
  'x@[::1]',
  'x@localhost',
  'x@169.254.169.254',
  'http://169.254.169.254/latest/meta-data/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:25/x',
  `anna?@${canaryHost}`,
  `anna#@${canaryHost}`,
  `anna:x@${canaryHost}`,
  `anna%40${canaryHost}`,
  `anna\t@${canaryHost}`,
  '0x7f000001',
  '2130706433',
  '{login}',
]

const imap = { technology: 'imap', host: 'imap.example.org' }
const dav = { technology: 'dav', url: 'https://dav.example.org/cal/{login}/' }

/** Where archives are delivered to is chosen by callers; a rule of its own looks at each address of that host. */
const aboutDestinations = /Destination|HostKeys/

test('no method takes the name of a server: where a source lies is for the configuration alone', () => {
  const fields = methodNames
    .filter((name) => !aboutDestinations.test(name))
    .flatMap((name) => Object.keys(methods[name].params.shape).map((field) => `${name}.${field}`))
  expect(
    fields.filter((field) => /host|url|uri|server|port$|address$|endpoint|callback|redirect|proxy/i.test(field)),
  ).toEqual([])
})

test('whoever were led to what stands for the inside would be seen there', async () => {
  await fetch(canaryUrl)
  expect(reached).toBe(1)
})

describe('the server of a source stays the configured one', () => {
  test('whatever a caller enters as the user', async () => {
    const pattern = { type: 'pattern', login: '{userName}' }
    let resolved = 0
    for (const name of names())
      for (const [source, type, host] of [
        [{ mail: imap }, 'mailbox', 'imap.example.org'],
        [{ mail: imap, calendar: dav }, 'calendar', 'dav.example.org'],
        [{ calendar: { ...dav, url: 'https://dav.example.org/{userName}' } }, 'calendar', 'dav.example.org'],
        [{ calendar: { ...dav, url: 'https://dav.example.org/?user={userName}' } }, 'calendar', 'dav.example.org'],
      ] as const) {
        const specs = await resolveAt({ directory: pattern, ...source }, name, [type]).catch(() => [])
        if (specs.length === 0) continue
        resolved++
        expect([name, hostOf(specs[0])]).toEqual([name, host])
      }
    expect(resolved).toBeGreaterThan(40)
  })

  test('whatever a CSV file says of the user', async () => {
    let resolved = 0
    for (const name of names().filter((one) => !/["\t]/.test(one))) {
      writeFileSync(join(folder, 'users.csv'), `userName,login,mail\nanna,"${name}","${name}"\n`)
      const directory = { type: 'csv', file: 'users.csv' }
      for (const url of ['https://dav.example.org/{login}/', 'https://dav.example.org/{mail}']) {
        const specs = await resolveAt({ directory, calendar: { ...dav, url } }, 'anna', ['calendar']).catch(() => [])
        if (specs.length === 0) continue
        resolved++
        expect([name, hostOf(specs[0])]).toEqual([name, 'dav.example.org'])
      }
    }
    expect(resolved).toBeGreaterThan(20)
  })

  test('whatever an HTTP directory answers', async () => {
    let answer: unknown
    const url = await serve((_request, response) => response.end(JSON.stringify(answer)))
    const directory = { type: 'http', url: `${url}/{userName}`, login: '{uid}@{cid}' }
    let resolved = 0
    for (const name of names()) {
      // With everything in it that might be taken for a place to go to.
      answer = { anna: { uid: name, cid: name, host: canaryHost, server: canaryUrl, url: canaryUrl, imap: canaryHost } }
      for (const path of ['{login}', '{uid}/{cid}', '?u={mail}']) {
        const calendar = { ...dav, url: `https://dav.example.org/${path}` }
        const specs = await resolveAt({ directory, calendar }, 'anna', ['calendar']).catch(() => [])
        if (specs.length === 0) continue
        resolved++
        expect([name, hostOf(specs[0])]).toEqual([name, 'dav.example.org'])
      }
    }
    expect(resolved).toBeGreaterThan(20)
    expect(reached).toBe(0)
  })

  test.each([
    'https://{userName}/',
    'https://{userName}.example.org/',
    'https://dav.{userName}/',
    'https://dav.example.org:{userName}/',
    'https://dav.example.org{userName}/',
    'https://{userName}@dav.example.org/',
    'https://{userName}:x@dav.example.org/',
    '{userName}',
    '{userName}://dav.example.org/',
    'https:{userName}',
    'https:/{userName}/x',
    'file:///{userName}',
  ])('as a configuration cannot leave it to a name: %s', (url) => {
    const parsed = organizationConfigIn(folder).safeParse({
      organization: 'here',
      name: 'Here',
      directory: { type: 'pattern', login: '{userName}' },
      calendar: { ...dav, url },
    })
    expect(parsed.success).toBe(false)
  })

  test('also for the name of an IMAP host, which knows no placeholders', async () => {
    const config = { directory: { type: 'pattern', login: '{userName}' }, mail: { ...imap, host: '{userName}' } }
    const specs = await resolveAt(config, canaryHost).catch(() => [])
    for (const spec of specs) expect(hostOf(spec)).toBe('{userName}')
  })
})

describe('a server that was asked leads nowhere else', () => {
  test('a directory that redirects', async () => {
    for (const status of [301, 302, 303, 307, 308, 300]) {
      const url = await serve((_request, response) => response.writeHead(status, { location: `${canaryUrl}/x` }).end())
      const directory = { type: 'http', url: `${url}/{userName}`, userName: 'stillbox', password: 'secret' }
      await expect(resolveAt({ directory, mail: imap }, 'anna')).rejects.toMatchObject({
        code: 'directory_unreachable',
      })
    }
    expect(reached).toBe(0)
  })

  test('an endpoint for access tokens that redirects, with the secret of the service', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await serve((_request, response) => response.writeHead(status, { location: `${canaryUrl}/x` }).end())
      const endpoint = { url, clientId: 'stillbox', clientSecret: 'secret', parameters: {} }
      await expect(fetchAccessToken(endpoint, 'anna', 2_000, signal())).rejects.toMatchObject({
        code: 'source_unreachable',
      })
    }
    expect(reached).toBe(0)
  })

  const davSpec = (url: string): Extract<SourceSpec, { technology: 'dav' }> => ({
    technology: 'dav',
    kind: 'calendar',
    url: `${url}/dav/`,
    auth: { method: 'password', userName: 'anna', password: 'secret' },
    timeoutMs: 2_000,
  })
  const multistatus = (properties: string, href = '/dav/') =>
    `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>${href}</d:href><d:propstat><d:prop>${properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>`
  const tryDav = async (answer: RequestListener) => {
    const source = await openDavSource(davSpec(await serve(answer)), signal()).catch(() => null)
    try {
      for (const found of (await source?.folders(signal())) ?? []) await source?.list(found, signal()).catch(() => null)
    } catch {
      // That it fails is right; where it went is what is asked here.
    } finally {
      await source?.close()
    }
  }

  test.each([
    [
      'redirects every request',
      (): RequestListener => (_request, response) => response.writeHead(302, { location: `${canaryUrl}/x` }).end(),
    ],
    [
      'redirects from the well-known address only',
      (): RequestListener => (request, response) =>
        request.url?.startsWith('/.well-known')
          ? response.writeHead(301, { location: `${canaryUrl}/x` }).end()
          : response.writeHead(404).end(),
    ],
    [
      'names a principal elsewhere',
      (): RequestListener => (_request, response) =>
        response
          .writeHead(207, { 'content-type': 'application/xml' })
          .end(multistatus(`<d:current-user-principal><d:href>${canaryUrl}/p/</d:href></d:current-user-principal>`)),
    ],
    [
      'names a home set elsewhere',
      (): RequestListener => (_request, response) =>
        response
          .writeHead(207, { 'content-type': 'application/xml' })
          .end(multistatus(`<c:calendar-home-set><d:href>${canaryUrl}/h/</d:href></c:calendar-home-set>`)),
    ],
    [
      'names a collection elsewhere',
      (): RequestListener => (_request, response) =>
        response
          .writeHead(207, { 'content-type': 'application/xml' })
          .end(multistatus('<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>', `${canaryUrl}/c/`)),
    ],
    [
      'names one elsewhere without a scheme',
      (): RequestListener => (_request, response) =>
        response
          .writeHead(207, { 'content-type': 'application/xml' })
          .end(multistatus('<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>', `//${canaryHost}/c/`)),
    ],
    [
      'names an entity elsewhere',
      (): RequestListener => (_request, response) =>
        response
          .writeHead(207, { 'content-type': 'application/xml' })
          .end(
            `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY % x SYSTEM "${canaryUrl}/dtd">%x;<!ENTITY y SYSTEM "${canaryUrl}/y">]><d:multistatus xmlns:d="DAV:">&y;</d:multistatus>`,
          ),
    ],
  ])('a calendar server that %s', async (_, answer) => {
    await tryDav(answer())
    expect(reached).toBe(0)
  })

  test('a mail server that refers to another (RFC 2221, RFC 2193)', async () => {
    const refer = `[REFERRAL imap://anna@${canaryHost}/] go there`
    let asked = 0
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.write(`* OK [REFERRAL imap://${canaryHost}/] hello\r\n`)
      socket.on('data', (data) => {
        for (const line of data.toString('latin1').split('\r\n').filter(Boolean)) {
          const [tag, command] = line.split(' ')
          asked++
          if (command?.toUpperCase() === 'CAPABILITY')
            socket.write(`* CAPABILITY IMAP4rev1 LOGIN-REFERRALS MAILBOX-REFERRALS\r\n${tag} OK done\r\n`)
          else if (command !== undefined) socket.write(`${tag} NO ${refer}\r\n`)
        }
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const spec: Extract<SourceSpec, { technology: 'imap' }> = {
      technology: 'imap',
      kind: 'mail',
      host: '127.0.0.1',
      port,
      tls: { mode: 'none' },
      auth: { method: 'password', userName: 'anna', password: 'secret' },
      compress: false,
      timeoutMs: 2_000,
      plainFetch: false,
    }
    await expect(openImapSource(spec, signal())).rejects.toMatchObject({ code: expect.stringMatching(/^source_/) })
    expect([asked > 0, reached]).toEqual([true, 0])
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
})

test('a source on disk is that of the configuration too, and no address', async () => {
  mkdirSync(join(folder, 'mail/anna'), { recursive: true })
  const config = {
    directory: { type: 'pattern', login: '{userName}' },
    mail: { technology: 'directory', path: 'mail/{userName}' },
  }
  expect(await resolveAt(config, 'anna')).toMatchObject([{ path: join(folder, 'mail/anna') }])
  for (const name of names()) expect(await resolveAt(config, name).catch(() => null)).toBe(null)
})
