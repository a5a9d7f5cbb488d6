import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAccountDirectory } from '../../src/adapters/directory/account-directory.ts'
import { organizationConfigIn } from '../../src/config/organization-schema.ts'
import { safeName } from '../../src/domain/archive/safe-name.ts'
import { type Route, routes } from '../../src/http/routes.ts'
import { basic, jsonType, startTestService, type TestService } from '../doubles/http-service.ts'
import { sendRaw, statusesIn } from '../doubles/raw-connection.ts'

const secret = 'what lies outside'
let folder: string
let service: TestService
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stillbox-paths-'))
  const web = join(folder, 'web')
  mkdirSync(join(web, 'assets'), { recursive: true })
  mkdirSync(join(web, '.git'))
  mkdirSync(join(folder, 'web-other'))
  for (const [name, text] of [
    ['secret.txt', secret],
    ['web-other/secret.txt', secret],
    ['web/.git/config', secret],
    ['web/.env', secret],
    ['web/index.html', '<!doctype html><title>the web</title>'],
    ['web/assets/main.js', 'script'],
  ] as const)
    writeFileSync(join(folder, name), text)
  service = await startTestService({ config: { webFolder: web } })
})
afterAll(async () => {
  await service.close()
  rmSync(folder, { recursive: true })
})

/** Ways to write `../`, as somebody may have decoded or not. */
const ups = [
  '../',
  '..%2f',
  '%2e%2e/',
  '%2e%2e%2f',
  '%252e%252e%252f',
  '%25252e%25252e%25252f',
  '..\\',
  '..%5c',
  '%2e%2e%5c',
  '..%255c',
  '....//',
  '..././',
  '..;/',
  '.%00./',
  '%c0%ae%c0%ae%c0%af',
  '%e0%80%ae%e0%80%ae/',
  '%uff0e%uff0e%u2215',
  '%ef%bc%8e%ef%bc%8e%ef%bc%8f',
  '..%c0%af',
  '..%c1%9c',
  '.%0d./',
  '/./../',
]
const targets = ['secret.txt', 'secret.txt%00.html', 'web-other/secret.txt', 'etc/passwd']
const paths = [
  ...ups.flatMap((up) => [1, 8].flatMap((times) => targets.map((target) => up.repeat(times) + target))),
  '%2fetc%2fpasswd',
  '//etc/passwd',
  'file:///etc/passwd',
  'C:%5cwindows%5cwin.ini',
  '..',
  '%2e%2e',
  '.git/config',
  '%2egit/config',
  '.env',
  '.env%00.js',
  '.env.',
  '.env::$DATA',
  'CON',
  'NUL.zip',
  'aux%2e',
  '~root',
  '$(id)',
  '|id',
]
const ask = (path: string): Promise<string> =>
  sendRaw(
    service.url,
    `GET ${path} HTTP/1.1\r\nHost: ${new URL(service.url).host}\r\nAuthorization: ${basic().authorization}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
  )
const look = async (prefixes: readonly string[]) => {
  const found: string[] = []
  const unexpected: string[] = []
  for (const prefix of prefixes)
    for (let at = 0; at < paths.length; at += 16)
      await Promise.all(
        paths.slice(at, at + 16).map(async (path) => {
          const answer = await ask(`${prefix}${path}`)
          if (answer.includes(secret) || /root:.*:0:0:/.test(answer)) found.push(`${prefix}${path}`)
          const [status] = statusesIn(answer)
          // A page of the interface is the answer to any address; it is the same for all.
          const isPage = status === 200 && answer.includes('<title>the web</title>')
          if (!isPage && ![400, 401, 404, 500].includes(status ?? 0)) unexpected.push(`${status} ${prefix}${path}`)
        }),
      )
  expect(found).toEqual([])
  expect(unexpected).toEqual([])
  expect(service.logText.filter((line) => line.includes('unexpected error'))).toEqual([])
}

describe('an address leads to no file but those of the web interface', () => {
  test('these it gives', async () => {
    expect(await ask('/assets/main.js')).toContain('script')
    expect(await ask('/snapshots/anything')).toContain('<title>the web</title>')
  })
  test('from the root', () => look(['/']))
  test('from the assets', () => look(['/assets/', '/assets%2f', '/assets/main.js/']))

  const parameters = (Object.values(routes) as Route[])
    .filter(({ path }) => path.includes(':'))
    .map(({ path }) => path.slice(0, path.indexOf(':')))
  test.each([...new Set(parameters)])('from the parameter behind %s', (prefix) => look([prefix]))
})

describe('what becomes part of a path is of a form that cannot lead away', () => {
  const names = [
    '..',
    '../x',
    '/x',
    'x/y',
    'x\\y',
    'x\0',
    '.',
    '',
    ' ',
    'CON',
    'x:y',
    '%2e%2e',
    'a'.repeat(64),
    'Ü',
    'x\n',
  ]
  test.each(names)('%j is no organization and no snapshot', async (name) => {
    const decoded = [name, decodeURIComponent(name)]
    for (const one of decoded) {
      expect(SnapshotId.safeParse(one).success).toBe(false)
      const organization = OrganizationId.safeParse(one)
      expect(organization.success ? organization.data : 'x').toMatch(/^[a-z0-9][a-z0-9-]*$/)
    }
    for (const [method, params] of [
      ['GetSnapshotInfo', { snapshotId: name }],
      ['DeleteSnapshot', { snapshotId: name }],
      ['CreateSnapshot', { organization: `../${name}`, userName: 'anna', type: ['calendar'] }],
      ['GetSnapshots', { organization: `../${name}` }],
    ] as const) {
      const calls = service.calls.length
      const response = await fetch(`${service.url}/JSON/Invoke/${method}`, {
        method: 'POST',
        headers: { ...basic(), ...jsonType },
        body: JSON.stringify(params),
      })
      expect([method, response.status, service.calls.length]).toEqual([method, 500, calls])
    }
  })

  test('an id in other spellings is one and the same', () => {
    const id = '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'
    expect(SnapshotId.parse(` ${id.toUpperCase()} `)).toBe(id)
    for (const other of [`{${id}}`, `urn:uuid:${id}`, id.replaceAll('-', ''), `${id}/`, `${id}.zip`])
      expect(SnapshotId.safeParse(other).success).toBe(false)
  })

  test.each([
    '../../x',
    '..\\..\\x',
    '/etc/passwd',
    'C:\\x',
    'a/../b',
    '.\u200b./x',
    '\uff0e\uff0e\uff0fx',
    'CON',
    'con.eml',
    'x\0.eml',
    'x. . .',
    '~',
    '\u202egpj.exe',
    'a\u0000/../b',
  ])('the name %j of a folder or subject becomes one plain segment', (name) => {
    const safe = safeName(name, 100)
    expect(safe).not.toMatch(/[/\\:\p{Cc}\p{Cf}]|^\.|[. ]$|^(con|nul)(\.|$)/iu)
  })
})

describe('a directory of users gives no path that leaves its folder', () => {
  const evil = [
    '../outside',
    '..',
    '.',
    '../../etc',
    '/etc',
    '..\\outside',
    'x/../../outside',
    'x/y',
    '.hidden',
    'x\0',
    '%2e%2e%2foutside',
    '..%2foutside',
    '{userName}/../..',
    '#{x}/../..',
    '~',
    'x\n..',
    '\ud800',
    '-rf',
  ]
  let root: string
  let directoryServer: Server
  let answer: unknown
  beforeAll(async () => {
    root = join(folder, 'mail')
    for (const path of [root, join(folder, 'outside'), join(root, 'x')]) mkdirSync(path, { recursive: true })
    // Names that are harmless folders are there, so that what resolves is seen and not only what is missing.
    for (const name of ['%2e%2e%2foutside', '..%2foutside', '~', '-rf'])
      mkdirSync(join(root, name), { recursive: true })
    directoryServer = createServer((_request, response) => response.end(JSON.stringify(answer)))
    await new Promise<void>((resolve) => directoryServer.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => new Promise((resolve) => directoryServer.close(resolve)))

  const resolvePath = async (directory: object, path: string, userName: string): Promise<string | null> => {
    const config = organizationConfigIn(folder).parse({
      organization: 'here',
      name: 'Here',
      directory,
      mail: { technology: 'directory', path },
    })
    const organization = OrganizationId.parse('here')
    try {
      const wanted = { organization, userName, types: ['mailbox'] as const, password: null }
      const [spec] = await createAccountDirectory([config]).resolve(wanted, AbortSignal.timeout(5_000))
      return spec?.technology === 'directory' ? spec.path : null
    } catch {
      return null
    }
  }
  const expectInside = (path: string | null) => {
    if (path !== null)
      expect([path, path.startsWith(root + sep) && !path.split(sep).includes('..')]).toEqual([path, true])
  }

  test.each(evil)('by the user name %j', async (userName) => {
    expectInside(await resolvePath({ type: 'pattern', login: '{userName}' }, 'mail/{userName}', userName))
    expectInside(await resolvePath({ type: 'pattern', login: '{userName}' }, 'mail/{login}', userName))
  })

  test.each(evil)('by the login %j of a CSV file', async (login) => {
    writeFileSync(join(folder, 'users.csv'), `userName,login,mail\nanna,"${login}","${login}"\n`)
    for (const path of ['mail/{login}', 'mail/{mail}'])
      expectInside(await resolvePath({ type: 'csv', file: 'users.csv' }, path, 'anna'))
  })

  test.each(evil)('by the answer %j of an HTTP directory', async (value) => {
    answer = { anna: { uid: value, cid: value } }
    const { port } = directoryServer.address() as AddressInfo
    const directory = { type: 'http', url: `http://127.0.0.1:${port}/{userName}`, login: '{uid}@{cid}' }
    for (const path of ['mail/{uid}', 'mail/{cid}/{uid}', 'mail/{login}'])
      expectInside(await resolvePath(directory, path, 'anna'))
  })

  test('a good name still has its folder', async () => {
    expect(await resolvePath({ type: 'pattern', login: '{userName}' }, 'mail/{userName}', 'x')).toBe(join(root, 'x'))
  })
})
