import { setTimeout as sleep } from 'node:timers/promises'
import { snapshotMethods } from '@stillbox/shared/contract/snapshot-methods.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/adapters/database/open-database.ts'
import { freePort, ownFolder } from '../../testkit/servers/child.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import { someAdministrator } from '../doubles/callers.ts'
import { sampleOrganization } from '../doubles/fixed-directory.ts'
import { openSnapshotBench, type SnapshotBench } from './snapshot-bench.ts'

const params = (userName: string) =>
  snapshotMethods.CreateSnapshot.params.parse({
    userName,
    type: ['mailbox'],
    start: '2026-01-01',
    end: '2026-02-01',
  })
const admin = someAdministrator

describe.skipIf(!needs('postgres'))('several processes on one PostgreSQL', () => {
  let server: PostgresServer
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let benches: SnapshotBench[]
  beforeAll(async () => {
    server = await startPostgres()
    folder = await ownFolder('several')
    const url = await server.createDatabase('several')
    // All at once on an empty database: each wants to create the tables.
    benches = await Promise.all(
      Array.from({ length: 3 }, async () =>
        openSnapshotBench({
          database: await openDatabase({ url, folder: folder.path, maxConnections: 4 }),
          folder: folder.path,
          organizations: [{ ...sampleOrganization, maxCapturesAtOnce: 3 }],
        }),
      ),
    )
  })
  afterAll(async () => {
    for (const bench of benches) await bench.close()
    await folder.remove()
    await server.stop()
  })

  it('share the jobs, each done once, and keep the limit of a mail host between them', async () => {
    let atOnce = 0
    let most = 0
    const doneBy = new Map<string, number[]>()
    for (const [number, bench] of benches.entries()) {
      for (let n = 0; n < 18; n++)
        bench.scripts.set(`user ${n}`, async ({ request, finish }) => {
          doneBy.set(request.userName, [...(doneBy.get(request.userName) ?? []), number])
          most = Math.max(most, ++atOnce)
          await sleep(150)
          atOnce--
          return finish()
        })
      await bench.start()
    }
    const queued = await Promise.all(
      Array.from({ length: 18 }, (_, n) => benches[n % 3]!.create(params(`user ${n}`), admin)),
    )
    for (const { statusToken } of queued)
      expect(await benches[0]!.settled(statusToken, 40_000)).toMatchObject({ status: 'succeeded' })
    expect(most).toBeLessThanOrEqual(3)
    expect([...doneBy.values()].map((numbers) => numbers.length)).toEqual(Array.from({ length: 18 }, () => 1))
    expect(new Set([...doneBy.values()].flat()).size).toBeGreaterThan(1)
  })

  it('deliver a final status once, however many read it through however many processes', async () => {
    for (let round = 0; round < 10; round++) {
      const { statusToken } = await benches[0]!.create(params(`race ${round}`), admin)
      // All read on while it runs, so that the end meets them side by side; spent, the token is known to none of them.
      let finals = 0
      let known = 1
      while (known > 0) {
        const answers = await Promise.allSettled(
          Array.from({ length: 9 }, (_, n) => benches[n % 3]!.status(statusToken)),
        )
        const read = answers.filter((answer) => answer.status === 'fulfilled')
        finals += read.filter(({ value }) => value.status !== 'running').length
        known = read.length
      }
      expect(finals).toBe(1)
    }
  })

  it('that cannot reach the server say which one, and no credentials', async () => {
    const port = await freePort()
    const opening = openDatabase({ url: `postgres://someone:geheim@127.0.0.1:${port}/stillbox`, folder: folder.path })
    const error = await opening.then(
      () => null,
      (reason: unknown) => reason,
    )
    expect(String(error)).toContain(`127.0.0.1:${port}/stillbox cannot be used: ECONNREFUSED`)
    expect(String(error)).toContain('DATABASE_URL')
    expect(String(error)).not.toMatch(/geheim|someone/)
    const missing = openDatabase({ url: server.url.replace('/postgres', '/nothing'), folder: folder.path })
    await expect(missing).rejects.toThrow('it has no database of this name')
  })
})
