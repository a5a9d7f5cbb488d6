import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { snapshotStates } from '@stillbox/shared/vocabulary/snapshot-state.ts'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  basic,
  jsonType,
  startTestService,
  type TestService,
  testPublicKeys,
  testSnapshot,
} from '../../../test/doubles/http-service.ts'
import { createOxClient } from '../../../test/doubles/ox-client.ts'
import type { StoredArchive } from '../../ports/archive-store.ts'

let service: TestService
afterEach(() => service.close())
const start = async (options: Parameters<typeof startTestService>[0] = {}) => {
  service = await startTestService(options)
}
const { call, get, create } = createOxClient(() => service.url)

/** A line is logged once the answer has been sent, which the client may see first. */
const patiently = { timeout: 30_000 }
const prefixes = ['', '/v1']
const id = testSnapshot.snapshotId
const json = 'application/json; charset=utf-8'
const metadata = {
  snapshotId: id,
  username: 'anna@sample.example',
  type: 'CALENDAR',
  action: 'DOWNLOAD',
  status: 'available',
  lastChanged: Date.parse('2026-11-17T14:00:03.000Z'),
  organization: 'sample',
}
const bytes = Buffer.from('PK\u0005\u0006 the archive')
const archive: StoredArchive = {
  sizeBytes: bytes.length,
  modifiedAtMs: Date.parse('2026-11-17T14:00:03.000Z'),
  async *stream({ start: first, end }) {
    yield bytes.subarray(first, end + 1)
  },
  close: async () => {},
}

describe('list', () => {
  test.each(prefixes)('is an array of metadata, at %s/intercept/snapshots', async (prefix) => {
    await start()
    const answer = await get(`${prefix}/intercept/snapshots`)
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([200, json, [metadata]])
    expect(service.calls).toEqual([{ method: 'GetSnapshots', params: { state: 'all', limit: 500 }, caller: 'olga' }])
  })

  test.each([...snapshotStates, 'all', 'AVAILABLE', 'Failed', 'dEleted'])('status=%s', async (status) => {
    await start()
    expect((await get(`/intercept/snapshots?status=${status}&organization=sample`)).status).toBe(200)
    expect(service.calls).toMatchObject([{ params: { state: status.toLowerCase(), organization: 'sample' } }])
  })

  test.each([
    ['status=', /status is one of all, pending, dumping, dumped, uploading, available, failed, deleted/],
    ['status=running', /status is one of all/],
    ['status=failed&status=available', /status is a string/],
    ['organization=A%20B', /organization/],
  ])('?%s is refused', async (query, words) => {
    await start()
    const answer = await get(`/intercept/snapshots?${query}`)
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(words), code: 'invalid_params' } })
    expect(service.calls).toEqual([])
  })

  /** 1,201 snapshots on three pages. */
  const pages = (readFrom: (before: string | undefined) => void) => async (params: unknown) => {
    const { before, limit } = params as { before?: string; limit: number }
    readFrom(before)
    const from = Number(before ?? 0)
    const to = Math.min(1_201, from + limit)
    const snapshots: Snapshot[] = Array.from({ length: to - from }, (_, index) => ({
      ...testSnapshot,
      snapshotId: SnapshotId.parse(`3f0d2c1e-6f0a-4d0b-9c52-${String(from + index).padStart(12, '0')}`),
    }))
    const none = { pending: 0, dumping: 0, dumped: 0, uploading: 0, available: 1_201, failed: 0, deleted: 0 }
    return { snapshots, total: 1_201, totalByState: none, next: to < 1_201 ? String(to) : null }
  }

  test('of many pages is one array', async () => {
    const read: (string | undefined)[] = []
    await start({ handlers: { GetSnapshots: pages((before) => read.push(before)) } })
    const { body } = await get('/intercept/snapshots')
    const ids = (body as { snapshotId: string }[]).map(({ snapshotId }) => Number(snapshotId.slice(-12)))
    expect(ids).toEqual(Array.from({ length: 1_201 }, (_, index) => index))
    expect(read).toEqual([undefined, '500', '1000'])
  })

  test('of none is an empty array', async () => {
    const none = { pending: 0, dumping: 0, dumped: 0, uploading: 0, available: 0, failed: 0, deleted: 0 }
    await start({
      handlers: { GetSnapshots: async () => ({ snapshots: [], total: 0, totalByState: none, next: null }) },
    })
    expect(await get('/intercept/snapshots')).toMatchObject({ status: 200, text: '[]' })
  })

  test('is read no further when nobody listens any more', async () => {
    const gate = Promise.withResolvers<void>()
    const read: (string | undefined)[] = []
    const page = pages((before) => read.push(before))
    await start({
      handlers: {
        GetSnapshots: async (params) => {
          if (params.before !== undefined) await gate.promise
          return page(params)
        },
      },
    })
    const leaving = new AbortController()
    const answer = await fetch(`${service.url}/intercept/snapshots`, { headers: basic(), signal: leaving.signal })
    expect(answer.status).toBe(200)
    leaving.abort()
    await vi.waitFor(() => expect(service.logLines).toMatchObject([{ msg: 'request', isComplete: false }]), patiently)
    gate.resolve()
    await vi.waitFor(() => expect(read).toEqual([undefined, '500']), patiently)
    await service.close()
    expect(read).toEqual([undefined, '500'])
    expect(service.logLines).toHaveLength(1)
  })

  test('that breaks off half-way does not look whole', async () => {
    await start({
      handlers: {
        GetSnapshots: pages((before) => {
          if (before === '1000') throw new AppError('too_busy')
        }),
      },
    })
    await expect(get('/intercept/snapshots')).rejects.toThrow()
    await vi.waitFor(() => expect(service.logLines.some(({ code }) => code === 'too_busy')).toBe(true), patiently)
  })
})

