import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Gate, startGate } from '../../testkit/hostile/gate.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Dovecot, startDovecot } from '../../testkit/servers/dovecot.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../testkit/servers/postgres.ts'
import type { Product } from '../../testkit/servers/product.ts'
import {
  archiveOf,
  createSnapshot,
  ended,
  expectMessages,
  expectWhole,
  gone,
  imapOrganization,
  infoOf,
  isAlive,
  nothingLeftBut,
  type SnapshotInfo,
  startFaultProduct,
  workProcesses,
} from './fault-bench.ts'

const textOf = (user: string, no: number): Buffer =>
  Buffer.from(`Subject: ${user} ${no}\r\n\r\n${`line ${no} of ${user}\r\n`.repeat(300)}`)
const mail = {
  anna: Array.from({ length: 400 }, (_, no) => textOf('anna', no)),
  bruno: Array.from({ length: 60 }, (_, no) => textOf('bruno', no)),
}
const inTheMiddle = 150_000

const isStopped = async (pid: number): Promise<boolean> =>
  /^State:\s+T/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))

/** The process of a piece of work, as soon as it is there; stopped, so that it stays in the middle of it. */
const stoppedWork = async (product: Product, kind: string): Promise<number> => {
  await expect.poll(() => workProcesses(product, kind).filter(isAlive).length, { interval: 5 }).toBe(1)
  const [pid] = workProcesses(product, kind).filter(isAlive)
  process.kill(pid!, 'SIGSTOP')
  await expect.poll(() => isStopped(pid!)).toBe(true)
  return pid!
}

const areInstalled = (['dovecot', 'postgres', 'unzip'] as const).every((name) => needs(name))

