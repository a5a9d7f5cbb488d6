import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportMethods } from '@stillbox/shared/contract/export-methods.ts'
import { snapshotMethods } from '@stillbox/shared/contract/snapshot-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { ExportId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openDatabaseInMemory } from '../../src/adapters/database/open-database.ts'
import type { Caller } from '../../src/domain/access/authorize.ts'
import { clusterInMemory } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { someAdministrator as admin } from '../doubles/callers.ts'
import { openSnapshotBench, type SnapshotBench } from './snapshot-bench.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const { ExportSnapshot, GetExports } = exportMethods
const withCode = (code: Parameters<typeof isAppError>[1]) => (error: unknown) => isAppError(error, code)

describe('an export', () => {
  let bench: SnapshotBench
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let nowMs = Date.parse('2026-11-22T10:00:00Z')
  beforeAll(async () => {
    folder = await ownFolder('exports')
    const clock = { now: () => new Date(nowMs) }
    bench = await openSnapshotBench({
      database: await openDatabaseInMemory(await clusterInMemory()),
      folder: folder.path,
      clock,
    })
    await bench.start()
  })
  afterAll(async () => {
    await bench.close()
    await folder.remove()
  })
  const lying = () => readdir(join(folder.path, 'exports'))
  const available = async () => {
    const params = { userName: 'anna', type: ['mailbox'], start: '2026-01-01', end: '2026-02-01' }
    const { snapshotId, statusToken } = await bench.create(snapshotMethods.CreateSnapshot.params.parse(params))
    await bench.settled(statusToken)
    return snapshotId
  }
  const order = (snapshotId: string, given: object = {}) =>
    ExportSnapshot.params.parse({ snapshotId, format: 'zip-eml', ...given })
  const list = async (snapshotId: Awaited<ReturnType<typeof available>>) =>
    GetExports.result.parse(await bench.handlers.GetExports({ snapshotId }, admin)).exports

  it('goes from the call to files that appear all at once, with their report and their end', async () => {
    const snapshotId = await available()
    const { exportId, statusToken } = await bench.export(order(snapshotId, { words: 'offer' }))
    const { status, result, messages } = await bench.settled(statusToken)
    expect(status).toBe('succeeded')
    expect(messages).toMatchObject([{ type: 'warning', text: expect.stringContaining('1 items were skipped') }])
    const [found, ...others] = await list(snapshotId)
    expect(others).toEqual([])
    // Its end is noted by the queue, a moment after the result was made.
    expect(ExportSnapshot.result.parse(result)).toEqual({ ...found, finishedAt: expect.any(String) })
    expect(found).toMatchObject({
      ...{ exportId, snapshotId, format: 'zip-eml', folder: null, words: 'offer', maxGb: null, state: 'done' },
      ...{ createdBy: admin.userName, error: null, expiresAt: '2026-11-23T10:00:00.000Z' },
      report: { counts: { written: 2, skipped: 1 } },
      progress: { itemsDone: 2, bytesDone: 100 },
      files: [{ name: 'anna eml.zip', sizeBytes: 17 }, { name: 'export-report.json' }],
    })
    expect(await lying()).toEqual([exportId])
    const file = await bench.exportFiles.open(exportId, 'anna eml.zip')
    expect(file.sizeBytes).toBe(17)
    await file.close()
    for (const name of ['nothing', '..', '.', `../${exportId}/anna eml.zip`, ''])
      await expect(bench.exportFiles.open(exportId, name)).rejects.toSatisfy(withCode('not_found'))
  })

  it('tells its progress, waits for another of the same snapshot, and can be stopped', async () => {
    const snapshotId = await available()
    const first = await bench.export(order(snapshotId, { words: 'for ever' }))
    await expect
      .poll(async () => (await list(snapshotId))[0])
      .toMatchObject({ state: 'running', progressPercentage: 50 })
    const second = await bench.export(order(snapshotId, { words: 'for ever' }))
    expect((await list(snapshotId)).map(({ state }) => state).sort()).toEqual(['running', 'waiting'])
    const one = await bench.handlers.CancelExport({ snapshotId, exportId: second.exportId }, admin)
    expect(one).toMatchObject({ state: 'failed', error: `Cancelled by ${admin.userName}.`, files: [] })
    await bench.handlers.CancelExport({ snapshotId, exportId: first.exportId }, admin)
    expect(await bench.settled(first.statusToken)).toMatchObject({ status: 'failed' })
    expect((await list(snapshotId)).map(({ state }) => state)).toEqual(['failed', 'failed'])
    await expect.poll(lying).not.toContain(`${first.exportId}.part`)
  })

  it('fails with a sentence, and leaves nothing', async () => {
    const snapshotId = await available()
    const { exportId, statusToken } = await bench.export(order(snapshotId, { words: 'no room' }))
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'failed' })
    expect(await list(snapshotId)).toMatchObject([{ state: 'failed', error: expect.stringContaining('about 2.0 GB') }])
    expect((await lying()).filter((name) => name.startsWith(exportId))).toEqual([])
  })

  it('is deleted by hand, and with its snapshot', async () => {
    const snapshotId = await available()
    const [one, two] = [await bench.export(order(snapshotId)), await bench.export(order(snapshotId))]
    for (const { statusToken } of [one, two]) await bench.settled(statusToken)
    await bench.handlers.DeleteExport({ snapshotId, exportId: one.exportId }, admin)
    expect((await list(snapshotId)).map(({ exportId }) => exportId)).toEqual([two.exportId])
    expect(await lying()).not.toContain(one.exportId)
    await bench.removeOfSnapshot(snapshotId)
    expect(await list(snapshotId)).toEqual([])
    expect(await lying()).not.toContain(two.exportId)
  })

  it('is changed by who asked for it, and by who may operate', async () => {
    const snapshotId = await available()
    const auditor: Caller = { userName: 'arno', role: 'auditor', organizations: null }
    const theirs = await bench.export(order(snapshotId))
    const own = await bench.export(order(snapshotId), auditor)
    for (const { statusToken } of [theirs, own]) await bench.settled(statusToken)
    const remove = (exportId: ExportId) => bench.handlers.DeleteExport({ snapshotId, exportId }, auditor)
    await expect(remove(theirs.exportId)).rejects.toSatisfy(withCode('forbidden'))
    await remove(own.exportId)
    await expect(remove(own.exportId)).rejects.toSatisfy(withCode('not_found'))
    const elsewhere = await available()
    await expect(
      bench.handlers.DeleteExport({ snapshotId: elsewhere, exportId: theirs.exportId }, admin),
    ).rejects.toSatisfy(withCode('not_found'))
  })

  it('expires; what a dead process left goes, and what is under way stays', async () => {
    const snapshotId = await available()
    const done = await bench.export(order(snapshotId))
    await bench.settled(done.statusToken)
    const running = await bench.export(order(snapshotId, { words: 'for ever' }))
    await expect.poll(async () => (await list(snapshotId))[0]?.state).toBe('running')
    const left = ExportId.parse(crypto.randomUUID())
    await mkdir(join(folder.path, 'exports', `${left}.part`))
    await writeFile(join(folder.path, 'exports', `${left}.part`, 'mail'), 'half')
    await bench.expireFiles()
    expect(await lying()).toEqual(expect.arrayContaining([done.exportId, `${running.exportId}.part`]))
    expect(await lying()).not.toContain(`${left}.part`)
    nowMs += 24 * 3_600_000
    expect(await bench.expireFiles()).toBeGreaterThan(0)
    expect((await list(snapshotId)).map(({ exportId }) => exportId)).toEqual([running.exportId])
    expect(await lying()).toEqual([`${running.exportId}.part`])
    await bench.handlers.CancelExport({ snapshotId, exportId: running.exportId }, admin)
    await bench.settled(running.statusToken)
  })

  it('refuses what cannot be', async () => {
    const snapshotId = await available()
    await expect(bench.export(order(snapshotId, { maxGb: 3 }))).rejects.toSatisfy(withCode('invalid_params'))
    await bench.remove({ snapshotId })
    await expect(bench.export(order(snapshotId))).rejects.toSatisfy(withCode('conflict'))
    expect(ExportSnapshot.params.safeParse({ snapshotId, format: 'doc' }).success).toBe(false)
  })
})