describe('one snapshot', () => {
  test.each(prefixes)('is its metadata, at %s/intercept/snapshots/{id}', async (prefix) => {
    await start()
    for (const one of [id, id.toUpperCase()]) {
      const answer = await get(`${prefix}/intercept/snapshots/${one}`)
      expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([200, json, metadata])
      expect(answer.headers.get('vary')).toBe('Accept')
    }
  })

  test.each(prefixes)('can be deleted, at %s/intercept/snapshots/{id}', async (prefix) => {
    await start({ snapshot: { state: 'deleted', lastChangedAt: '2026-11-18T08:00:00.007Z' } })
    const answer = await call('DELETE', `${prefix}/intercept/snapshots/${id}`)
    expect([answer.status, answer.body]).toEqual([
      200,
      { ...metadata, status: 'deleted', lastChanged: Date.parse('2026-11-18T08:00:00.007Z') },
    ])
    expect(service.calls).toEqual([{ method: 'DeleteSnapshot', params: { snapshotId: id }, caller: 'olga' }])
  })
})

describe('the binary', () => {
  const archiveAt = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await get(path, headers)
    return [answer.status, answer.headers.get('content-type'), answer.text]
  }
  const whole = [200, 'application/zip', bytes.toString()]

  test.each(prefixes)('has an address of its own, %s/intercept/snapshots/{id}/download', async (prefix) => {
    await start({ archive })
    const path = `${prefix}/intercept/snapshots/${id}/download`
    expect(await archiveAt(path)).toEqual(whole)
    expect(await archiveAt(path, { accept: 'application/json' })).toEqual(whole)
    expect(await archiveAt(path, { range: 'bytes=0-3' })).toEqual([206, 'application/zip', 'PK\u0005\u0006'])
  })

  test.each([
    ['application/zip', true],
    ['application/octet-stream', true],
    ['application/x-zip-compressed', true],
    ['Application/ZIP', true],
    ['application/octet-stream, */*', true],
    ['application/zip;q=0.5, */*;q=0.1', true],
    ['application/zip, application/json;q=0.9', true],
    ['application/json', false],
    ['application/json, application/zip;q=0.9', false],
    ['*/*', false],
    ['application/*', false],
    ['text/html,application/xhtml+xml,*/*;q=0.8', false],
    ['text/plain', false],
    ['application/zip;q=0', false],
  ])('Accept: %s at the address of the metadata: %s', async (accept, isArchive) => {
    await start({ archive })
    for (const prefix of prefixes) {
      const answer = await get(`${prefix}/intercept/snapshots/${id}`, { accept })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, isArchive ? 'application/zip' : json])
      expect(answer.headers.get('vary')).toBe('Accept')
      if (!isArchive) expect(answer.body).toEqual(metadata)
    }
  })

  test('of one whose upload failed is there', async () => {
    await start({ snapshot: { state: 'failed', action: 'sftp' }, archive })
    expect((await get(`/intercept/snapshots/${id}/download`)).status).toBe(200)
  })

  test.each([
    ['still dumping', { snapshot: { state: 'dumping' as const }, archive }, 409, 'CONFLICT', 'conflict'],
    ['deleted', { snapshot: { state: 'deleted' as const }, archive }, 409, 'CONFLICT', 'conflict'],
    ['delivered or expired', { snapshot: { isStored: false }, archive }, 410, 'ERROR', 'archive_elsewhere'],
    ['lost', { archive: null }, 410, 'ERROR', 'archive_missing'],
  ])('of one that is %s is refused', async (_, options, status, categories, code) => {
    await start(options)
    for (const [path, accept] of [
      [`/intercept/snapshots/${id}/download`, '*/*'],
      [`/intercept/snapshots/${id}`, 'application/zip'],
    ] as const) {
      const answer = await get(path, { accept })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, json])
      expect(answer.headers.get('content-disposition')).toBeNull()
      expect(answer.body).toMatchObject({ categories, code })
    }
  })
})

