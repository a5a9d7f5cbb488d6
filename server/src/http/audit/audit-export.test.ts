import { Readable } from 'node:stream'
import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { basic, startTestService, type TestService, testSnapshot } from '../../../test/doubles/http-service.ts'
import { createMemoryAuditLog } from '../../../test/doubles/memory-audit-log.ts'
import { verifyExport } from '../../domain/audit/verify-export.ts'
import { someDraft } from '../../ports/audit-log.contract.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})
const start = async (options: Parameters<typeof startTestService>[0] = {}) => {
  const log = createMemoryAuditLog()
  await log.append([
    someDraft({ actor: 'olga', organization: 'sample', target: testSnapshot.snapshotId }),
    someDraft({
      actor: '=SUM(A1)',
      action: 'session.open',
      outcome: 'refused',
      code: 'sign_in_refused',
      organization: null,
    }),
    someDraft({ actor: 'eve', organization: 'elsewhere', at: '2026-11-21T10:00:00.000Z' }),
  ])
  service = await startTestService({ auditLog: log, ...options })
  return { ...service, log }
}
const get = (path: string, userName = 'arno', method = 'GET') =>
  fetch(`${service!.url}${path}`, { method, headers: basic(userName) })
const entriesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEntry)

describe('the export of the audit log', () => {
  test('as JSON Lines is whole by itself, up to its own entry', async () => {
    const { log } = await start()
    const response = await get('/audit-log.jsonl')
    const text = await response.text()
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('content-disposition'),
    ]).toEqual([
      200,
      'application/jsonl; charset=utf-8',
      `attachment; filename="audit-log.jsonl"; filename*=UTF-8''audit-log.jsonl`,
    ])
    expect(entriesOf(text)).toEqual(log.entries)
    expect(log.entries.at(-1)).toMatchObject({ action: 'audit.export', actor: 'arno', details: { format: 'jsonl' } })
    expect(await verifyExport(Readable.from([Buffer.from(text)]))).toMatchObject({
      entryCount: log.entries.length,
      fault: null,
    })
  })

  test('as CSV has a head, a line for each entry, and no formulas', async () => {
    await start()
    const response = await get('/audit-log.csv')
    const lines = (await response.text()).split('\r\n')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(lines[0]).toMatch(/^number,at,action,outcome,code,actor,/)
    expect(lines[2]).toContain(",sign_in_refused,'=SUM(A1),web,")
    // Three, the sign-in of this caller, the export itself, and nothing after the last line end.
    expect(lines).toHaveLength(7)
    expect(lines.at(-1)).toBe('')
  })

  test.each([
    ['actor=OLG', [1]],
    ['action=session.open,snapshot.delete&to=2026-11-21', [1, 2]],
    ['action=session.open&action=snapshot.delete&to=2026-11-21', [1, 2]],
    ['outcome=refused', [2]],
    ['organization=elsewhere', [3]],
    [`target=${testSnapshot.snapshotId}&organization=sample`, [1]],
    ['from=2026-11-21&to=2026-11-22', [3]],
    ['actor=&outcome=refused', [2]],
  ])('with ?%s has these entries', async (query, numbers) => {
    await start({ clock: { now: () => new Date('2026-11-25T10:00:00.000Z') } })
    const response = await get(`/audit-log.jsonl?${query}`)
    expect(entriesOf(await response.text()).map(({ number }) => number)).toEqual(numbers)
  })

  test.each([
    ['outcome=maybe', 'outcome is one of done, refused, failed'],
    ['action=nothing', 'there is no such action'],
    ['actors=x', 'There is no parameter actors'],
    ['from=yesterday', 'not a date'],
  ])('with ?%s is refused', async (query, words) => {
    const { log } = await start()
    const response = await get(`/audit-log.csv?${query}`)
    expect([response.status, response.headers.get('content-disposition')]).toEqual([400, null])
    expect(await response.text()).toContain(words)
    expect(log.entries.filter(({ action }) => action === 'audit.export')).toEqual([])
  })

  test('is for administrators and auditors, and whoever else tries is told of', async () => {
    const { log } = await start()
    expect((await get('/audit-log.csv', 'olga')).status).toBe(403)
    expect((await fetch(`${service!.url}/audit-log.csv`)).status).toBe(401)
    expect((await get('/audit-log.csv', 'johndoe')).status).toBe(200)
    expect(
      log.entries
        .filter(({ action }) => action === 'audit.export')
        .map(({ actor, outcome, details }) => [actor, outcome, details]),
    ).toEqual([
      ['olga', 'refused', { route: '/audit-log.csv' }],
      ['johndoe', 'done', { format: 'csv' }],
    ])
  })

  test('has for somebody limited to an organization what is of that, and of himself', async () => {
    const { accounts, passwordHash } = await start()
    await accounts.create({
      userName: 'ada',
      fullName: '',
      emailAddresses: [],
      role: 'auditor',
      organizations: [OrganizationId.parse('sample')],
      passwordHash,
    })
    const entries = entriesOf(await (await get('/audit-log.jsonl', 'ada')).text())
    expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'olga snapshot.delete',
      'ada sign-in',
      'ada audit.export',
    ])
  })

  test('tells its head without being made', async () => {
    const { log } = await start()
    const response = await get('/audit-log.csv', 'arno', 'HEAD')
    expect([response.status, response.headers.get('content-disposition')]).toEqual([
      200,
      expect.stringContaining('audit-log.csv'),
    ])
    expect(log.entries.some(({ action }) => action === 'audit.export')).toBe(false)
  })

  test('reads no more than is taken', async () => {
    let pagesRead = 0
    let isEnded = false
    const log = createMemoryAuditLog()
    const page = await log.append(
      Array.from({ length: 500 }, () => someDraft({ details: { text: 'x'.repeat(1_000) } })),
    )
    await start({
      auditLog: {
        ...log,
        pages: async function* () {
          try {
            for (; pagesRead < 1_000; pagesRead++) yield page
          } finally {
            isEnded = true
          }
        },
      },
    })
    const gone = new AbortController()
    const response = await fetch(`${service!.url}/audit-log.jsonl`, { headers: basic('arno'), signal: gone.signal })
    await response.body!.getReader().read()
    // What the sockets hold is a few MB; then it stands still.
    let before = -1
    while (before !== pagesRead) {
      before = pagesRead
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect(pagesRead).toBeLessThan(100)
    gone.abort()
    await expect.poll(() => isEnded).toBe(true)
  })

  test('that breaks off in the middle does not look whole', async () => {
    await start({
      auditLog: {
        ...createMemoryAuditLog(),
        pages: async function* () {
          yield [{ ...someDraft(), number: 1, previousHash: '', hash: '' }]
          throw new Error('the database went away')
        },
      },
    })
    await expect(get('/audit-log.jsonl').then((response) => response.text())).rejects.toThrow()
  })
})

