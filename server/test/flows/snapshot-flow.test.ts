import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { snapshotMethods } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { JobId, OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openDatabaseInMemory } from '../../src/adapters/database/open-database.ts'
import { adoptArchives } from '../../src/domain/snapshot/adopt-archives.ts'
import { createSnapshot } from '../../src/domain/snapshot/create-snapshot.ts'
import { runSnapshot } from '../../src/domain/snapshot/run-snapshot.ts'
import { clusterInMemory } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { someAdministrator } from '../doubles/callers.ts'
import { createFixedDirectory, sampleOrganization } from '../doubles/fixed-directory.ts'
import type { CaptureScript } from '../doubles/scripted-archive-work.ts'
import { openSnapshotBench, type SnapshotBench } from './snapshot-bench.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const newId = () => SnapshotId.parse(crypto.randomUUID())
const admin = someAdministrator
const { CreateSnapshot, GetSnapshots, GetSnapshotInfo, VerifySnapshot } = snapshotMethods
const params = (given: object = {}) =>
  CreateSnapshot.params.parse({ userName: 'anna', type: ['mailbox'], start: '2026-01-01', end: '2026-02-01', ...given })
const withCode = (code: Parameters<typeof isAppError>[1]) => (error: unknown) => isAppError(error, code)

/** Runs until its signal aborts, and tells when it began and that it has ended. */
const endless = () => {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const script: CaptureScript = async ({ signal }) => {
    begun.resolve()
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    ended.resolve()
    throw signal.reason
  }
  return { script, begun: begun.promise, ended: ended.promise }
}