describe('the public key', () => {
  test.each(prefixes)('is JSON under the name of plain text, at %s/intercept/publickey', async (prefix) => {
    await start()
    const answer = await get(`${prefix}/intercept/publickey`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.text).toBe(JSON.stringify(testPublicKeys))
  })
})

describe('errors', () => {
  const one = `/intercept/snapshots/${id}`
  const other = `/intercept/snapshots/${id.replace('3', '4')}`
  const unknown = new AppError('not_found', { details: { what: 'snapshot' } })
  const refusing = { GetSnapshotInfo: () => Promise.reject(unknown), DeleteSnapshot: () => Promise.reject(unknown) }

  test('look like those of the middleware', async () => {
    await start({ handlers: refusing })
    const answer = await get(other)
    expect(answer.body).toEqual({
      error: 'There is no snapshot with this id. It may have been deleted.',
      error_params: ['snapshot'],
      categories: 'USER_INPUT',
      code: 'not_found',
      error_id: answer.headers.get('x-request-id'),
    })
  })

  test.each([
    ['GET', '/intercept/snapshots', { authorization: '' }, 401, 'sign_in_refused'],
    ['GET', '/intercept/snapshots', basic('olga', 'no'), 401, 'sign_in_refused'],
    ['POST', '/intercept/snapshots', basic('arno'), 403, 'forbidden'],
    ['DELETE', one, basic('arno'), 403, 'forbidden'],
    ['GET', other, {}, 404, 'not_found'],
    ['GET', other, { accept: 'application/zip' }, 404, 'not_found'],
    ['GET', `${other}/download`, {}, 404, 'not_found'],
    ['DELETE', other, {}, 404, 'not_found'],
    ['GET', '/intercept/snapshots/x', {}, 404, 'not_found'],
    ['DELETE', '/intercept/snapshots/..%2f..%2fetc', {}, 404, 'not_found'],
    ['GET', '/intercept/snapshots/x/download', {}, 404, 'not_found'],
    ['GET', '/intercept/snapshots/%ff', {}, 400, 'invalid_request'],
    ['GET', '/intercept', {}, 404, 'address_unknown'],
    ['GET', '/intercept/nothing', { accept: 'text/html' }, 404, 'address_unknown'],
    ['POST', '/intercept/snapshots', { origin: 'https://elsewhere.example' }, 403, 'cross_site'],
    ['DELETE', one, { 'sec-fetch-site': 'cross-site' }, 403, 'cross_site'],
  ])('%s %s %j: %i', async (verb, path, headers, status, code) => {
    await start({ handlers: refusing })
    for (const prefix of prefixes) {
      const answer = await call(verb, `${prefix}${path}`, headers as Record<string, string>)
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
        status,
        json,
        'no-store',
      ])
      expect(answer.body).toMatchObject({ code })
    }
  })

  test('nobody is asked to sign in', async () => {
    await start()
    for (const prefix of prefixes) {
      const response = await fetch(`${service.url}${prefix}/intercept/snapshots`)
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Stillbox"'])
      expect(await response.json()).toMatchObject({ categories: 'PERMISSION_DENIED', code: 'not_signed_in' })
    }
  })

  test('an auditor reads', async () => {
    await start({ archive })
    for (const path of ['/intercept/snapshots', one, `${one}/download`])
      expect((await get(path, basic('arno'))).status).toBe(200)
  })

  test.each([
    [new AppError('destination_not_allowed', { details: { name: 'a', organization: 'b' } }), 409, 'CONFLICT'],
    [new AppError('source_missing', { details: { organization: 'sample', type: 'contacts' } }), 400, 'USER_INPUT'],
    [new AppError('invalid_params', { details: { reason: 'organization is needed' } }), 400, 'USER_INPUT'],
    [new AppError('directory_unreachable', { details: { host: 'a', reason: 'b' } }), 502, 'CONNECTIVITY'],
    [new AppError('disk_full', { details: { reason: 'b' } }), 507, 'CAPACITY'],
    [new AppError('too_busy'), 503, 'TRY_AGAIN'],
  ])('of the use case keep their status: %s', async (error, status, categories) => {
    await start({ handlers: { CreateSnapshot: () => Promise.reject(error) } })
    const answer = await create({ username: 'anna', type: 'contacts', action: 'download' })
    expect([answer.status, answer.headers.get('location')]).toEqual([status, null])
    expect(answer.body).toMatchObject({ error: error.message, categories, code: error.code })
  })

  test('of our own tell nothing but where to find them', async () => {
    await start({ handlers: { DeleteSnapshot: () => Promise.reject(new Error('secret')) } })
    const answer = await call('DELETE', one)
    const requestId = answer.headers.get('x-request-id')
    expect([answer.status, answer.body]).toEqual([
      500,
      expect.objectContaining({
        error_params: [requestId],
        categories: 'ERROR',
        code: 'internal',
        error_id: requestId,
      }),
    ])
    expect(answer.text).not.toContain('secret')
  })

  test('a body of more than 1 MB', async () => {
    await start()
    const answer = await call('POST', '/intercept/snapshots', jsonType, `"${'x'.repeat(1_000_001)}"`)
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large', categories: 'USER_INPUT' } })
  })
})

test('each call is a line in the log that names neither snapshot nor user', async () => {
  await start()
  await get(`/v1/intercept/snapshots/${id}`)
  await call('DELETE', `/intercept/snapshots/${id}`)
  await vi.waitFor(
    () =>
      expect(service.logLines.filter(({ msg }) => msg === 'request')).toMatchObject([
        { verb: 'GET', route: '/v1/intercept', caller: 'olga', status: 200, level: 30 },
        { verb: 'DELETE', route: '/intercept', caller: 'olga', status: 200, level: 30 },
      ]),
    patiently,
  )
  expect(JSON.stringify(service.logLines)).not.toMatch(/3f0d2c1e|anna/)
})
