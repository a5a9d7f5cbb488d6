import { snapshotMethods } from '@stillbox/shared/contract/snapshot-methods.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openDatabaseInMemory } from '../../src/adapters/database/open-database.ts'
import { storedSnapshot } from '../../src/ports/snapshot-store.contract.ts'
import { clusterInMemory } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { operatorOf, someAdministrator } from '../doubles/callers.ts'
import { sampleOrganization } from '../doubles/fixed-directory.ts'
import { openSnapshotBench, type SnapshotBench } from '../flows/snapshot-bench.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const [here, elsewhere] = [OrganizationId.parse('here'), OrganizationId.parse('elsewhere')]
const { CreateSnapshot, GetSnapshots } = snapshotMethods
const params = (given: object) =>
  CreateSnapshot.params.parse({ userName: 'anna', type: ['calendar'], action: 'download', ...given })

describe('somebody who is limited to one organization', () => {
  let bench: SnapshotBench
  let folder: Awaited<ReturnType<typeof ownFolder>>
  const olga = operatorOf(here)
  beforeAll(async () => {
    folder = await ownFolder('limit')
    bench = await openSnapshotBench({
      database: await openDatabaseInMemory(await clusterInMemory()),
      folder: folder.path,
      organizations: [
        { ...sampleOrganization, organization: here },
        { ...sampleOrganization, organization: elsewhere },
      ],
    })
    await bench.start()
  })
  afterAll(async () => {
    await bench.close()
    await folder.remove()
  })

  it('creates there without naming it, and learns of no other', async () => {
    const { snapshotId, statusToken } = await bench.create(params({}), olga)
    expect((await bench.info({ snapshotId }, olga)).organization).toBe(here)
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'succeeded' })
    await expect(bench.create(params({ organization: elsewhere }), olga)).rejects.toMatchObject({
      code: 'invalid_params',
      message: 'there is no organization “elsewhere”; there is: here',
    })
    await expect(bench.create(params({}), operatorOf())).rejects.toMatchObject({ code: 'invalid_params' })
  })

  it('finds nothing of another, in the words for what does not exist', async () => {
    const theirs = storedSnapshot({ organization: elsewhere, state: 'failed' })
    await bench.snapshots.adopt(theirs, { folders: [], issues: [] })
    const { snapshotId } = theirs
    const missing = { code: 'not_found', message: 'There is no snapshot with this id. It may have been deleted.' }
    for (const call of [bench.info, bench.cancel, bench.retry, bench.remove, bench.verify, bench.rebuild]) {
      await expect(call({ snapshotId }, olga)).rejects.toMatchObject(missing)
      await expect(call({ snapshotId: storedSnapshot().snapshotId }, olga)).rejects.toMatchObject(missing)
    }
    expect((await bench.snapshots.get(snapshotId)).state).toBe('failed')
    await expect(bench.rebuild({}, olga)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('lists and counts only its own, whatever it asks for', async () => {
    const list = (given: object, caller = olga) => bench.list(GetSnapshots.params.parse(given), caller)
    const all = await list({}, someAdministrator)
    expect(new Set(all.snapshots.map(({ organization }) => organization))).toEqual(new Set([here, elsewhere]))
    const own = await list({})
    expect(new Set(own.snapshots.map(({ organization }) => organization))).toEqual(new Set([here]))
    expect(own.total).toBe(own.snapshots.length)
    expect(own.totalByState.failed).toBe(0)
    expect(await list({ organization: elsewhere })).toMatchObject({ snapshots: [], total: 0 })
    expect(await list({}, operatorOf())).toMatchObject({ snapshots: [], total: 0 })
    expect(await bench.snapshots.archiveUsage({ organizations: [elsewhere] })).toEqual({
      archiveCount: 0,
      archiveBytes: 0,
    })
    expect((await bench.snapshots.archiveUsage({ organizations: [here] })).archiveCount).toBe(1)
  })

  it('neither reads nor spends the status token of another', async () => {
    const { snapshotId, statusToken } = await bench.create(params({ organization: elsewhere }), someAdministrator)
    await expect.poll(async () => (await bench.snapshots.get(snapshotId)).state).toBe('available')
    await expect(bench.status(statusToken, olga)).rejects.toMatchObject({ code: 'status_token_unknown' })
    expect((await bench.settled(statusToken)).status).toBe('succeeded')
    const { statusToken: ofAll } = await bench.rebuild({}, someAdministrator)
    await expect(bench.status(ofAll, olga)).rejects.toMatchObject({ code: 'status_token_unknown' })
  })
})
