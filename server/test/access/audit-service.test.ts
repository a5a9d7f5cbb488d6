import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { Result } from '@stillbox/shared/contract/registry.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { listen } from '../../src/http/listen.ts'
import { placeCluster } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { basic, jsonType } from '../doubles/http-service.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const password = 'a password for everybody'
let folder: Awaited<ReturnType<typeof ownFolder>>
beforeAll(async () => {
  folder = await ownFolder('audit')
  await placeCluster(join(folder.path, 'data'))
  await writeFile(join(folder.path, 'stillbox.config.yaml'), JSON.stringify({ sample: true, logLevel: 'silent' }))
})
afterAll(() => folder.remove())

/** The whole service on this folder, from its start to its stop. */
const duringRun = async <T>(
  work: (call: (method: string, params?: object) => Promise<unknown>, url: string) => Promise<T>,
): Promise<T> => {
  const config = readConfig({ STILLBOX_DATA_DIR: 'data', STILLBOX_ADMIN_PASSWORD: password }, folder.path)
  const service = await compose(config, pino({ level: 'silent' }), {
    passwordCost: { memoryKib: 8, passes: 1, lanes: 1 },
  })
  const server = await listen(service.app, { host: '127.0.0.1', port: 0, graceMs: 500 })
  try {
    await service.start()
    const headers = { ...basic('admin', password), ...jsonType }
    return await work(async (method, params = {}) => {
      const body = JSON.stringify(params)
      const response = await fetch(`${server.url}/JSON/Invoke/${method}`, { method: 'POST', headers, body })
      return response.json()
    }, server.url)
  } finally {
    await server.close()
    await service.close()
  }
}
const entries = async (call: (method: string, params?: object) => Promise<unknown>) =>
  ((await call('GetAuditLog')) as { readonly entries: readonly AuditEntry[] }).entries
    .toReversed()
    .map(({ action, actor, outcome }) => `${action} ${actor ?? 'itself'} ${outcome}`)

test('the service keeps one log from start to start, with its own starts and stops in it', async () => {
  const { headHash } = await duringRun(async (call) => {
    await call('CreateUser', { userName: 'olga', privileges: 'operator', organizations: ['*'] })
    return (await call('VerifyAuditLog')) as Result<'VerifyAuditLog'>
  })
  expect(headHash).toMatch(/^[0-9a-f]{64}$/)

  await duringRun(async (call, url) => {
    expect(await entries(call)).toEqual([
      'service.start itself done',
      'account.create itself done',
      'sign-in admin done',
      'account.create admin done',
      'audit.verify admin done',
      'service.stop itself done',
      'service.start itself done',
      'sign-in admin done',
    ])
    expect(await call('VerifyAuditLog')).toMatchObject({ ok: true, fault: null })
    const exported = await fetch(`${url}/audit-log.jsonl`, { headers: basic('admin', password) })
    expect(await exported.text()).toContain(`"hash":"${headHash}"`)
  })
})
