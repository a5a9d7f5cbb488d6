import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportMethods } from '@stillbox/shared/contract/export-methods.ts'
import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { snapshotMethods } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { JobId, OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openDatabaseInMemory } from '../../src/adapters/database/open-database.ts'
import { runDelivery } from '../../src/domain/snapshot/run-delivery.ts'
import { runSnapshot } from '../../src/domain/snapshot/run-snapshot.ts'
import { savedDestination } from '../../src/ports/destination-store.contract.ts'
import { clusterInMemory } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { operatorOf, someAdministrator } from '../doubles/callers.ts'
import type { DeliveryScript } from '../doubles/scripted-archive-work.ts'
import { openSnapshotBench, type SnapshotBench } from './snapshot-bench.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

const admin = someAdministrator
const { CreateSnapshot, SetSnapshotExpiry } = snapshotMethods
const { ExportSnapshot } = exportMethods
const dayMs = 86_400_000
const fingerprint = '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'
const params = (given: object = {}) =>
  CreateSnapshot.params.parse({ userName: 'anna', type: ['contacts'], action: 'sftp', ...given })
const withCode = (code: Parameters<typeof isAppError>[1]) => (error: unknown) => isAppError(error, code)

/** Uploads until its signal aborts, and tells when it began and that it has ended. */
const endless = () => {
  const begun = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<unknown>()
  const script: DeliveryScript = async ({ signal }) => {
    begun.resolve()
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    ended.resolve(signal.reason)
    throw signal.reason
  }
  return { script, begun: begun.promise, ended: ended.promise }
}

