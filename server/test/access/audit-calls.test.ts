import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import { type MethodName, methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { seesOrganization } from '../../src/domain/access/organization-limit.ts'
import {
  basic,
  formType,
  jsonType,
  startTestService,
  type TestService,
  testDestination,
  testExport,
  testSnapshot,
} from '../doubles/http-service.ts'
import { createOxClient } from '../doubles/ox-client.ts'

type Params = Readonly<Record<string, unknown>>
type Answer = { readonly isDone: boolean; readonly text: string }

const definitionOf = (name: MethodName): MethodDefinition => methods[name]
const isMade = ({ action }: AuditEntry) => action !== 'sign-in'

const asForm = (params: Params): string =>
  new URLSearchParams(
    Object.entries(params).map(([name, value]): [string, string] => [
      name,
      Array.isArray(value) ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  ).toString()

const invoke =
  (format: 'JSON' | 'XML', type: 'form' | 'JSON') =>
  async (url: string, method: string, params: Params, headers: Record<string, string>): Promise<Answer> => {
    const response = await fetch(`${url}/${format}/Invoke/${method}`, {
      method: 'POST',
      headers: { ...headers, ...(type === 'form' ? formType : jsonType) },
      body: type === 'form' ? asForm(params) : JSON.stringify(params),
    })
    return { isDone: response.ok, text: await response.text() }
  }

const protocols = {
  form: invoke('JSON', 'form'),
  JSON: invoke('JSON', 'JSON'),
  XML: invoke('XML', 'form'),
  'JSON-RPC': async (url: string, method: string, params: Params, headers: Record<string, string>): Promise<Answer> => {
    const response = await fetch(`${url}/rpc`, {
      method: 'POST',
      headers: { ...headers, ...jsonType },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    const answer = (await response.json()) as { readonly error?: unknown }
    return { isDone: answer.error === undefined, text: JSON.stringify(answer) }
  },
} as const
type Protocol = keyof typeof protocols

let made = 0
const { snapshotId } = testSnapshot
const { destinationId } = testDestination
const anyId = '0d0f5b0c-54ab-4e2a-9f5f-7a3d53d8d7c1'

/** What each method is called with, and the target its entry has. Secrets have a word in them that must not turn up in the log. */
const callsOf: { readonly [N in MethodName]?: () => { readonly params: Params; readonly target: string | null } } = {
  CreateSnapshot: () => ({
    params: { userName: 'anna@sample.example', type: ['calendar'], password: 'hush-hush' },
    target: snapshotId,
  }),
  CancelSnapshot: () => ({ params: { snapshotId }, target: snapshotId }),
  RetrySnapshot: () => ({ params: { snapshotId, password: 'hush-hush' }, target: snapshotId }),
  SetSnapshotExpiry: () => ({ params: { snapshotId, expiresAt: '2030-01-01' }, target: snapshotId }),
  DeleteSnapshot: () => ({ params: { snapshotId }, target: snapshotId }),
  VerifySnapshot: () => ({ params: { snapshotId }, target: snapshotId }),
  ExportSnapshot: () => ({ params: { snapshotId, format: 'mbox', words: 'hush-hush' }, target: snapshotId }),
  CancelExport: () => ({ params: { snapshotId, exportId: testExport.exportId }, target: snapshotId }),
  DeleteExport: () => ({ params: { snapshotId, exportId: testExport.exportId }, target: snapshotId }),
  RebuildStoreIndex: () => ({ params: { snapshotId }, target: snapshotId }),
  CreateDestination: () => ({
    params: {
      name: 'vault',
      protocol: 'sftp',
      host: 'vault.example.org',
      username: 'stillbox',
      hostKeyFingerprints: testDestination.hostKeyFingerprints,
      authMethod: 'password',
      password: 'hush-hush',
    },
    target: destinationId,
  }),
  EditDestination: () => ({ params: { destinationId, password: 'hush-hush' }, target: destinationId }),
  DeleteDestination: () => ({ params: { destinationId }, target: destinationId }),
  TestDestination: () => ({ params: { destinationId }, target: destinationId }),
  ReadHostKeys: () => ({ params: { host: 'vault.example.org' }, target: 'vault.example.org' }),
  CreateUser: () => ({
    params: { userName: `new${++made}`, privileges: 'auditor', organizations: ['*'], password: 'hush-hush hush-hush' },
    target: `new${made}`,
  }),
  DeleteUser: () => ({ params: { userName: 'nobody' }, target: 'nobody' }),
  RenameUser: () => ({ params: { oldUserName: 'nobody', newUserName: `renamed${++made}` }, target: 'nobody' }),
  SetUserFullName: () => ({ params: { userName: 'arno', fullName: 'Arno A.' }, target: 'arno' }),
  SetUserEmailAddresses: () => ({ params: { userName: 'arno', emailAddresses: ['a@example.org'] }, target: 'arno' }),
  SetUserPrivileges: () => ({ params: { userName: 'arno', privileges: 'auditor' }, target: 'arno' }),
  SetUserOrganizations: () => ({ params: { userName: 'arno', organizations: ['*'] }, target: 'arno' }),
  SetUserPassword: () => ({ params: { userName: 'arno', password: `hush-hush hush-hush ${++made}` }, target: 'arno' }),
  EndSession: () => ({ params: {}, target: 'johndoe' }),
  CreateAccessToken: () => ({ params: { name: `nightly ${++made}` }, target: `nightly ${made}` }),
  DeleteAccessToken: () => ({ params: { tokenId: anyId }, target: anyId }),
  ConfirmTotp: () => ({ params: { code: '000000' }, target: 'johndoe' }),
  RemoveTotp: () => ({ params: { userName: 'arno' }, target: 'arno' }),
  ConfirmPasskey: () => ({ params: { name: 'key', response: { id: 'hush-hush' } }, target: 'johndoe' }),
  RemovePasskey: () => ({ params: { userName: 'arno', deviceId: anyId }, target: 'arno' }),
  CreateRecoveryCodes: () => ({ params: {}, target: 'johndoe' }),
  VerifyAuditLog: () => ({ params: {}, target: null }),
}
const audited = methodNames.filter((name) => definitionOf(name).audit !== undefined)

test('whatever is not plainly reading says what it is in the audit log', () => {
  const readers = methodNames.filter((name) => definitionOf(name).audit === undefined)
  // These two make something up that counts for nothing until it is confirmed.
  expect(readers.filter((name) => !name.startsWith('Get'))).toEqual(['BeginTotp', 'BeginPasskey'])
  for (const name of readers) expect([name, definitionOf(name).access]).not.toEqual([name, 'operate'])
  for (const name of audited) {
    const { audit, params, result, accepted } = definitionOf(name)
    if (audit?.target === undefined) continue
    const answered = accepted ?? (result instanceof z.ZodObject ? result : null)
    const fields = [...Object.keys(params.shape), ...Object.keys(answered?.shape ?? {})]
    expect([name, fields]).toEqual([name, expect.arrayContaining([audit.target])])
  }
})

describe.each(Object.keys(protocols) as Protocol[])('by %s', (protocol) => {
  let service: TestService
  beforeAll(async () => {
    service = await startTestService({
      handlers: {
        DeleteSnapshot: async (_, caller) => {
          if (seesOrganization(caller, testSnapshot.organization)) return testSnapshot
          throw new AppError('not_found', { details: { what: 'snapshot' } })
        },
      },
    })
    await service.accounts.create({
      userName: 'olga-elsewhere',
      fullName: '',
      emailAddresses: [],
      role: 'operator',
      organizations: [OrganizationId.parse('elsewhere')],
      passwordHash: service.passwordHash,
    })
  })
  afterAll(() => service.close())

  /** The entries a call adds, those of signing in apart. */
  const during = async (work: () => Promise<unknown>): Promise<readonly AuditEntry[]> => {
    const before = service.auditEntries.length
    await work()
    return service.auditEntries.slice(before).filter(isMade)
  }
  const call = (method: string, params: Params, userName = 'johndoe') =>
    protocols[protocol](service.url, method, params, basic(userName))

  test.each(audited)('%s is one entry', async (method) => {
    const { params, target } = callsOf[method]!()
    let answer: Answer | undefined
    const entries = await during(async () => {
      answer = await call(method, params)
    })
    // Some are called about what is not there, or with a wrong code: then it is an entry of what failed.
    const { action } = definitionOf(method).audit!
    expect([answer!.text, entries]).toEqual([
      answer!.text,
      [
        expect.objectContaining({
          action,
          outcome: answer!.isDone ? 'done' : 'failed',
          code: answer!.isDone ? null : expect.stringMatching(/^(not_found|invalid_params)$/),
          actor: 'johndoe',
          client: 'basic',
          address: expect.stringContaining('127.0.0.1'),
          requestId: expect.stringMatching(/^[0-9a-f]{16}$/),
          target,
          details: expect.objectContaining({ method }),
        }),
      ],
    ])
    expect(JSON.stringify(entries)).not.toContain('hush')
    if (params.snapshotId !== undefined || method === 'CreateSnapshot' || method === 'EditDestination')
      expect(entries[0]!.organization).toBe('sample')
  })

  test('reading is no entry, nor is what was only written wrongly', async () => {
    expect(
      await during(async () => {
        await call('GetSnapshots', {})
        await call('GetUsers', {})
        await call('DeleteSnapshot', { snapshotId: 'no id' })
        await call('CreateSnapshot', { userName: 'anna', type: ['mailbox'] })
        await call('NoSuchMethod', {})
      }),
    ).toEqual([])
  })

  test('who may not is in it, with what it was about', async () => {
    const entries = await during(async () => {
      await call('DeleteUser', { userName: 'johndoe' }, 'olga')
      await call('DeleteSnapshot', { snapshotId }, 'olga-elsewhere')
      await call('GetUsers', {}, 'olga')
      await call('GetUsers', {}, 'olga')
      await call('GetAuditLog', {}, 'olga')
      await call('GetUserInfo', { userName: 'johndoe' }, 'olga')
    })
    expect(
      entries.map(({ action, outcome, code, actor, target, details }) => [
        action,
        outcome,
        code,
        actor,
        target,
        details.method,
      ]),
    ).toEqual([
      ['account.delete', 'refused', 'forbidden', 'olga', 'johndoe', 'DeleteUser'],
      ['snapshot.delete', 'refused', 'not_found', 'olga-elsewhere', snapshotId, 'DeleteSnapshot'],
      ['read', 'refused', 'forbidden', 'olga', null, 'GetUsers'],
      ['read', 'refused', 'forbidden', 'olga', null, 'GetAuditLog'],
      ['read', 'refused', 'forbidden', 'olga', 'johndoe', 'GetUserInfo'],
    ])
    expect(entries[1]!.organization).toBe('sample')
  })
})

describe('a call', () => {
  let service: TestService | undefined
  afterEach(() => service?.close())
  const start = async (options: Parameters<typeof startTestService>[0] = {}) => {
    service = await startTestService(options)
    return service
  }
  const rpc = (url: string, body: unknown, headers: Record<string, string>) =>
    fetch(`${url}/rpc`, { method: 'POST', headers: { ...headers, ...jsonType }, body: JSON.stringify(body) })

  test('that cannot be noted does not succeed', async () => {
    const { url, calls, logLines } = await start({
      auditLog: {
        append: async ([first]) => {
          if (first!.action !== 'sign-in') throw new Error('the disk is full')
          return []
        },
        page: async () => ({ entries: [], next: null }),
        pages: async function* () {},
        state: async () => ({ head: null, highestNumber: 0 }),
      },
    })
    const answer = await protocols.form(url, 'DeleteSnapshot', { snapshotId }, basic('johndoe'))
    expect(answer).toEqual({
      isDone: false,
      text: expect.stringContaining('Something went wrong in the service itself'),
    })
    expect(calls.map(({ method }) => method)).toEqual(['DeleteSnapshot'])
    expect(logLines).toContainEqual(expect.objectContaining({ msg: 'unexpected error' }))
    expect(answer.text).not.toContain('disk')
    const read = await protocols.form(url, 'GetSnapshots', {}, basic('johndoe'))
    expect(read.isDone).toBe(true)
  })

  test('that fails for reasons of the program is in it as internal', async () => {
    const { url, auditEntries } = await start({
      handlers: {
        CancelSnapshot: async () => {
          throw new Error('a mistake')
        },
        RetrySnapshot: async () => {
          throw new AppError('conflict', { details: { state: 'available' } })
        },
      },
    })
    await protocols.form(url, 'CancelSnapshot', { snapshotId }, basic())
    await protocols.form(url, 'RetrySnapshot', { snapshotId }, basic())
    expect(auditEntries.filter(isMade).map(({ outcome, code }) => [outcome, code])).toEqual([
      ['failed', 'internal'],
      ['failed', 'conflict'],
    ])
  })

  test('each of a batch is one', async () => {
    const { url, auditEntries } = await start()
    const one = (id: number | undefined) => ({ jsonrpc: '2.0', id, method: 'DeleteSnapshot', params: { snapshotId } })
    await rpc(url, [one(1), one(2), one(undefined)], basic())
    expect(auditEntries.filter(isMade)).toHaveLength(3)
    expect(new Set(auditEntries.filter(isMade).map(({ requestId }) => requestId)).size).toBe(1)
  })

  test('by a token with too small a scope, or without the second factor that is needed, is refused in it', async () => {
    const { url, auditEntries, accounts } = await start({ requireSecondFactor: ['auditor'] })
    const { text } = await protocols.JSON(url, 'CreateAccessToken', { name: 'reads', scope: 'read' }, basic())
    const { token } = JSON.parse(text) as { readonly token: string }
    await protocols.JSON(url, 'DeleteSnapshot', { snapshotId }, { authorization: `Bearer ${token}` })
    expect(await accounts.find('arno')).not.toBeNull()
    await protocols.JSON(url, 'VerifySnapshot', { snapshotId }, basic('arno'))
    await fetch(`${url}/download/${snapshotId}`, { headers: basic('arno') })
    expect(JSON.stringify(auditEntries)).not.toContain(token)
    expect(
      auditEntries
        .filter(isMade)
        .slice(1)
        .map((one) => [one.action, one.outcome, one.code, one.client, one.target]),
    ).toEqual([
      ['snapshot.delete', 'refused', 'token_scope', 'token', snapshotId],
      ['snapshot.verify', 'refused', 'second_factor_missing', 'basic', snapshotId],
      ['snapshot.download', 'refused', 'second_factor_missing', 'basic', snapshotId],
    ])
  })

  test.each(['', '/v1'])('of the snapshot API at %s/intercept is the same entry as of the method', async (prefix) => {
    const { url, auditEntries } = await start()
    const ox = createOxClient(() => url)
    const body = { username: 'anna@sample.example', type: 'calendar', action: 'download' }
    expect((await ox.create(body, `${prefix}/intercept/snapshots`)).status).toBe(200)
    const one = `${prefix}/intercept/snapshots/${snapshotId}`
    expect((await ox.get(one)).status).toBe(200)
    expect((await ox.call('DELETE', one)).status).toBe(200)
    expect((await ox.call('DELETE', `${prefix}/intercept/snapshots/${anyId}`)).status).toBe(200)
    expect((await ox.call('DELETE', one, basic('arno'))).status).toBe(403)
    expect((await ox.call('POST', `${prefix}/intercept/snapshots`, basic('arno'))).status).toBe(403)
    expect(
      auditEntries
        .filter(isMade)
        .map((entry) => [entry.action, entry.outcome, entry.actor, entry.target, entry.organization]),
    ).toEqual([
      ['snapshot.create', 'done', 'olga', snapshotId, 'sample'],
      ['snapshot.delete', 'done', 'olga', snapshotId, 'sample'],
      ['snapshot.delete', 'done', 'olga', anyId, 'sample'],
      ['snapshot.delete', 'refused', 'arno', snapshotId, 'sample'],
      ['snapshot.create', 'refused', 'arno', null, null],
    ])
  })

  test('of somebody limited to organizations is seen by those who have them, and by himself', async () => {
    const { url, accounts, auditEntries, passwordHash } = await start()
    const here = OrganizationId.parse('sample')
    const elsewhere = OrganizationId.parse('elsewhere')
    for (const [userName, organization] of [
      ['ada', here],
      ['eve', elsewhere],
    ] as const)
      await accounts.create({
        userName,
        fullName: '',
        emailAddresses: [],
        role: 'auditor',
        organizations: [organization],
        passwordHash,
      })
    await protocols.JSON(url, 'DeleteSnapshot', { snapshotId }, basic())
    await protocols.JSON(url, 'GetUsers', {}, basic('eve'))
    const seen = async (userName: string, params: Params = {}) => {
      const { text } = await protocols.JSON(url, 'GetAuditLog', params, basic(userName))
      const { entries } = JSON.parse(text) as { readonly entries: readonly AuditEntry[] }
      return entries.filter(isMade).map(({ action, actor }) => `${actor} ${action}`)
    }
    expect(await seen('arno')).toEqual(['eve read', 'johndoe snapshot.delete'])
    expect(await seen('ada')).toEqual(['johndoe snapshot.delete'])
    expect(await seen('eve')).toEqual(['eve read'])
    expect(await seen('eve', { organization: 'sample' })).toEqual([])
    expect(await seen('arno', { action: ['read'], actor: 'EV' })).toEqual(['eve read'])

    const verified = await protocols.JSON(url, 'VerifyAuditLog', {}, basic('arno'))
    expect(JSON.parse(verified.text)).toMatchObject({ ok: true, fault: null })
    const refused = await protocols.JSON(url, 'VerifyAuditLog', {}, basic('ada'))
    expect(refused.text).toContain('all organizations')
    expect(auditEntries.at(-1)).toMatchObject({ action: 'audit.verify', outcome: 'refused', actor: 'ada' })
  })
})
