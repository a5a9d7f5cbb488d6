import { setTimeout as sleep } from 'node:timers/promises'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Attempt, AttemptOutcome, JobQueue, NewJob } from './job-queue.ts'
import type { NewDelivery, NewSnapshot, SnapshotStore } from './snapshot-store.ts'

export type QueueUnderTest = {
  readonly jobs: JobQueue
  readonly snapshots: SnapshotStore
  close(): Promise<void>
}

const someSnapshot = (given: Partial<NewSnapshot> = {}): NewSnapshot => ({
  snapshotId: SnapshotId.parse(crypto.randomUUID()),
  organization: OrganizationId.parse('sample'),
  userName: 'anna@sample.example',
  types: ['mailbox'],
  action: 'download',
  start: '2026-01-01T00:00:00.000Z',
  end: '2026-02-01T00:00:00.000Z',
  createdBy: 'admin',
  sealedPassword: null,
  delivery: null,
  ...given,
})

const someDelivery: NewDelivery = {
  destinationId: null,
  target: {
    host: 'vault.example',
    port: 2222,
    username: 'stillbox',
    path: '/data/in',
    fingerprint: '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48',
  },
  deletesLocal: true,
  server: { destinationName: null, host: 'vault.example', port: 2222, username: 'stillbox', path: '/data/in' },
}

const someJob = (given: Partial<NewJob> = {}): NewJob => ({
  kind: 'capture',
  snapshotId: null,
  group: null,
  groupLimit: 1,
  priority: 10,
  ...given,
})

const succeeded = (result: unknown): AttemptOutcome => ({ end: 'succeeded', result, messages: [] })