describe('a snapshot that is delivered', () => {
  let bench: SnapshotBench
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let nowMs = 0
  beforeAll(async () => {
    folder = await ownFolder('delivery-flow')
    bench = await openSnapshotBench({
      database: await openDatabaseInMemory(await clusterInMemory()),
      folder: folder.path,
      retention: { download: 10, sftp: 20, scp: null },
      clock: { now: () => new Date(Date.now() + nowMs) },
    })
    await bench.start()
  })
  afterAll(async () => {
    await bench.close()
    await folder.remove()
  })

  let count = 0
  const addDestination = async (given: Parameters<typeof savedDestination>[0] = {}) => {
    count++
    const destination = savedDestination({ name: `Vault ${count}`, host: `vault${count}.example`, ...given })
    await bench.destinations.add(destination)
    return destination
  }
  const change = async (destination: ReturnType<typeof savedDestination>, changes: Partial<typeof destination>) =>
    bench.destinations.change(destination.destinationId, destination.changedAt, changes)
  const messagesOf = async (snapshotId: Snapshot['snapshotId']) =>
    (await bench.snapshots.details(snapshotId)).messages.map(({ text }) => text)
  const notesOf = (snapshotId: Snapshot['snapshotId']) => bench.notes.filter(({ target }) => target === snapshotId)
  const until = (snapshotId: Snapshot['snapshotId'], expected: object) =>
    expect.poll(() => bench.snapshots.get(snapshotId), { interval: 20 }).toMatchObject(expected)

  it('is captured, uploaded with progress, and stays here as well', async () => {
    const destination = await addDestination()
    const half = Promise.withResolvers<void>()
    bench.deliveryScripts.set(destination.host, async ({ order, progress, arrive }) => {
      progress({ ...noProgress, bytesDone: 6, bytesExpected: 15, bytesPerSecond: 3 })
      await half.promise
      expect(order.destination).toMatchObject({
        ...{ protocol: 'sftp', host: destination.host, port: 22, username: 'stillbox', path: '/in' },
        auth: { method: 'service-key', privateKeyPems: ['own key'] },
      })
      return arrive()
    })
    const { destinationId } = destination
    const { snapshotId, statusToken } = await bench.create(params({ destinationId, password: 'once' }))
    await until(snapshotId, {
      state: 'uploading',
      isStored: true,
      progressPercentage: 40,
      delivery: { bytesDone: 6, bytesExpected: 15, bytesPerSecond: 3, deliveredPath: null },
    })
    expect((await bench.snapshots.getForJob(snapshotId)).sealedPassword).toBeNull()
    expect(await bench.status(statusToken)).toMatchObject({ status: 'running', progressPercentage: 40 })
    half.resolve()
    const answer = await bench.settled(statusToken)
    expect(answer).toMatchObject({ status: 'succeeded', progressPercentage: 100 })
    const snapshot = CreateSnapshot.result.parse(answer.result)
    const expiresMs = Date.parse(snapshot.finishedAt!) + 20 * dayMs
    expect(snapshot).toMatchObject({
      state: 'available',
      isStored: true,
      expiresAt: new Date(expiresMs).toISOString(),
      delivery: {
        protocol: 'sftp',
        destinationId,
        destinationName: destination.name,
        host: destination.host,
        path: '/in',
        bytesDone: 15,
        bytesExpected: 15,
        bytesPerSecond: null,
        deliveredPath: `/home//in/anna/${snapshotId}.zip`,
        sha256: 'ef'.repeat(32),
        deliveredAt: snapshot.finishedAt,
        deletesLocal: false,
      },
    })
    expect(bench.deliveries.at(-1)).toMatchObject({ folders: ['anna'], name: `${snapshotId}.zip` })
    expect(await messagesOf(snapshotId)).toEqual([
      'Attempt 1 of 5 begins.',
      'The archive is complete: 3 items. One folder was empty.',
      'Upload, attempt 1 of 5 begins.',
      'Delivered. The server’s checksum is the same.',
    ])
    await until(snapshotId, { fullTextState: 'ready' })
    expect(notesOf(snapshotId)).toEqual([
      {
        ...{ action: 'snapshot.deliver', target: snapshotId, organization: snapshot.organization },
        details: {
          userName: snapshot.userName,
          ...{ protocol: 'sftp', destination: destination.name, host: destination.host, port: 22, bytes: 15 },
          deliveredPath: `/home//in/anna/${snapshotId}.zip`,
          sha256: 'ef'.repeat(32),
        },
      },
    ])

    // The destination goes, and the record of where it went stays.
    await bench.destinations.remove(destinationId)
    expect((await bench.snapshots.get(snapshotId)).delivery).toMatchObject({
      destinationId: null,
      destinationName: destination.name,
      deliveredPath: `/home//in/anna/${snapshotId}.zip`,
    })
  })

  it('goes to a target that the call names, and is deleted here', async () => {
    const ssh = { host: 'target.example', port: 2222, username: 'ox', path: 'in', fingerprint }
    const { snapshotId, statusToken } = await bench.create(params({ action: 'scp', ssh, deletesLocal: true }))
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'succeeded',
      result: {
        state: 'available',
        isStored: false,
        expiresAt: null,
        archiveSizeBytes: 15,
        fullTextState: 'none',
        delivery: { protocol: 'scp', destinationId: null, destinationName: null, host: 'target.example', port: 2222 },
      },
    })
    expect(bench.deliveries.at(-1)).toMatchObject({
      destination: { protocol: 'scp', hostKeyFingerprints: [fingerprint], path: 'in' },
      folders: [],
      name: `anna ${new Date().toISOString().slice(0, 10)} contacts ${snapshotId}.zip`,
    })
    expect(await bench.archives.has(snapshotId)).toBe(false)
    for (const refused of [
      bench.verify({ snapshotId }),
      bench.rebuild({ snapshotId }),
      bench.setExpiry({ snapshotId }),
    ])
      await expect(refused).rejects.toSatisfy(withCode('archive_elsewhere'))
    expect(await bench.remove({ snapshotId })).toMatchObject({ state: 'deleted' })
  })

  it('takes the word of its destination whether it is deleted here, unless the call has its own', async () => {
    const { destinationId } = await addDestination({ deletesLocal: true })
    for (const [given, isStored] of [
      [{}, false],
      [{ deletesLocal: false }, true],
    ] as const) {
      const { statusToken } = await bench.create(params({ destinationId, ...given }))
      expect(await bench.settled(statusToken)).toMatchObject({ result: { isStored } })
    }
  })

  it('is refused where the destination is not the caller’s, not the organization’s, or speaks otherwise', async () => {
    const others = OrganizationId.parse('others')
    const { destinationId } = await addDestination()
    const ofOthers = await addDestination({ organizations: [others] })
    const scp = await addDestination({ protocol: 'scp' })
    const operator = operatorOf(OrganizationId.parse('sample'))
    await expect(bench.create(params({ destinationId: crypto.randomUUID() }))).rejects.toSatisfy(withCode('not_found'))
    await expect(bench.create(params({ destinationId: ofOthers.destinationId }), operator)).rejects.toSatisfy(
      withCode('not_found'),
    )
    await expect(bench.create(params({ destinationId: ofOthers.destinationId }))).rejects.toSatisfy(
      withCode('destination_not_allowed'),
    )
    await expect(bench.create(params({ destinationId: scp.destinationId }))).rejects.toThrow(
      `the destination “${scp.name}” is for action=scp`,
    )
    const { statusToken } = await bench.create(params({ destinationId }), operator)
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'succeeded' })
  })

  it('tries again for what may pass, and captures nothing again', async () => {
    const { destinationId, host } = await addDestination()
    let captures = 0
    let uploads = 0
    bench.scripts.set('flaky', async ({ finish }) => {
      captures++
      return finish()
    })
    bench.deliveryScripts.set(host, async ({ arrive }) => {
      if (++uploads <= 2) throw new AppError('destination_unreachable', { details: { host, reason: 'no answer' } })
      return arrive()
    })
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'flaky', destinationId }))
    await until(snapshotId, {
      state: 'dumped',
      error: { code: 'destination_unreachable' },
      nextAttemptAt: expect.any(String),
    })
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'succeeded',
      result: { attempt: 3, error: null, nextAttemptAt: null },
    })
    expect([captures, uploads]).toEqual([1, 3])
  })

  it('fails with its archive kept; once the destination is corrected, a retry only uploads', async () => {
    const destination = await addDestination({ host: 'wrong.example' })
    const { destinationId } = destination
    let captures = 0
    bench.scripts.set('corrected', async ({ finish }) => {
      captures++
      return finish()
    })
    bench.deliveryScripts.set('wrong.example', async () => {
      throw new AppError('destination_folder_missing', { details: { host: 'wrong.example', path: '/in' } })
    })
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'corrected', destinationId }))
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'failed',
      messages: [{ type: 'error', text: expect.stringContaining('has no folder “/in”') }],
    })
    const failedThen = await bench.snapshots.get(snapshotId)
    expect(failedThen).toMatchObject({ state: 'failed', isStored: true })
    expect(Date.parse(failedThen.expiresAt!) - Date.parse(failedThen.finishedAt!)).toBe(20 * dayMs)
    expect(await bench.archives.has(snapshotId)).toBe(true)
    const failed = { action: 'snapshot.deliver', outcome: 'failed', code: 'destination_folder_missing' }
    expect(notesOf(snapshotId)).toMatchObject([failed])
    const verified = await bench.settled((await bench.verify({ snapshotId })).statusToken)
    expect(verified).toMatchObject({ status: 'succeeded', result: { ok: true } })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'failed', lastVerifiedOk: true })
    expect((await bench.sweep()).archivesRemoved).toBe(0)

    await change(destination, { host: 'right.example', path: '/new' })
    const retried = await bench.retry({ snapshotId })
    expect(await bench.settled(retried.statusToken)).toMatchObject({
      status: 'succeeded',
      result: { attempt: 1, delivery: { host: 'right.example', path: '/new' } },
    })
    expect(bench.deliveries.at(-1)?.destination).toMatchObject({ host: 'right.example', path: '/new' })
    expect(captures).toBe(1)
  })

  it.each([
    [
      'destination_gone',
      async (destination: ReturnType<typeof savedDestination>) => {
        await bench.destinations.remove(destination.destinationId)
      },
    ],
    [
      'destination_not_allowed',
      (destination: ReturnType<typeof savedDestination>) => change(destination, { organizations: [] }),
    ],
    [
      'destination_protocol',
      (destination: ReturnType<typeof savedDestination>) => change(destination, { protocol: 'scp' }),
    ],
  ] as const)('fails with %s when the destination has changed so meanwhile', async (code, meddle) => {
    const destination = await addDestination()
    bench.scripts.set('slow', async ({ finish }) => {
      await meddle(destination)
      return finish()
    })
    const { snapshotId, statusToken } = await bench.create(
      params({ userName: 'slow', destinationId: destination.destinationId }),
    )
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'failed' })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'failed', isStored: true, error: { code } })
    const again = await bench.retry({ snapshotId })
    expect(await bench.settled(again.statusToken)).toMatchObject({ status: 'failed' })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'failed', isStored: true, error: { code } })
  })

  it('starts from the beginning when its archive is lost', async () => {
    const { destinationId, host } = await addDestination()
    let captures = 0
    bench.scripts.set('lost', async ({ finish }) => {
      captures++
      return finish()
    })
    bench.deliveryScripts.set(host, async ({ arrive }) => {
      if (captures > 1) return arrive()
      throw new AppError('destination_full', { details: { host } })
    })
    const { snapshotId, statusToken } = await bench.create(params({ userName: 'lost', destinationId }))
    expect(await bench.settled(statusToken)).toMatchObject({ status: 'failed' })
    await bench.archives.remove(snapshotId)
    const second = await bench.retry({ snapshotId })
    expect(await bench.settled(second.statusToken)).toMatchObject({ status: 'failed' })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ isStored: false, error: { code: 'archive_missing' } })
    const third = await bench.retry({ snapshotId })
    expect(await bench.settled(third.statusToken)).toMatchObject({ status: 'succeeded', result: { isStored: true } })
    expect(captures).toBe(2)
  })

  it('is cancelled while it uploads, keeps its archive, and uploads on when it is retried', async () => {
    const { destinationId, host } = await addDestination()
    const running = endless()
    bench.deliveryScripts.set(host, running.script)
    const { snapshotId, statusToken } = await bench.create(params({ destinationId }))
    await running.begun
    const cancelledAtMs = Date.now()
    const cancelled = await bench.cancel({ snapshotId }, { ...admin, userName: 'bruno' })
    expect(cancelled).toMatchObject({ state: 'failed', isStored: true, error: { code: 'cancelled' } })
    expect(isAppError(await running.ended, 'cancelled')).toBe(true)
    expect(Date.now() - cancelledAtMs).toBeLessThan(2_000)
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'failed',
      messages: [{ type: 'error', text: 'Cancelled by bruno.' }],
    })
    expect(await bench.archives.has(snapshotId)).toBe(true)
    bench.deliveryScripts.delete(host)
    const retried = await bench.retry({ snapshotId })
    expect(await bench.settled(retried.statusToken)).toMatchObject({ status: 'succeeded' })
  })

  it('that was cancelled between archive and upload keeps the archive', async () => {
    const { destinationId, host } = await addDestination()
    bench.deliveryScripts.set(host, async () => {
      throw new AppError('destination_unreachable', { details: { host, reason: 'no answer' } })
    })
    const { snapshotId } = await bench.create(params({ destinationId }))
    await until(snapshotId, { state: 'dumped', nextAttemptAt: expect.any(String) })
    expect(await bench.cancel({ snapshotId })).toMatchObject({ state: 'failed', isStored: true, nextAttemptAt: null })
    expect(await bench.archives.has(snapshotId)).toBe(true)
    expect(await bench.remove({ snapshotId })).toMatchObject({ state: 'deleted', isStored: false })
    expect(await bench.archives.has(snapshotId)).toBe(false)
  })

  it('that arrived the moment it was cancelled counts as cancelled', async () => {
    const { destinationId, host } = await addDestination()
    bench.deliveryScripts.set(host, async ({ order, arrive }) => {
      const snapshotId = order.name.slice(0, -4) as Snapshot['snapshotId']
      await bench.cancel({ snapshotId })
      return arrive()
    })
    const { snapshotId, statusToken } = await bench.create(params({ destinationId }))
    expect(await bench.settled(statusToken)).toMatchObject({
      status: 'failed',
      messages: [{ text: 'Cancelled by admin.' }],
    })
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'failed', isStored: true })
  })

  describe('whose process died', () => {
    const attemptAt = (kind: 'capture' | 'deliver', snapshotId: Snapshot['snapshotId'], attempt: number) => ({
      ...{ jobId: JobId.parse(crypto.randomUUID()), kind, snapshotId, attempt, maxAttempts: 5 },
      signal: new AbortController().signal,
    })
    /** A snapshot whose archive is there, in the state that the process left it in. */
    const left = async (state: Snapshot['state'], given: Partial<Snapshot> = {}) => {
      const destination = await addDestination()
      const { snapshotId, statusToken } = await bench.create(params({ destinationId: destination.destinationId }))
      await bench.settled(statusToken)
      await until(snapshotId, { fullTextState: 'ready' })
      const known = await bench.snapshots.get(snapshotId)
      const orphan = { ...known, snapshotId: crypto.randomUUID() as typeof snapshotId, state, ...given }
      await bench.snapshots.adopt(orphan, { folders: [], issues: [] })
      const draft = join(await bench.archives.openWorkFolder(orphan.snapshotId), 'draft.zip')
      await writeFile(draft, 'x'.repeat(15))
      await bench.archives.publish(orphan.snapshotId, draft)
      await bench.archives.discardWorkFolder(orphan.snapshotId)
      return { snapshotId: orphan.snapshotId, host: destination.host }
    }

    it('between the archive and the delivery: the capture goes on as one', async () => {
      const { snapshotId, host } = await left('dumped')
      expect(await runSnapshot(bench)(attemptAt('capture', snapshotId, 6))).toEqual({
        end: 'go-on',
        as: { kind: 'deliver', snapshotId, group: `destination ${host}`, groupLimit: 4, priority: 10 },
      })
      expect((await bench.snapshots.get(snapshotId)).state).toBe('dumped')
    })

    it('while it uploaded: the next attempt goes on, and tells so', async () => {
      const { snapshotId } = await left('uploading', { attempt: 1 })
      expect(await runDelivery(bench)(attemptAt('deliver', snapshotId, 2))).toMatchObject({
        end: 'succeeded',
        result: { state: 'available', attempt: 2 },
      })
      expect(await messagesOf(snapshotId)).toEqual([
        'The process that uploaded has ended. It goes on.',
        'Upload, attempt 2 of 5 begins.',
        'Delivered. The server’s checksum is the same.',
      ])
    })

    it.each(['uploading', 'dumped'] as const)(
      'each time: a sixth attempt of one that is %s fails it',
      async (state) => {
        const { snapshotId } = await left(state, { attempt: 5 })
        expect(await runDelivery(bench)(attemptAt('deliver', snapshotId, 6))).toMatchObject({ end: 'failed' })
        expect(await bench.snapshots.get(snapshotId)).toMatchObject({
          state: 'failed',
          isStored: true,
          error: { code: 'worker_died' },
        })
        expect(notesOf(snapshotId)).toMatchObject([{ outcome: 'failed', code: 'worker_died' }])
        expect(await bench.archives.has(snapshotId)).toBe(true)
      },
    )

    it('after it had delivered: the archive that is to be deleted here goes, by the next attempt or by the sweep', async () => {
      const first = await left('available', { isStored: false })
      expect(await runDelivery(bench)(attemptAt('deliver', first.snapshotId, 2))).toMatchObject({ end: 'succeeded' })
      expect(await bench.archives.has(first.snapshotId)).toBe(false)
      const second = await left('available', { isStored: false })
      expect((await bench.sweep()).archivesRemoved).toBe(1)
      expect(await bench.archives.has(second.snapshotId)).toBe(false)
    })

    it('and was taken over: whoever comes late writes nothing', async () => {
      const { snapshotId, host } = await left('uploading', { attempt: 1 })
      bench.deliveryScripts.set(host, async ({ arrive }) => {
        await bench.snapshots.update(snapshotId, 'uploading', { attempt: 3 })
        return arrive()
      })
      expect(await runDelivery(bench)(attemptAt('deliver', snapshotId, 2))).toEqual({ end: 'give-back' })
      expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'uploading', attempt: 3 })
    })
  })

  describe('expires', () => {
    const made = async (given: object) => {
      const { snapshotId, statusToken } = await bench.create(params(given))
      await bench.settled(statusToken)
      await until(snapshotId, { fullTextState: 'ready' })
      return snapshotId
    }
    const later = async (days: number, act: () => Promise<void>) => {
      nowMs = days * dayMs
      try {
        await act()
      } finally {
        nowMs = 0
      }
    }

    it('after the days of its action: what was to be downloaded is deleted, what was delivered is not', async () => {
      const ssh = { host: 'target.example', username: 'ox', path: 'in', fingerprint }
      const download = await made({ action: 'download' })
      const sftp = await made({ ssh })
      const scp = await made({ action: 'scp', ssh })
      const kept = await made({ action: 'download' })
      const exported = async (snapshotId: Snapshot['snapshotId']) => {
        const { exportId, statusToken } = await bench.export(
          ExportSnapshot.params.parse({ snapshotId, format: 'zip-eml' }),
        )
        expect((await bench.settled(statusToken)).status).toBe('succeeded')
        return exportId
      }
      const exports = [await exported(download), await exported(kept)]
      expect((await bench.snapshots.get(scp)).expiresAt).toBeNull()
      const expiresAt = new Date(Date.now() + 60 * dayMs).toISOString()
      const setExpiry = (given: object) =>
        bench.setExpiry(SetSnapshotExpiry.params.parse({ snapshotId: kept, ...given }))
      expect(await setExpiry({})).toMatchObject({ expiresAt: null })
      expect(await setExpiry({ expiresAt })).toMatchObject({ expiresAt })
      expect((await messagesOf(kept)).slice(-2)).toEqual([
        'The archive does not expire: set by admin.',
        `The archive expires at ${expiresAt}: set by admin.`,
      ])
      await expect(setExpiry({ expiresAt: '2020-01-01' })).rejects.toSatisfy(withCode('invalid_params'))
      await later(11, async () => {
        expect(await bench.expire()).toBe(1)
        expect(await bench.expire()).toBe(0)
      })
      expect(await bench.snapshots.get(download)).toMatchObject({
        state: 'deleted',
        isStored: false,
        archiveName: null,
        expiresAt: null,
      })
      expect((await messagesOf(download)).at(-1)).toMatch(/^Expired: the archive was kept until 20/)
      const snapshotExpired = { action: 'snapshot.expire', details: { message: expect.stringMatching(/^Expired/) } }
      expect(notesOf(download)).toMatchObject([snapshotExpired])
      expect(await bench.snapshots.get(sftp)).toMatchObject({ state: 'available', isStored: true })
      // The others of this file that were delivered by SFTP expire as well.
      await later(21, async () => expect(await bench.expire()).toBeGreaterThan(0))
      expect(await bench.snapshots.get(sftp)).toMatchObject({
        state: 'available',
        isStored: false,
        expiresAt: null,
        fullTextState: 'none',
        delivery: { deliveredPath: expect.any(String) },
      })
      // What was made of an archive goes with it.
      expect(await bench.exports.ofSnapshot(download)).toEqual([])
      expect(await readdir(join(folder.path, 'exports'))).toEqual([exports[1]])
      const names = await readdir(join(folder.path, 'archives'))
      for (const gone of [download, sftp]) expect(names.filter((name) => name.startsWith(gone))).toEqual([])
      for (const here of [scp, kept]) expect(names).toContain(`${here}.zip`)
    })

    it('where the delivery failed or was cancelled, too: the record stays failed, and a retry captures anew', async () => {
      const failing = await addDestination()
      bench.deliveryScripts.set(failing.host, async () => {
        throw new AppError('destination_folder_missing', { details: { host: failing.host, path: '/in' } })
      })
      const stuck = await addDestination()
      const running = endless()
      bench.deliveryScripts.set(stuck.host, running.script)
      const failed = await bench.create(params({ destinationId: failing.destinationId }))
      await bench.settled(failed.statusToken)
      const cancelled = await bench.create(params({ destinationId: stuck.destinationId }))
      await running.begun
      await bench.cancel({ snapshotId: cancelled.snapshotId })
      await running.ended
      const kept = await bench.create(params({ destinationId: failing.destinationId }))
      await bench.settled(kept.statusToken)
      const setExpiry = (given: object) =>
        bench.setExpiry(SetSnapshotExpiry.params.parse({ snapshotId: kept.snapshotId, ...given }))
      expect(await setExpiry({})).toMatchObject({ state: 'failed', expiresAt: null })

      await later(19, async () => {
        await bench.expire()
        for (const { snapshotId } of [failed, cancelled])
          expect(await bench.snapshots.get(snapshotId)).toMatchObject({ state: 'failed', isStored: true })
      })
      await later(21, async () => expect(await bench.expire()).toBeGreaterThan(1))
      for (const { snapshotId } of [failed, cancelled]) {
        expect(await bench.snapshots.get(snapshotId)).toMatchObject({
          state: 'failed',
          isStored: false,
          expiresAt: null,
          error: { code: expect.any(String) },
        })
        expect(await bench.archives.has(snapshotId)).toBe(false)
        expect((await messagesOf(snapshotId)).at(-1)).toMatch(/^Expired: the archive was kept until 20/)
        expect(notesOf(snapshotId).at(-1)).toMatchObject({ action: 'snapshot.expire' })
      }
      expect(await bench.archives.has(kept.snapshotId)).toBe(true)

      bench.deliveryScripts.delete(failing.host)
      const retried = await bench.retry({ snapshotId: failed.snapshotId })
      expect(await bench.settled(retried.statusToken)).toMatchObject({ status: 'succeeded' })
      const again = await bench.retry({ snapshotId: kept.snapshotId })
      expect(await bench.settled(again.statusToken)).toMatchObject({ status: 'succeeded' })
    })
  })

  it('is given back when the process stops, without counting the attempt', async () => {
    const { destinationId, host } = await addDestination()
    const running = endless()
    bench.deliveryScripts.set(host, running.script)
    const { snapshotId } = await bench.create(params({ destinationId }))
    await running.begun
    await bench.jobs.stop()
    expect(await bench.snapshots.get(snapshotId)).toMatchObject({
      state: 'dumped',
      isStored: true,
      attempt: 0,
      error: null,
    })
    expect(bench.errors).toEqual([])
  })
})
