import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterEach, describe, expect, test } from 'vitest'
import {
  basic,
  startTestService,
  type TestService,
  testExport,
  testSnapshot,
} from '../../../test/doubles/http-service.ts'
import type { StoredArchive } from '../../ports/archive-store.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})

const bytes = Buffer.from('0123456789')
const file: StoredArchive = {
  sizeBytes: bytes.length,
  modifiedAtMs: Date.parse('2026-11-17T14:00:03Z'),
  stream: async function* ({ start, end }) {
    yield bytes.subarray(start, end + 1)
  },
  close: async () => {},
}
const { exportId } = testExport
const path = `/exports/${exportId}/anna%20eml.zip`
const start = async (options: Parameters<typeof startTestService>[0] = {}) => {
  service = await startTestService({ archive: file, ...options })
  const { url, auditEntries } = service
  const get = (address = path, headers: Record<string, string> = {}, method = 'GET', userName = 'arno') =>
    fetch(`${url}${address}`, { method, headers: { ...basic(userName), ...headers } })
  return { get, auditEntries }
}

describe('a file of an export', () => {
  test('comes to who may read, as a download, and is told in the audit log', async () => {
    const { get, auditEntries } = await start()
    const response = await get()
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('0123456789')
    expect(response.headers.get('content-type')).toBe('application/zip')
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="anna eml.zip"/)
    expect(response.headers.get('cache-control')).toContain('private')
    const entries = auditEntries.filter(({ action }) => action === 'export.download')
    expect(entries).toMatchObject([
      { actor: 'arno', outcome: 'done', target: testSnapshot.snapshotId, details: { exportId, start: 0, bytes: 10 } },
    ])
    // What files are called tells whose they are; the id is enough.
    expect(JSON.stringify(entries)).not.toContain('anna')
  })

  test('goes on where it stopped, as long as it is the same', async () => {
    const { get } = await start()
    const etag = (await get(path, {}, 'HEAD')).headers.get('etag')!
    const rest = await get(path, { range: 'bytes=4-', 'if-range': etag })
    expect([rest.status, rest.headers.get('content-range'), await rest.text()]).toEqual([
      ...[206, 'bytes 4-9/10', '456789'],
    ])
    expect((await get(path, { range: 'bytes=4-', 'if-range': '"another"' })).status).toBe(200)
    expect((await get(path, { range: 'bytes=10-' })).status).toBe(416)
    expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
  })

  test.each([
    `/exports/${exportId}/nothing.zip`,
    `/exports/${exportId}/..%2f..%2fkeys%2fsigning.pem`,
    `/exports/${exportId}/%2e%2e`,
    `/exports/${testSnapshot.snapshotId}/anna%20eml.zip`,
    '/exports/1/anna%20eml.zip',
  ])('%s is not there', async (address) => {
    const { get } = await start()
    expect([404, 400]).toContain((await get(address)).status)
  })

  test('is not there for whoever may not know of its snapshot, which is told', async () => {
    const { get, auditEntries } = await start({ snapshot: { organization: OrganizationId.parse('elsewhere') } })
    await service!.accounts.create({
      ...{ userName: 'otto', fullName: '', emailAddresses: [], role: 'operator' },
      ...{ organizations: [OrganizationId.parse('sample')], passwordHash: service!.passwordHash },
    })
    const response = await get(path, {}, 'GET', 'otto')
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('no export')])
    expect(auditEntries.at(-1)).toMatchObject({ action: 'export.download', outcome: 'refused', actor: 'otto' })
  })

  test('is not there any more once it has expired, though it still lies there', async () => {
    const { get } = await start({ clock: { now: () => new Date('2126-11-19T00:00:00Z') } })
    expect((await get()).status).toBe(404)
  })

  test('is for nobody who has not signed in', async () => {
    await start()
    expect((await fetch(`${service!.url}${path}`)).status).toBe(401)
  })
})