/** Ends when the signal does; what an attempt looks like that runs until it is stopped. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** What every job queue keeps to. `open` gives one that takes two captures at a time and nothing else has touched. */
export const jobQueueContract = (name: string, open: () => Promise<QueueUnderTest>): void => {
  describe(`${name} as JobQueue`, () => {
    let queue: QueueUnderTest
    /** What an attempt at a job does; each test sets its own. */
    const scripts = new Map<string, (attempt: Attempt) => Promise<AttemptOutcome>>()
    const perform = (snapshotId: SnapshotId, script: (attempt: Attempt) => Promise<AttemptOutcome>) =>
      scripts.set(snapshotId, script)

    let queuedBeforeStart: { readonly statusToken: Parameters<JobQueue['readStatus']>[0] }

    beforeAll(async () => {
      queue = await open()
      const snapshot = someSnapshot()
      queuedBeforeStart = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      await queue.jobs.start(async (attempt) => {
        const script = scripts.get(attempt.snapshotId ?? '')
        return script ? script(attempt) : succeeded(null)
      })
    }, 60_000)
    afterAll(() => queue.close())

    const settled = async (statusToken: Parameters<JobQueue['readStatus']>[0]) => {
      for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(50)) {
        const job = await queue.jobs.readStatus(statusToken)
        if (job.state !== 'running') return job
      }
      throw new Error('the job did not end')
    }

    it('takes a job before it is started, and runs it once it is', async () => {
      expect(await settled(queuedBeforeStart.statusToken)).toMatchObject({ state: 'succeeded' })
    })

    it('writes snapshot and job together and starts the job within a second', async () => {
      const snapshot = someSnapshot({ sealedPassword: 'sealed' })
      const startedAt = Date.now()
      const begun = Promise.withResolvers<number>()
      perform(snapshot.snapshotId, async () => {
        begun.resolve(Date.now() - startedAt)
        return succeeded({ answer: [1, 'two'] })
      })
      const { jobId, statusToken } = await queue.jobs.createSnapshotJob(
        snapshot,
        someJob({ snapshotId: snapshot.snapshotId }),
      )
      expect(statusToken).toMatch(/^[0-9A-F]{8}-([0-9A-F]{4}-){3}[0-9A-F]{12}$/)
      expect(await begun.promise).toBeLessThan(1_000)
      const facts = await queue.snapshots.getForJob(snapshot.snapshotId)
      expect(facts.sealedPassword).toBe('sealed')
      expect(facts.snapshot).toMatchObject({ state: 'pending', userName: snapshot.userName, type: ['mailbox'] })
      expect(await settled(statusToken)).toMatchObject({
        jobId,
        state: 'succeeded',
        snapshotId: snapshot.snapshotId,
        result: { answer: [1, 'two'] },
        progressPercentage: 100,
      })
    })

    it('keeps neither when the snapshot cannot be written', async () => {
      const snapshot = someSnapshot()
      await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      let attempts = 0
      perform(snapshot.snapshotId, async () => {
        attempts++
        return succeeded(null)
      })
      await sleep(200)
      const before = attempts
      await expect(
        queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId })),
      ).rejects.toThrow()
      await sleep(1_200)
      expect(attempts).toBe(before)
    })

    it('spends a token on the final answer, and knows no token it did not give', async () => {
      const { statusToken } = await queue.jobs.createJob(someJob(), { withToken: true })
      expect(await settled(statusToken!)).toMatchObject({ state: 'succeeded', snapshotId: null })
      await expect(queue.jobs.readStatus(statusToken!)).rejects.toSatisfy((error) =>
        isAppError(error, 'status_token_unknown'),
      )
    })

    it('delivers the final answer to exactly one of many readers', async () => {
      const snapshot = someSnapshot()
      const ended = Promise.withResolvers<void>()
      perform(snapshot.snapshotId, async () => {
        setTimeout(ended.resolve, 300)
        return succeeded('once')
      })
      const { statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      await ended.promise
      const answers = await Promise.allSettled(Array.from({ length: 12 }, () => queue.jobs.readStatus(statusToken)))
      expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1)
    })

    it('reports progress as long as the job runs', async () => {
      const snapshot = someSnapshot()
      const release = Promise.withResolvers<void>()
      perform(snapshot.snapshotId, async ({ jobId }) => {
        await queue.jobs.report(jobId, 42)
        await release.promise
        return succeeded(null)
      })
      const { statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      await expect.poll(async () => (await queue.jobs.readStatus(statusToken)).progressPercentage).toBe(42)
      release.resolve()
      await settled(statusToken)
    })

    it('tries again after the delay and counts the attempts, but not those given back', async () => {
      const snapshot = someSnapshot()
      const seen: { attempt: number; atMs: number }[] = []
      const outcomes: AttemptOutcome[] = [
        { end: 'retry', delaySeconds: 1 },
        { end: 'give-back' },
        { end: 'failed', messages: [{ type: 'error', text: 'No more.' }] },
      ]
      perform(snapshot.snapshotId, async ({ attempt, maxAttempts }) => {
        expect(maxAttempts).toBe(5)
        seen.push({ attempt, atMs: Date.now() })
        return outcomes[seen.length - 1]!
      })
      const { statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      expect(await settled(statusToken)).toMatchObject({
        state: 'failed',
        messages: [{ type: 'error', text: 'No more.' }],
      })
      expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 2])
      expect(seen[1]!.atMs - seen[0]!.atMs).toBeGreaterThanOrEqual(950)
      expect(seen[1]!.atMs - seen[0]!.atMs).toBeLessThan(4_000)
    })

    it('cancels a running job within two seconds', async () => {
      const snapshot = someSnapshot()
      const begun = Promise.withResolvers<void>()
      const aborted = Promise.withResolvers<unknown>()
      perform(snapshot.snapshotId, async ({ signal }) => {
        begun.resolve()
        await untilAborted(signal)
        aborted.resolve(signal.reason)
        return { end: 'retry', delaySeconds: 0 }
      })
      const { statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      await begun.promise
      const cancelledAt = Date.now()
      await queue.jobs.cancelJobs(snapshot.snapshotId, 'Cancelled by Bruno.')
      expect(isAppError(await aborted.promise, 'cancelled')).toBe(true)
      expect(Date.now() - cancelledAt).toBeLessThan(2_000)
      expect(await settled(statusToken)).toMatchObject({
        state: 'failed',
        messages: [{ type: 'error', text: 'Cancelled by Bruno.' }],
      })
    })

    it('keeps a group within its limit, and cancels what waits in it', async () => {
      const snapshots = [someSnapshot(), someSnapshot(), someSnapshot()]
      const release = Promise.withResolvers<void>()
      let atOnce = 0
      let most = 0
      for (const { snapshotId } of snapshots)
        perform(snapshotId, async () => {
          most = Math.max(most, ++atOnce)
          await release.promise
          atOnce--
          return succeeded(null)
        })
      const tokens = []
      for (const snapshot of snapshots)
        tokens.push(
          await queue.jobs.createSnapshotJob(
            snapshot,
            someJob({ snapshotId: snapshot.snapshotId, group: 'mail.example:993', groupLimit: 1 }),
          ),
        )
      await expect.poll(() => atOnce).toBe(1)
      await queue.jobs.cancelJobs(snapshots[2]!.snapshotId, 'Not wanted.')
      expect(await settled(tokens[2]!.statusToken)).toMatchObject({
        state: 'failed',
        messages: [{ text: 'Not wanted.' }],
      })
      await sleep(1_200)
      expect(atOnce).toBe(1)
      release.resolve()
      await settled(tokens[0]!.statusToken)
      await settled(tokens[1]!.statusToken)
      expect(most).toBe(1)
    })

    it('takes urgent jobs first and runs two captures at a time, while a full-text job blocks none', async () => {
      const release = Promise.withResolvers<void>()
      const order: string[] = []
      const blockers = [someSnapshot(), someSnapshot()]
      const [low, high, text] = [someSnapshot(), someSnapshot(), someSnapshot()] as const
      for (const { snapshotId } of [...blockers, text])
        perform(snapshotId, async () => {
          await release.promise
          return succeeded(null)
        })
      for (const [label, { snapshotId }] of Object.entries({ low, high }))
        perform(snapshotId, async () => {
          order.push(label)
          return succeeded(null)
        })
      await queue.jobs.createSnapshotJob(text, someJob({ kind: 'full-text', snapshotId: text.snapshotId, priority: 0 }))
      for (const snapshot of blockers)
        await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      await sleep(300)
      const tokens = []
      for (const [snapshot, priority] of [
        [low, 1],
        [high, 10],
      ] as const)
        tokens.push(
          await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId, priority })),
        )
      await sleep(1_200)
      expect(order).toEqual([])
      release.resolve()
      for (const { statusToken } of tokens) await settled(statusToken)
      expect(order[0]).toBe('high')
    })

    it('queues a retry only of a failed snapshot', async () => {
      const snapshot = someSnapshot()
      let attempts = 0
      perform(snapshot.snapshotId, async () => {
        attempts++
        return succeeded(null)
      })
      const job = someJob({ snapshotId: snapshot.snapshotId })
      await settled((await queue.jobs.createSnapshotJob(snapshot, job)).statusToken)
      expect(await queue.jobs.retrySnapshotJob(snapshot.snapshotId, 'pending', null, job)).toBeNull()
      await queue.snapshots.move(snapshot.snapshotId, 'pending', 'failed', {
        error: { code: 'cancelled', details: { by: 'Bruno' } },
      })
      const retry = await queue.jobs.retrySnapshotJob(snapshot.snapshotId, 'pending', 'sealed again', job)
      expect(await queue.snapshots.getForJob(snapshot.snapshotId)).toMatchObject({
        sealedPassword: 'sealed again',
        snapshot: { state: 'pending', error: null },
      })
      await settled(retry!.statusToken)
      expect(attempts).toBe(2)
    })

    it('retries a delivery alone, with all that is known of the archive', async () => {
      const snapshot = someSnapshot({ action: 'sftp', delivery: someDelivery })
      const { snapshotId } = snapshot
      const job = someJob({ kind: 'deliver', snapshotId })
      await settled((await queue.jobs.createSnapshotJob(snapshot, job)).statusToken)
      expect(await queue.snapshots.getForJob(snapshotId)).toMatchObject({
        delivery: someDelivery,
        snapshot: { delivery: { ...someDelivery.server, protocol: 'sftp', bytesDone: 0, deliveredPath: null } },
      })
      const known = { startedAt: '2026-03-01T10:00:00.000Z', dumpedAt: '2026-03-01T10:00:05.000Z', isStored: true }
      await queue.snapshots.move(snapshotId, 'pending', 'failed', { ...known, attempt: 5 })
      const retry = await queue.jobs.retrySnapshotJob(snapshotId, 'dumped', null, job)
      expect(await queue.snapshots.get(snapshotId)).toMatchObject({ ...known, state: 'dumped', attempt: 0 })
      expect(await settled(retry!.statusToken)).toMatchObject({ state: 'succeeded', kind: 'deliver' })
      expect((await queue.snapshots.details(snapshotId)).messages.at(-1)?.text).toBe('The delivery starts again.')
    })

    it('goes on as a job of another kind, with the same token and a first attempt', async () => {
      const snapshot = someSnapshot()
      const { snapshotId } = snapshot
      const deliver = someJob({ kind: 'deliver', snapshotId, group: 'destination vault.example', groupLimit: 4 })
      const seen: [string, number][] = []
      perform(snapshotId, async ({ kind, attempt, jobId }) => {
        seen.push([kind, attempt])
        if (kind === 'deliver') return attempt === 1 ? { end: 'retry', delaySeconds: 0 } : succeeded('delivered')
        await queue.jobs.report(jobId, 99)
        return attempt === 1 ? { end: 'retry', delaySeconds: 0 } : { end: 'go-on', as: deliver }
      })
      const { jobId, statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId }))
      expect(await settled(statusToken)).toMatchObject({
        jobId,
        kind: 'deliver',
        state: 'succeeded',
        result: 'delivered',
      })
      expect(seen).toEqual([
        ['capture', 1],
        ['capture', 2],
        ['deliver', 1],
        ['deliver', 2],
      ])
    })

    it('does not go on when it was cancelled meanwhile', async () => {
      const snapshot = someSnapshot()
      const { snapshotId } = snapshot
      const seen: string[] = []
      perform(snapshotId, async ({ kind }) => {
        seen.push(kind)
        await queue.jobs.cancelJobs(snapshotId, 'Cancelled by Bruno.')
        return { end: 'go-on', as: someJob({ kind: 'deliver', snapshotId }) }
      })
      const { statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId }))
      expect(await settled(statusToken)).toMatchObject({ state: 'failed', messages: [{ text: 'Cancelled by Bruno.' }] })
      await sleep(1_200)
      expect(seen).toEqual(['capture'])
    })

    it('runs two deliveries at a time, beside the captures', async () => {
      const snapshots = [someSnapshot(), someSnapshot(), someSnapshot()]
      const release = Promise.withResolvers<void>()
      let atOnce = 0
      for (const { snapshotId } of snapshots)
        perform(snapshotId, async () => {
          atOnce++
          await release.promise
          return succeeded(null)
        })
      const tokens = []
      for (const snapshot of snapshots) {
        const job = someJob({ kind: 'deliver', snapshotId: snapshot.snapshotId })
        tokens.push(await queue.jobs.createSnapshotJob(snapshot, job))
      }
      await expect.poll(() => atOnce).toBe(2)
      const capture = someSnapshot()
      await settled(
        (await queue.jobs.createSnapshotJob(capture, someJob({ snapshotId: capture.snapshotId }))).statusToken,
      )
      expect(atOnce).toBe(2)
      release.resolve()
      for (const { statusToken } of tokens) await settled(statusToken)
      expect(atOnce).toBe(3)
    })

    it('ends a job whose attempt breaks as failed', async () => {
      const snapshot = someSnapshot()
      perform(snapshot.snapshotId, async () => {
        throw new Error('a mistake in the program')
      })
      const { statusToken } = await queue.jobs.createSnapshotJob(snapshot, someJob({ snapshotId: snapshot.snapshotId }))
      const job = await settled(statusToken)
      expect(job).toMatchObject({ state: 'failed', messages: [{ type: 'error' }] })
      expect(JSON.stringify(job.messages)).not.toContain('mistake')
    })
  })
}
