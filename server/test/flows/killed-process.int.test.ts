import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { StatusToken } from '@stillbox/shared/contract/status.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/adapters/database/open-database.ts'
import { type Child, ownFolder, startChild } from '../../testkit/servers/child.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import { someAdministrator } from '../doubles/callers.ts'
import { openSnapshotBench } from './snapshot-bench.ts'

const program = join(import.meta.dirname, 'capturing-process.ts')

const startCapturing = async (folder: string, url: string | null) => {
  const child = startChild(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder, url ?? '-'])
  const hasBegun = () => /^capturing /m.test(child.output()) && /^created /m.test(child.output())
  await expect.poll(hasBegun, { timeout: 90_000, interval: 50 }).toBe(true)
  const [, snapshotId, statusToken] = /^created (\S+) (\S+)$/m.exec(child.output())!
  return { child, snapshotId: SnapshotId.parse(snapshotId), statusToken: StatusToken.parse(statusToken) }
}

const killed = async (child: Child) => {
  child.kill('SIGKILL')
  await child.exited
}

// Making an embedded database takes three seconds on an idle machine, and much longer on a busy one.
describe('a process killed with -9 while it captures', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let children: Child[]
  beforeEach(async () => {
    folder = await ownFolder('killed')
    children = []
  })
  afterEach(async () => {
    for (const child of children) await child.stop()
    await folder.remove()
  })

  it('on the embedded database: keeps others out while it lives, loses nothing, and its job goes on at the next start', async () => {
    const { child, snapshotId, statusToken } = await startCapturing(folder.path, null)
    children.push(child)
    await expect(openDatabase({ url: null, folder: folder.path })).rejects.toThrow(
      `${folder.path} is in use by another Stillbox process`,
    )
    await killed(child)
    expect(await readdir(join(folder.path, 'work'))).toEqual([snapshotId])

    const database = await openDatabase({ url: null, folder: folder.path })
    const bench = await openSnapshotBench({ database, folder: folder.path })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'dumping', attempt: 1 })
    expect(await bench.sweep()).toMatchObject({ workFoldersRemoved: 1 })
    await bench.start()
    expect(await bench.settled(statusToken, 10_000)).toMatchObject({
      status: 'succeeded',
      result: { snapshotId, state: 'available', attempt: 2 },
    })
    expect(await readdir(join(folder.path, 'work'))).toEqual([])
    await access(bench.archives.archivePath(snapshotId))
    await expect.poll(async () => (await bench.snapshots.get(snapshotId)).fullTextState).toBe('ready')
    expect(bench.errors).toEqual([])
    await bench.close()
  })

  describe.skipIf(!needs('postgres'))('on PostgreSQL', () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres()
    })
    afterAll(() => server.stop())

    it('is noticed by another process, which takes the job over', async () => {
      const url = await server.createDatabase('killed')
      const { child, snapshotId, statusToken } = await startCapturing(folder.path, url)
      children.push(child)
      const bench = await openSnapshotBench({
        database: await openDatabase({ url, folder: folder.path }),
        folder: folder.path,
        queue: { heartbeatSeconds: 10, superviseSeconds: 2 },
      })
      // The other process is at work, so its folder stays and its job is not taken.
      expect(await bench.sweep()).toMatchObject({ workFoldersRemoved: 0 })
      await bench.start()
      await killed(child)
      expect(await bench.settled(statusToken, 40_000)).toMatchObject({
        status: 'succeeded',
        result: { snapshotId, state: 'available', attempt: 2 },
      })
      expect(await readdir(join(folder.path, 'work'))).toEqual([])
      await bench.close()
    })

    it('is cancelled by another process within two seconds', async () => {
      const url = await server.createDatabase('cancelled')
      const { child, snapshotId, statusToken } = await startCapturing(folder.path, url)
      children.push(child)
      const bench = await openSnapshotBench({
        database: await openDatabase({ url, folder: folder.path }),
        folder: folder.path,
      })
      const cancelledAtMs = Date.now()
      await bench.cancel({ snapshotId }, { ...someAdministrator, userName: 'bruno' })
      expect(await bench.settled(statusToken, 5_000)).toMatchObject({
        status: 'failed',
        messages: [{ text: 'Cancelled by bruno.' }],
      })
      expect(Date.now() - cancelledAtMs).toBeLessThan(2_500)
      expect(await readdir(join(folder.path, 'work'))).toEqual([])
      await bench.close()
    })
  })
})
