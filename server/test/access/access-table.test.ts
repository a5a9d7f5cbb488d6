import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import { type MethodName, methodNames, methods, type ParamsInput } from '@stillbox/shared/contract/registry.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { compose, type Service } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { type Kind, kinds, type Verdict, verdictOf } from '../../src/domain/access/access-table.ts'
import { type Listening, listen } from '../../src/http/listen.ts'
import { type Route, type RouteName, routes } from '../../src/http/routes.ts'
import { placeCluster } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { basic } from '../doubles/http-service.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const organizations = ['here', 'elsewhere'].map((organization) => ({
  organization,
  name: organization,
  directory: { type: 'pattern', login: '{userName}' },
  mail: { technology: 'imap', host: 'imap.example.org' },
}))
const password = 'a password for everybody'
const range = { start: '2026-01-01', end: '2026-02-01' }

let folder: Awaited<ReturnType<typeof ownFolder>>
let service: Service
let server: Listening

const nameOf = ({ name }: Kind): string => name.replace(' ', '-')
const credentialsOf = (kind: Kind): Record<string, string> => (kind.role === null ? {} : basic(nameOf(kind), password))

type Params = Readonly<Record<string, unknown>>
/** What came of a call; `done` is everything that was let through, be it that the call then failed. */
type Outcome = 'done' | 'not signed in' | 'forbidden' | 'hidden'

const outcomeOf = (status: number, text: string): Outcome => {
  if (status === 200) return 'done'
  if (/no (snapshot|account|status|destination) (with this id|for this token)|there is no organization/.test(text))
    return 'hidden'
  if (status === 401) return 'not signed in'
  return status === 403 ? 'forbidden' : 'done'
}