describe.skipIf(!areInstalled)('a process that is killed', () => {
  let dovecot: Dovecot
  let gate: Gate
  let postgres: PostgresServer
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let products: Product[]
  let config: string

  beforeAll(async () => {
    ;[dovecot, postgres] = await Promise.all([
      startDovecot({ users: { anna: 'secret', bruno: 'secret' } }),
      startPostgres(),
    ])
    for (const [user, messages] of Object.entries(mail))
      await dovecot.deliver(
        user,
        [],
        messages.map((bytes) => ({ bytes })),
      )
    gate = await startGate(dovecot.port)
    config = JSON.stringify({
      limits: { capturesAtOnce: 1 },
      organizations: [{ ...imapOrganization('real', gate.port, { timeoutSeconds: 60 }), maxCapturesAtOnce: 4 }],
    })
  })
  afterAll(async () => {
    await gate?.stop()
    await Promise.all([dovecot?.stop(), postgres?.stop()])
  })
  beforeEach(async () => {
    folder = await ownFolder('killed')
    products = []
  })
  afterEach(async () => {
    gate.open()
    for (const product of products) await product.stop()
    await folder.remove()
  })

  const start = async (databaseUrl?: string): Promise<Product> => {
    const product = await startFaultProduct({
      config,
      dataFolder: folder.path,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    })
    products.push(product)
    return product
  }
  const capture = (product: Product, userName: keyof typeof mail) =>
    createSnapshot(product, { organization: 'real', userName })
  /** A capture that has begun to read and cannot go on. */
  const barredCapture = async (product: Product, userName: keyof typeof mail) => {
    const barred = gate.barAfter(inTheMiddle)
    const created = await capture(product, userName)
    await barred
    return created
  }
  const expectAvailable = async (product: Product, snapshotId: string, user: keyof typeof mail, attempt: number) => {
    expect(await ended(product, snapshotId)).toMatchObject({
      state: 'available',
      attempt,
      error: null,
      itemCount: mail[user].length,
    })
    await expectMessages(archiveOf(product, snapshotId), mail[user])
  }
  const finalStatus = async (product: Product, statusUrl: string): Promise<Record<string, unknown>> => {
    for (let tries = 0; tries < 300; tries++) {
      const answer = (await (await product.fetch(statusUrl)).json()) as Record<string, unknown>
      if (answer.status !== 'running') return answer
      await sleep(100)
    }
    throw new Error('the job does not end')
  }

  test('the service on the embedded database, while it captures, while a job waits, while it verifies and indexes', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(
      `The data folder ${folder.path} is in use by another Stillbox process, and the embedded database belongs to one process only. Stop that process`,
    )
    const dumping = await barredCapture(first, 'anna')
    const pending = await capture(first, 'bruno')
    expect((await infoOf(first, dumping.snapshotId)).state).toBe('dumping')
    expect((await infoOf(first, pending.snapshotId)).state).toBe('pending')
    expect(workProcesses(first).filter(isAlive)).toHaveLength(1)
    await first.kill()
    await gone(workProcesses(first), 5_000)
    gate.open()

    const second = await start()
    await expectAvailable(second, dumping.snapshotId, 'anna', 2)
    await expectAvailable(second, pending.snapshotId, 'bruno', 1)
    await second.until<SnapshotInfo & { state: string }>(pending.snapshotId, ['available'])
    await expect.poll(async () => (await infoOf(second, dumping.snapshotId)).fullTextState).toBe('ready')
    await nothingLeftBut(second, [dumping.snapshotId, pending.snapshotId])

    const { snapshotId } = dumping
    const verify = await second.invoke<{ statusUrl: string }>('VerifySnapshot', { snapshotId })
    const verifying = await stoppedWork(second, 'verify')
    const rebuild = await second.invoke<{ statusUrl: string }>('RebuildStoreIndex', { snapshotId })
    const indexing = await stoppedWork(second, 'full-text')
    await second.kill()
    for (const pid of [verifying, indexing]) process.kill(pid, 'SIGCONT')
    await gone([verifying, indexing], 5_000)

    const third = await start()
    expect(await finalStatus(third, verify.statusUrl)).toMatchObject({
      status: 'succeeded',
      result: { ok: true, itemCount: mail.anna.length, faults: [] },
    })
    expect(await finalStatus(third, rebuild.statusUrl)).toMatchObject({
      status: 'succeeded',
      result: { archivesIndexed: 1, archivesFailed: 0, itemsIndexed: mail.anna.length },
    })
    await nothingLeftBut(third, [dumping.snapshotId, pending.snapshotId])
  })

  test('one of two services on one PostgreSQL, which share the jobs: the other takes over what it did', async () => {
    const url = await postgres.createDatabase('killed')
    const [first, second] = [await start(url), await start(url)]
    const barred = gate.barAfter(inTheMiddle)
    const anna = await capture(first, 'anna')
    await barred
    // Whoever has no capture yet takes it, whichever of the two was asked.
    const bruno = await capture(first, 'bruno')
    await expect.poll(() => [first, second].map((one) => workProcesses(one, 'capture').length)).toEqual([1, 1])
    const state = async (id: string) => (await infoOf(second, id)).state
    await expect.poll(() => state(bruno.snapshotId)).toBe('dumping')
    const attemptsBefore = await infoOf(second, anna.snapshotId)
    expect(attemptsBefore.attempt).toBe(1)

    await first.kill()
    await gone(workProcesses(first), 5_000)
    gate.open()
    const [a, b] = [await ended(second, anna.snapshotId), await ended(second, bruno.snapshotId)]
    expect([a.state, b.state]).toEqual(['available', 'available'])
    // One of them was the killed one's, and starts again; the other did not notice anything.
    expect([a.attempt, b.attempt].sort()).toEqual([1, 2])
    await expectMessages(archiveOf(second, anna.snapshotId), mail.anna)
    await expectMessages(archiveOf(second, bruno.snapshotId), mail.bruno)
    await nothingLeftBut(second, [anna.snapshotId, bruno.snapshotId])
  })

  test('one that only hung, and wakes after the other has taken over: it touches nothing any more', async () => {
    const url = await postgres.createDatabase('hung')
    const first = await start(url)
    const { snapshotId } = await barredCapture(first, 'anna')
    const second = await start(url)
    process.kill(first.pid, 'SIGSTOP')
    try {
      await expect.poll(() => workProcesses(second, 'capture').length, { timeout: 30_000 }).toBe(1)
      gate.open()
      await expectAvailable(second, snapshotId, 'anna', 2)
      await expect.poll(async () => (await infoOf(second, snapshotId)).fullTextState).toBe('ready')
    } finally {
      process.kill(first.pid, 'SIGCONT')
    }
    await gone(workProcesses(first))
    // Time enough for whatever it may have had in mind.
    await sleep(1_500)
    await expectAvailable(second, snapshotId, 'anna', 2)
    expect(await infoOf(first, snapshotId)).toMatchObject({ state: 'available', fullTextState: 'ready', attempt: 2 })
    await nothingLeftBut(second, [snapshotId])
  })

  test('the service between dumped and available: the last step is all that is done again', async () => {
    const url = await postgres.createDatabase('between')
    const first = await start(url)
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      // The move to available hangs, as with a database that is slow at the wrong moment.
      await client.query(`create function hang() returns trigger language plpgsql as
        $$ begin perform pg_sleep(60); return new; end $$`)
      await client.query(`create trigger hang before update on snapshots for each row
        when (new.state = 'available') execute function hang()`)
      const { snapshotId } = await capture(first, 'bruno')
      await first.until(snapshotId, ['dumped'])
      const made = await readFile(archiveOf(first, snapshotId))
      await first.kill()
      await client.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`)
      await client.query('drop function hang cascade')

      const second = await start(url)
      await expectAvailable(second, snapshotId, 'bruno', 1)
      expect((await readFile(archiveOf(second, snapshotId))).equals(made)).toBe(true)
      expect(workProcesses(second, 'capture')).toEqual([])
      await nothingLeftBut(second, [snapshotId])
    } finally {
      await client.end()
    }
  })

  test('a work process alone counts as an attempt, and the next one succeeds', async () => {
    const product = await start(await postgres.createDatabase('work'))
    const { snapshotId } = await barredCapture(product, 'anna')
    const [pid] = workProcesses(product, 'capture')
    process.kill(pid!, 'SIGKILL')
    const waiting = await product.until<SnapshotInfo>(snapshotId, ['pending'])
    expect(waiting).toMatchObject({
      attempt: 1,
      error: {
        code: 'worker_died',
        message:
          'The process that did the work ended unexpectedly (SIGKILL). If it fails each time, ask the administrator to look into the log.',
      },
    })
    expect(waiting.nextAttemptAt).not.toBeNull()
    await nothingLeftBut(product, [])
    gate.open()
    await expectAvailable(product, snapshotId, 'anna', 2)
    await nothingLeftBut(product, [snapshotId])
  })

  test('a service that is stopped gives its capture back, and the attempt does not count', async () => {
    const url = await postgres.createDatabase('stopped')
    const first = await start(url)
    const { snapshotId } = await barredCapture(first, 'anna')
    const stoppedAtMs = Date.now()
    await first.stop()
    expect(Date.now() - stoppedAtMs).toBeLessThan(6_000)
    await nothingLeftBut(first, [])
    gate.open()
    const second = await start(url)
    await expectAvailable(second, snapshotId, 'anna', 1)
    await nothingLeftBut(second, [snapshotId])
  })

  test('by its user: a snapshot that waits or runs is cancelled, retried, deleted', async () => {
    const product = await start(await postgres.createDatabase('cancel'))
    const running = await barredCapture(product, 'anna')
    const waiting = await capture(product, 'bruno')
    for (const { snapshotId } of [waiting, running]) {
      const cancelledAtMs = Date.now()
      expect(await product.invoke('CancelSnapshot', { snapshotId })).toMatchObject({
        state: 'failed',
        error: { code: 'cancelled', message: 'Cancelled by admin.' },
      })
      await expect.poll(() => workProcesses(product).filter(isAlive).length > 0).toBe(snapshotId === waiting.snapshotId)
      expect(Date.now() - cancelledAtMs).toBeLessThan(5_000)
      await expect(product.invoke('CancelSnapshot', { snapshotId })).rejects.toThrow(
        'This is not possible while the snapshot is failed.',
      )
    }
    await nothingLeftBut(product, [])
    expect(await finalStatus(product, running.statusUrl)).toMatchObject({
      status: 'failed',
      messages: [{ type: 'error', text: 'Cancelled by admin.' }],
    })
    gate.open()

    const retries = await Promise.allSettled(
      Array.from({ length: 2 }, () =>
        product.invoke<{ statusUrl: string }>('RetrySnapshot', { snapshotId: running.snapshotId, password: 'secret' }),
      ),
    )
    expect(retries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = retries.find((retry) => retry.status === 'rejected')
    expect(String(refused?.reason)).toMatch(/This is not possible while the snapshot is (pending|dumping)\./)
    await expectAvailable(product, running.snapshotId, 'anna', 1)
    await nothingLeftBut(product, [running.snapshotId])

    for (const { snapshotId } of [running, waiting])
      expect(await product.invoke('DeleteSnapshot', { snapshotId })).toMatchObject({ state: 'deleted' })
    await expect(expectWhole(archiveOf(product, running.snapshotId))).rejects.toThrow()
    await nothingLeftBut(product, [])
    expect((await product.fetch(`/download/${running.snapshotId}`)).ok).toBe(false)
  })
})