describe('a download', () => {
  const archive = {
    sizeBytes: 10,
    modifiedAtMs: 0,
    stream: ({ start, end }: { readonly start: number; readonly end: number }) =>
      Readable.from([Buffer.alloc(end - start + 1)]),
    close: async () => {},
  } as unknown as NonNullable<Parameters<typeof startTestService>[0]>['archive'] & object
  const path = `/download/${testSnapshot.snapshotId}`
  const downloads = (entries: readonly AuditEntry[]) =>
    entries
      .filter(({ action, number }) => action === 'snapshot.download' && number > 3)
      .map(({ outcome, code, organization, target, details }) => [outcome, code, organization, target, details])
  const { snapshotId } = testSnapshot

  test('is told of when it begins, its further parts once an hour', async () => {
    const { log, audit, url } = await start({ archive })
    const part = (range: string) => fetch(`${url}${path}`, { headers: { ...basic('arno'), range } })
    expect((await get(path)).status).toBe(200)
    for (const range of ['bytes=0-3', 'bytes=4-5', 'bytes=6-7', 'bytes=8-9'])
      expect((await part(range)).status).toBe(206)
    expect((await part('bytes=50-')).status).toBe(416)
    expect((await get(path, 'arno', 'HEAD')).status).toBe(200)
    await audit.close({ wasStarted: false })
    expect(downloads(log.entries)).toEqual([
      ['done', null, 'sample', snapshotId, { start: 0, bytes: 10 }],
      ['done', null, 'sample', snapshotId, { start: 0, bytes: 4 }],
      ['done', null, 'sample', snapshotId, { start: 4, bytes: 2 }],
      ['done', null, 'sample', snapshotId, { start: 8, bytes: 2, repeated: 2 }],
    ])
  })

  test('of a further part from elsewhere is told of, too', async () => {
    const { log, url } = await start({ archive, config: { publicUrl: 'https://stillbox.example.org' } })
    for (const address of ['192.0.2.1', '192.0.2.1', '198.51.100.7']) {
      const headers = { ...basic('arno'), range: 'bytes=1-', 'x-forwarded-for': address }
      expect((await fetch(`${url}${path}`, { headers })).status).toBe(206)
    }
    const told = log.entries.filter(({ action }) => action === 'snapshot.download')
    expect(told.map(({ address }) => address)).toEqual(['192.0.2.1', '198.51.100.7'])
  })

  test('by the snapshot API is the same', async () => {
    const { log, url } = await start({ archive })
    for (const address of [`/intercept/snapshots/${snapshotId}/download`, `/v1/intercept/snapshots/${snapshotId}`])
      await fetch(`${url}${address}`, { headers: { ...basic('arno'), accept: 'application/zip' } })
    expect(downloads(log.entries)).toHaveLength(2)
  })

  test('that cannot be told of has no byte', async () => {
    const log = createMemoryAuditLog()
    const { url } = await start({
      archive,
      auditLog: {
        ...log,
        append: async (drafts) => {
          if (drafts.some(({ action }) => action === 'snapshot.download')) throw new Error('no database')
          return log.append(drafts)
        },
      },
    })
    const response = await fetch(`${url}${path}`, { headers: basic('arno') })
    expect([response.status, response.headers.get('content-disposition')]).toEqual([500, null])
    expect(await response.text()).toContain('Something went wrong')
  })

  test('that fails is told of, and one of other organizations as refused', async () => {
    const { log, accounts, passwordHash } = await start({ archive: null })
    await accounts.create({
      userName: 'eve',
      fullName: '',
      emailAddresses: [],
      role: 'auditor',
      organizations: [OrganizationId.parse('elsewhere')],
      passwordHash,
    })
    const unknown = '0d0f5b0c-54ab-4e2a-9f5f-7a3d53d8d7c1'
    expect((await get(path)).status).toBe(410)
    expect((await get(`/download/${unknown}`)).status).toBe(404)
    expect((await get(path, 'eve')).status).toBe(404)
    expect(downloads(log.entries)).toEqual([
      ['failed', 'archive_missing', 'sample', snapshotId, {}],
      ['failed', 'not_found', null, unknown, {}],
      ['refused', 'not_found', 'sample', snapshotId, {}],
    ])
  })
})