const protocols = {
  form: async (method: string, params: Params, headers: Record<string, string>) => {
    const fields = Object.entries(params).map(([name, value]): [string, string] => [
      name,
      typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : String(value),
    ])
    const response = await fetch(`${server.url}/JSON/Invoke/${method}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields),
    })
    return { status: response.status, text: await response.text() }
  },
  JSON: async (method: string, params: Params, headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/JSON/Invoke/${method}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(params),
    })
    return { status: response.status, text: await response.text() }
  },
  'JSON-RPC': async (method: string, params: Params, headers: Record<string, string>) => {
    const response = await fetch(`${server.url}/rpc`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const { result, error } = (await response.json()) as {
      result?: unknown
      error?: { code: number; message: string }
    }
    return { status: error?.code ?? 200, text: error?.message ?? JSON.stringify(result) }
  },
} as const
type Protocol = keyof typeof protocols

const administrator = () => basic('administrator', password)
const asAdministrator = async <N extends MethodName>(method: N, params: ParamsInput<N>): Promise<Params> => {
  const { status, text } = await protocols.JSON(method, params as Params, administrator())
  if (status !== 200) throw new Error(`${method}: ${text}`)
  return JSON.parse(text) as Params
}

let made = 0
/** A snapshot of the organization `here`. */
const someSnapshot = async (): Promise<Params> => {
  const params = { organization: 'here', userName: 'anna', type: ['mailbox' as const], ...range }
  const { snapshotId } = await asAdministrator('CreateSnapshot', params)
  return { snapshotId }
}
/** An account of the organization `here`. */
const someUser = async (): Promise<Params> => {
  const userName = `user${++made}`
  await asAdministrator('CreateUser', { userName, privileges: 'operator', organizations: ['here'] })
  return { userName }
}
/** A destination for snapshots of the organization `here`; its host is none, so that nothing is connected to. */
const destinationParams = () => ({
  ...{ name: `destination ${++made}`, protocol: 'sftp' as const, host: 'destination.invalid', username: 'stillbox' },
  hostKeyFingerprints: [`SHA256:${'A'.repeat(43)}`],
  organizations: ['here'],
})
const someDestination = async (): Promise<Params> => {
  const { destinationId } = await asAdministrator('CreateDestination', destinationParams())
  return { destinationId }
}
const anyId = '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'

/**
 * What each method is called with, about something of the organization `here`; a method that is not named takes no parameters.
 * What would lock the caller out is asked for in a way that fails after it was let through.
 */
const paramsFor: { readonly [N in MethodName]?: () => Promise<Params> } = {
  CreateSnapshot: async () => ({ organization: 'here', userName: 'anna', type: 'mailbox', ...range }),
  GetSnapshotInfo: someSnapshot,
  CancelSnapshot: someSnapshot,
  RetrySnapshot: someSnapshot,
  SetSnapshotExpiry: someSnapshot,
  DeleteSnapshot: someSnapshot,
  VerifySnapshot: someSnapshot,
  ExportSnapshot: async () => ({ ...(await someSnapshot()), format: 'mbox' }),
  GetExports: someSnapshot,
  CancelExport: async () => ({ ...(await someSnapshot()), exportId: anyId }),
  DeleteExport: async () => ({ ...(await someSnapshot()), exportId: anyId }),
  RebuildStoreIndex: someSnapshot,
  CreateDestination: async () => ({
    ...destinationParams(),
    hostKeyFingerprints: `SHA256:${'A'.repeat(43)}`,
    organizations: 'here',
  }),
  EditDestination: async () => ({ ...(await someDestination()), path: '/in' }),
  DeleteDestination: someDestination,
  TestDestination: someDestination,
  GetUserInfo: someUser,
  CreateUser: async () => ({ userName: `new${++made}`, privileges: 'auditor', organizations: 'here' }),
  DeleteUser: someUser,
  RenameUser: async () => ({ oldUserName: (await someUser()).userName, newUserName: `renamed${++made}` }),
  SetUserFullName: async () => ({ ...(await someUser()), fullName: 'Full Name' }),
  SetUserEmailAddresses: async () => ({ ...(await someUser()), emailAddresses: 'a@example.org' }),
  SetUserPrivileges: async () => ({ ...(await someUser()), privileges: 'auditor' }),
  SetUserOrganizations: async () => ({ ...(await someUser()), organizations: 'elsewhere' }),
  SetUserPassword: async () => ({ ...(await someUser()), password: 'short' }),
  GetPasswordHistory: someUser,
  GetLastSignIns: someUser,
  GetSessions: someUser,
  EndSession: someUser,
  CreateAccessToken: async () => ({ name: `token ${++made}` }),
  GetAccessTokens: someUser,
  DeleteAccessToken: async () => ({ ...(await someUser()), tokenId: anyId }),
  GetSecondFactors: someUser,
  ConfirmTotp: async () => ({ code: '000000' }),
  RemoveTotp: someUser,
  ConfirmPasskey: async () => ({ name: 'key', response: {} }),
  RemovePasskey: async () => ({ ...(await someUser()), deviceId: anyId }),
}
const listParams: ReadonlySet<string> = new Set(['type', 'organizations', 'emailAddresses', 'hostKeyFingerprints'])
const forProtocol = (protocol: Protocol, params: Params): Params =>
  protocol === 'form'
    ? params
    : Object.fromEntries(Object.entries(params).map(([name, value]) => [name, listParams.has(name) ? [value] : value]))

const expected: Readonly<Record<Verdict, Outcome>> = {
  yes: 'done',
  some: 'done',
  hidden: 'hidden',
  own: 'forbidden',
  no: 'forbidden',
}

beforeAll(async () => {
  folder = await ownFolder('access')
  await placeCluster(join(folder.path, 'data'))
  await writeFile(join(folder.path, 'stillbox.config.yaml'), JSON.stringify({ organizations, logLevel: 'silent' }))
  const config = readConfig({ STILLBOX_DATA_DIR: 'data', STILLBOX_ADMIN_PASSWORD: password }, folder.path)
  // Jobs are not started: what is called here is only let through or not.
  service = await compose(config, pino({ level: 'silent' }), { passwordCost: { memoryKib: 8, passes: 1, lanes: 1 } })
  server = await listen(service.app, { host: '127.0.0.1', port: 0, graceMs: 500 })
  for (const kind of kinds) {
    if (kind.role === null) continue
    const given = {
      userName: nameOf(kind),
      privileges: kind.role,
      organizations: kind.isElsewhere ? ['elsewhere'] : ['*'],
    }
    const { text } = await protocols.JSON('CreateUser', { ...given, password }, basic('admin', password))
    expect(text).toBe('null')
  }
})
afterAll(async () => {
  await server?.close()
  await service?.close()
  await folder?.remove()
})

describe.each(Object.keys(protocols) as Protocol[])('by %s', (protocol) => {
  test.each(methodNames)('%s', async (method) => {
    const found: Record<string, Outcome> = {}
    const wanted: Record<string, Outcome> = {}
    // Whoever is refused leaves it as it is, so that the next one may try the same.
    let params: Params | null = null
    for (const kind of kinds) {
      const verdict = verdictOf(methods[method] as MethodDefinition, kind)
      const call = async (params: Params) => {
        const { status, text } = await protocols[protocol](method, params, credentialsOf(kind))
        return outcomeOf(status, text)
      }
      params ??= forProtocol(protocol, (await paramsFor[method]?.()) ?? {})
      found[kind.name] = await call(params)
      wanted[kind.name] = kind.role === null && verdict === 'no' ? 'not signed in' : expected[verdict]
      const tried = params
      if (verdict === 'yes' && !method.startsWith('Get')) params = null
      if (verdict !== 'own') continue
      found[`${kind.name}, about itself`] = await call({ ...tried, userName: nameOf(kind) })
      wanted[`${kind.name}, about itself`] = 'done'
    }
    expect(found).toEqual(wanted)
  })
})

test('a method about a snapshot, an organization or an account says what it is to those who are elsewhere', () => {
  for (const name of methodNames) {
    const { params, limit }: MethodDefinition = methods[name]
    const isBound = ['snapshotId', 'organization', 'organizations', 'userName'].some((field) => field in params.shape)
    expect([name, isBound && limit === undefined]).toEqual([name, false])
  }
})

type Address = { readonly path: string; readonly body?: Params }

/** Something of the organization `here` at each address that has a right of its own. */
const plainly =
  (path: string): (() => Promise<Address>) =>
  async () => ({ path })
const ofSnapshot =
  (before: string, after = '') =>
  async (): Promise<Address> => ({ path: `${before}${(await someSnapshot()).snapshotId}${after}` })
const ofStatus = (before: string) => async (): Promise<Address> => {
  const params = { organization: 'here', userName: 'anna', type: ['mailbox' as const], ...range }
  return { path: `${before}${(await asAdministrator('CreateSnapshot', params)).statusToken}` }
}
const oxBody = { organization: 'here', username: 'anna', type: 'mailbox', action: 'download', ...range }
const signIn = { userName: 'administrator', password }
const oxAddresses = (prefix: string) => ({
  create: async () => ({ path: `${prefix}/intercept/snapshots`, body: oxBody }),
  list: plainly(`${prefix}/intercept/snapshots`),
  one: ofSnapshot(`${prefix}/intercept/snapshots/`),
  download: ofSnapshot(`${prefix}/intercept/snapshots/`, '/download'),
  publicKey: plainly(`${prefix}/intercept/publickey`),
})
const [ox, oxV1] = [oxAddresses(''), oxAddresses('/v1')]
type MethodRoute = { [N in RouteName]: (typeof routes)[N]['access'] extends 'method' ? N : never }[RouteName]
/** `exportDownload` has a test of its own, src/http/download/download-export.test.ts: without jobs there is no export here. */
const addresses: Readonly<Record<Exclude<RouteName, MethodRoute | 'exportDownload'>, () => Promise<Address>>> = {
  jsonStatus: ofStatus('/JSON/Status/'),
  xmlStatus: ofStatus('/XML/Status/'),
  download: ofSnapshot('/download/'),
  auditJsonLines: plainly('/audit-log.jsonl?actor=nobody'),
  auditCsv: plainly('/audit-log.csv?actor=nobody'),
  openSession: async () => ({ path: '/session', body: signIn }),
  readSession: plainly('/session'),
  closeSession: plainly('/session'),
  metadata: plainly('/metadata.json'),
  openApi: plainly('/openapi.json'),
  methodPage: plainly('/methods'),
  methodPageStyle: plainly('/methods.css'),
  certificateHelp: plainly('/certificate-help'),
  certificateHelpStyle: plainly('/certificate-help.css'),
  health: plainly('/healthz'),
  oxCreate: ox.create,
  oxList: ox.list,
  oxRead: ox.one,
  oxDownload: ox.download,
  oxDelete: ox.one,
  oxPublicKey: ox.publicKey,
  oxCreateV1: oxV1.create,
  oxListV1: oxV1.list,
  oxReadV1: oxV1.one,
  oxDownloadV1: oxV1.download,
  oxDeleteV1: oxV1.one,
  oxPublicKeyV1: oxV1.publicKey,
  web: plainly('/'),
}

describe('at the address of', () => {
  test.each(Object.keys(addresses) as (keyof typeof addresses)[])('%s', async (name) => {
    const { verbs, ...route }: Route = routes[name]
    if (route.access === 'method') throw new Error('its methods have the rights')
    for (const verb of verbs) {
      const found: Record<string, Outcome> = {}
      const wanted: Record<string, Outcome> = {}
      let address: Address | null = null
      for (const kind of kinds) {
        address ??= await addresses[name]()
        const verdict = verdictOf({ ...route, access: route.access }, kind)
        const response = await fetch(`${server.url}${address.path}`, {
          method: verb.toUpperCase(),
          headers: { ...credentialsOf(kind), ...(address.body ? { 'content-type': 'application/json' } : {}) },
          ...(address.body ? { body: JSON.stringify(address.body) } : {}),
        })
        found[kind.name] = outcomeOf(response.status, await response.text())
        wanted[kind.name] = kind.role === null && verdict === 'no' ? 'not signed in' : expected[verdict]
        if (verdict === 'yes' && verb === 'delete') address = null
      }
      expect([verb, found]).toEqual([verb, wanted])
    }
  })
})

test('lists tell nothing of elsewhere', async () => {
  const [elsewhere] = [kinds.find(({ name }) => name === 'administrator elsewhere')!]
  const answer = async (method: string) => (await protocols.JSON(method, {}, credentialsOf(elsewhere))).text
  expect(JSON.parse(await answer('GetSnapshots'))).toMatchObject({ snapshots: [], total: 0 })
  const listed = await fetch(`${server.url}/intercept/snapshots`, { headers: credentialsOf(elsewhere) })
  expect(await listed.json()).toEqual([])
  expect(JSON.parse(await answer('GetOrganizations')).organizations).toEqual([
    expect.objectContaining({ organization: 'elsewhere' }),
  ])
  const users = JSON.parse(await answer('GetUsers')) as { userName: string; organizations: string[] | null }[]
  expect(users.map(({ userName }) => userName)).toContain('operator-elsewhere')
  for (const { organizations: theirs } of users) expect(theirs).toEqual(['elsewhere'])
  expect(JSON.parse(await answer('GetServerInfo')).store).toEqual({ archiveCount: 0, archiveBytes: 0, freeBytes: null })
})