describe('a snapshot', () => {
  let bench: SnapshotBench
  let folder: Awaited<ReturnType<typeof ownFolder>>
  beforeAll(async () => {
    folder = await ownFolder('flow')
    bench = await openSnapshotBench({
      database: await openDatabaseInMemory(await clusterInMemory()),
      folder: folder.path,
    })
    await bench.start()
  })
  afterAll(async () => {
    await bench.close()
    await folder.remove()
  })
  const filesIn = (name: string) => readdir(join(folder.path, name))
  const nothingLeftOf = async (snapshotId: string) => {
    await expect.poll(() => filesIn('work')).not.toContain(snapshotId)
    expect((await filesIn('archives')).filter((name) => name.startsWith(snapshotId))).toEqual([])
  }

  it('goes from the call to an archive with its account, and to full text after that', async () => {
    bench.scripts.set('anna@sample.example', async ({ progress, finish }) => {
      progress({ ...noProgress, itemsDone: 1, itemsExpected: 4, bytesDone: 50, bytesExpected: 100 })
      return finish()
    })
    const { snapshotId, statusToken } = await bench.create(
      params({ userName: 'anna@sample.example', type: ['calendar', 'mailbox'], password: 'geheim' }),
      admin,
    )
    const answer = await bench.settled(statusToken)
    expect(answer).toMatchObject({ status: 'succeeded', progressPercentage: 100, messages: [] })
    const snapshot = CreateSnapshot.result.parse(answer.result)
    expect(snapshot).toMatchObject({
      snapshotId,
      state: 'available',
      createdBy: 'admin',
      attempt: 1,
      itemCount: 3,
      issueCount: 1,
      rootHash: 'ab'.repeat(32),
      archiveSizeBytes: 'archive of anna@sample.example'.length,
      archiveName: `anna@sample.example ${snapshot.createdAt.slice(0, 10)} mailbox+calendar.zip`,
      progress: { bytesDone: 50, currentFolder: null },
      error: null,
    })
    expect(bench.passwords).toContain('geheim')
    expect((await bench.snapshots.getForJob(snapshotId)).sealedPassword).toBeNull()
    expect(await filesIn('work')).toEqual([])
    await expect.poll(async () => (await bench.snapshots.get(snapshotId)).fullTextState).toBe('ready')

    const info = GetSnapshotInfo.result.parse(await bench.info({ snapshotId }))
    expect(info.folders).toHaveLength(1)
    expect(info.issues).toHaveLength(1)
    expect(info.messages.map(({ text }) => text)).toEqual([
      'Attempt 1 of 5 begins.',
      'The archive is complete: 3 items. One folder was empty.',
      'Ready for download.',
    ])
    const page = GetSnapshots.result.parse(await bench.list(GetSnapshots.params.parse({ userName: 'ANNA@' })))
    expect(page).toMatchObject({ total: 1, next: null, totalByState: { available: 1, failed: 0 } })
  })

  it('is refused when the call cannot be carried out, and accepted for a user nobody knows', async () => {
    await expect(bench.create(params({ organization: 'other' }), admin)).rejects.toThrow('there is: sample')
    const second = { ...sampleOrganization, organization: OrganizationId.parse('second'), types: ['contacts'] as const }
    const withTwo = createSnapshot({
      ...bench,
      directory: createFixedDirectory([sampleOrganization, second]).directory,
    })
    await expect(withTwo(params(), admin)).rejects.toThrow('there are several: sample, second')
    await expect(withTwo(params({ organization: 'second' }), admin)).rejects.toSatisfy(withCode('source_missing'))

    const { snapshotId, statusToken } = await bench.create(params({ userName: 'nobody', password: 'x' }), admin)
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'failed',
      result: null,
      messages: [{ type: 'error', text: expect.stringContaining('“nobody”') }],
    })
    const { snapshot, sealedPassword } = await bench.snapshots.getForJob(snapshotId)
    expect(snapshot).toMatchObject({ state: 'failed', error: { code: 'user_unknown' }, nextAttemptAt: null })
    expect(sealedPassword).toBeNull()
    await nothingLeftOf(snapshotId)
  })

  it('is tried again for what may pass, and tells when', async () => {
    const begunAtMs: number[] = []
    bench.scripts.set('flaky', async ({ finish }) => {
      begunAtMs.push(Date.now())
      if (begunAtMs.length <= 2)
        throw new AppError('source_unreachable', { details: { host: 'mail.example', reason: 'no answer' } })
      return finish()
    })
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'flaky', password: 'kept' }), admin)
    await expect
      .poll(() => bench.snapshots.get(snapshotId), { interval: 20 })
      .toMatchObject({ state: 'pending', error: { code: 'source_unreachable' }, nextAttemptAt: expect.any(String) })
    expect((await bench.snapshots.getForJob(snapshotId)).sealedPassword).not.toBeNull()
    await nothingLeftOf(snapshotId)
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'succeeded', result: { attempt: 3, error: null } })
    expect(begunAtMs[1]! - begunAtMs[0]!).toBeGreaterThanOrEqual(900)
    expect(begunAtMs[1]! - begunAtMs[0]!).toBeLessThan(4_000)
  })

  it('fails with the catalog’s sentence, and its inner words stay in the log', async () => {
    bench.scripts.set('full', async () => {
      throw new AppError('disk_full', { details: { reason: 'no space left' } })
    })
    bench.scripts.set('broken', async () => {
      throw new TypeError('secret detail')
    })
    const full = await bench.create(params({ userName: 'full' }), admin)
    expect((await bench.settled(full.statusToken)).messages[0]?.text).toContain('no space left')
    const broken = await bench.create(params({ userName: 'broken' }), admin)
    const answer = await bench.settled(broken.statusToken)
    expect(answer.status).toBe('failed')
    expect(JSON.stringify(answer)).not.toContain('secret detail')
    expect(bench.errors.map(String)).toContain('TypeError: secret detail')
    for (const { snapshotId } of [full, broken]) await nothingLeftOf(snapshotId)
  })

  it('is cancelled while it runs, retried with a new password, and deleted', async () => {
    const running = endless()
    bench.scripts.set('long', running.script)
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'long' }), admin)
    await running.begun
    const cancelledAtMs = Date.now()
    const cancelled = await bench.cancel({ snapshotId }, { ...someAdministrator, userName: 'bruno' })
    expect(cancelled).toMatchObject({ state: 'failed', error: { code: 'cancelled', message: 'Cancelled by bruno.' } })
    await running.ended
    expect(Date.now() - cancelledAtMs).toBeLessThan(2_000)
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'failed',
      messages: [{ type: 'error', text: 'Cancelled by bruno.' }],
    })
    await nothingLeftOf(snapshotId)
    await expect(bench.cancel({ snapshotId }, admin)).rejects.toSatisfy(withCode('conflict'))

    bench.scripts.delete('long')
    const retried = await bench.retry({ snapshotId, password: 'again' })
    expect(await bench.settled(retried.statusToken)).toMatchObject({ status: 'succeeded', result: { attempt: 1 } })
    expect(bench.passwords).toContain('again')
    await expect(bench.retry({ snapshotId })).rejects.toSatisfy(withCode('conflict'))

    const deleted = await bench.remove({ snapshotId }, admin)
    expect(deleted).toMatchObject({ state: 'deleted', archiveName: null, archiveSizeBytes: null })
    await expect.poll(async () => filesIn('archives')).not.toContain(`${snapshotId}.zip`)
    await expect(bench.remove({ snapshotId }, admin)).rejects.toSatisfy(withCode('conflict'))
    const listed = await bench.list(GetSnapshots.params.parse({ userName: 'long' }))
    expect(listed).toMatchObject({ snapshots: [], total: 0, totalByState: { deleted: 1 } })
  })

  it('that is retried right after a cancel waits for the cancelled attempt to let go', async () => {
    const order: string[] = []
    let attempts = 0
    const begun = Promise.withResolvers<void>()
    bench.scripts.set('eager', async ({ signal, finish }) => {
      if (++attempts > 1) {
        order.push('second begins')
        return finish()
      }
      begun.resolve()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      await new Promise((resolve) => setTimeout(resolve, 500))
      order.push('first ends')
      throw signal.reason
    })
    const { snapshotId } = await bench.create(params({ userName: 'eager' }), admin)
    await begun.promise
    await bench.cancel({ snapshotId }, admin)
    const { statusToken } = await bench.retry({ snapshotId })
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'succeeded' })
    expect(order).toEqual(['first ends', 'second begins'])
  })

  it('is busy while it runs: it cannot be deleted, verified or indexed', async () => {
    const running = endless()
    bench.scripts.set('busy', running.script)
    const { snapshotId } = await bench.create(params({ userName: 'busy' }), admin)
    await running.begun
    for (const refused of [
      bench.remove({ snapshotId }, admin),
      bench.verify({ snapshotId }),
      bench.rebuild({ snapshotId }),
    ])
      await expect(refused).rejects.toSatisfy(withCode('conflict'))
    await bench.cancel({ snapshotId }, admin)
    await running.ended
  })

  it('is verified, and the store is indexed anew around a damaged archive', async () => {
    const made = []
    for (const userName of ['good', 'bad']) {
      const { snapshotId, statusToken } = await bench.create(params({ userName }), admin)
      await bench.settled(statusToken)
      await expect.poll(async () => (await bench.snapshots.get(snapshotId)).fullTextState).toBe('ready')
      made.push(snapshotId)
    }
    const [good, bad] = made as [(typeof made)[0], (typeof made)[0]]
    bench.brokenArchives.add(bench.archives.archivePath(bad))
    const whole = await bench.settled((await bench.verify({ snapshotId: good })).statusToken)
    expect(VerifySnapshot.result.parse(whole.result)).toMatchObject({ ok: true, faults: [] })
    const damaged = await bench.settled((await bench.verify({ snapshotId: bad })).statusToken)
    expect(VerifySnapshot.result.parse(damaged.result)).toMatchObject({ ok: false, faults: [{ code: 'hash_differs' }] })
    expect(await bench.snapshots.get(bad)).toMatchObject({ state: 'available', lastVerifiedOk: false })
    expect(await bench.snapshots.get(good)).toMatchObject({ lastVerifiedOk: true, lastVerifiedAt: expect.any(String) })

    const all = await bench.settled((await bench.rebuild({})).statusToken)
    expect(all.status).toBe('succeeded')
    expect(all.result).toMatchObject({ archivesFailed: 1 })
    expect(all.messages).toEqual([{ type: 'error', text: expect.stringContaining(bad) }])
    expect((await bench.snapshots.get(bad)).fullTextState).toBe('failed')
    expect((await bench.snapshots.get(good)).fullTextState).toBe('ready')
    const one = await bench.settled((await bench.rebuild({ snapshotId: good })).statusToken)
    expect(one.result).toEqual({ archivesIndexed: 1, archivesFailed: 0, itemsIndexed: 3 })
  })

  it('that was complete when its process died takes the last step only', async () => {
    let captures = 0
    const blocker = endless()
    bench.scripts.set('late', async (tools) => {
      captures++
      if (captures > 1) throw new Error('captured again')
      const outcome = await tools.finish()
      // What a process leaves that dies between the two moves: the archive published, the row `dumped`, the job still to end.
      await bench.archives.publish(tools.request.snapshotId, outcome.archivePath)
      await bench.snapshots.move(tools.request.snapshotId, 'dumping', 'dumped', { dumpedAt: new Date().toISOString() })
      throw new AppError('shutting_down')
    })
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'late' }), admin)
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'succeeded', result: { state: 'available' } })
    expect(captures).toBe(1)
    expect(await filesIn('archives')).toContain(`${snapshotId}.zip`)
    bench.scripts.set('late', blocker.script)
  })

  it('that was cancelled once its archive was complete keeps it, and a retry takes the last step only', async () => {
    let captures = 0
    bench.scripts.set('complete', async (tools) => {
      captures++
      const { snapshotId } = tools.request
      await bench.archives.publish(snapshotId, (await tools.finish()).archivePath)
      await bench.snapshots.move(snapshotId, 'dumping', 'dumped', { isStored: true })
      await bench.cancel({ snapshotId }, admin)
      throw new AppError('shutting_down')
    })
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'complete' }), admin)
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'failed' })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'failed', isStored: true })
    expect(await bench.archives.has(snapshotId)).toBe(true)
    await expect.poll(() => filesIn('work')).not.toContain(snapshotId)
    const retried = await bench.retry({ snapshotId })
    expect(await bench.settled(retried.statusToken)).toMatchObject({
      status: 'succeeded',
      result: { state: 'available', isStored: true },
    })
    expect(captures).toBe(1)
  })

  it('leaves nothing behind that the sweep would not find', async () => {
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'sweep' }), admin)
    await bench.settled(statusToken)
    await expect.poll(async () => (await bench.snapshots.get(snapshotId)).fullTextState).toBe('ready')
    const cancelled = await bench.create(params({ userName: 'nobody' }), admin)
    await bench.settled(cancelled.statusToken)
    // What processes leave that die: a work folder, an archive nobody will point at, and one the database has lost.
    const stray = newId()
    const lost = newId()
    for (const id of [cancelled.snapshotId, lost]) {
      const draft = join(await bench.archives.openWorkFolder(id), 'draft.zip')
      await writeFile(draft, 'archive')
      await bench.archives.publish(id, draft)
      await bench.archives.discardWorkFolder(id)
    }
    await bench.archives.openWorkFolder(stray)
    expect(await bench.sweep()).toEqual({ workFoldersRemoved: 1, archivesRemoved: 1, archivesUnknown: 1 })
    expect(await filesIn('work')).toEqual([])
    expect(await bench.archives.has(snapshotId)).toBe(true)

    // The database takes the lost one in again, and names what is no archive.
    const known = await bench.snapshots.get(snapshotId)
    const adopt = adoptArchives({
      ...bench,
      readArchive: async (path) => {
        if (path !== bench.archives.archivePath(lost))
          throw new AppError('archive_invalid', { details: { reason: 'it has no stillbox.json' } })
        return { snapshot: { ...known, snapshotId: lost }, folders: [], issues: [] }
      },
    })
    expect(await adopt()).toMatchObject({ adopted: 1, alreadyKnown: 0 })
    expect(await adopt()).toMatchObject({ adopted: 0, alreadyKnown: 1 })
    expect((await adopt()).failed.map((failure) => failure.snapshotId)).toContain(snapshotId)
    expect(await bench.snapshots.get(lost)).toMatchObject({ state: 'available', userName: 'sweep' })
    await bench.remove({ snapshotId: lost }, admin)
  })

  it('whose process dies each time fails at last, and one that was taken over is left alone', async () => {
    const run = runSnapshot(bench)
    const orphan = async (attempt: number) => {
      const snapshot = { ...(await bench.info({ snapshotId: anyId })), snapshotId: newId() }
      await bench.snapshots.adopt(
        { ...snapshot, state: 'dumping', attempt, userName: 'orphan' },
        { folders: [], issues: [] },
      )
      return snapshot.snapshotId
    }
    const { snapshotId: anyId, statusToken } = await bench.create(params({ userName: 'template' }), admin)
    await bench.settled(statusToken)
    const attemptAt = (snapshotId: typeof anyId, attempt: number, signal = new AbortController().signal) =>
      run({ jobId: JobId.parse(crypto.randomUUID()), kind: 'capture', snapshotId, attempt, maxAttempts: 5, signal })

    const doomed = await orphan(5)
    await bench.archives.openWorkFolder(doomed)
    expect(await attemptAt(doomed, 6)).toMatchObject({ end: 'failed' })
    expect(await bench.snapshots.get(doomed)).toMatchObject({ state: 'failed', error: { code: 'worker_died' } })
    expect(await filesIn('work')).not.toContain(doomed)

    const contested = newId()
    const otherFolder = Promise.withResolvers<string>()
    bench.scripts.set('orphan', async ({ request, finish }) => {
      const outcome = await finish()
      // While this attempt was stuck, another process took the snapshot over and works in a folder of its own.
      await bench.snapshots.update(request.snapshotId, 'dumping', { attempt: 3 })
      otherFolder.resolve(await bench.archives.openWorkFolder(request.snapshotId))
      return outcome
    })
    await bench.snapshots.adopt(
      {
        ...(await bench.snapshots.get(anyId)),
        snapshotId: contested,
        state: 'dumping',
        attempt: 1,
        userName: 'orphan',
      },
      { folders: [], issues: [] },
    )
    expect(await attemptAt(contested, 2)).toEqual({ end: 'give-back' })
    expect(await bench.snapshots.get(contested)).toMatchObject({ state: 'dumping', attempt: 3 })
    await access(await otherFolder.promise)
    expect(await bench.archives.has(contested)).toBe(false)
  })

  it('is given back when the process stops, without counting the attempt', async () => {
    const running = endless()
    bench.scripts.set('stopped', running.script)
    const { snapshotId } = await bench.create(params({ userName: 'stopped' }), admin)
    await running.begun
    await bench.jobs.stop()
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'pending', attempt: 0, error: null })
    expect(await filesIn('work')).not.toContain(snapshotId)
  })
})
