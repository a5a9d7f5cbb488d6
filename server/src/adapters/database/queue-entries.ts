import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { fromKysely, type PgBoss } from 'pg-boss'
import { type JobKind, jobKinds } from '../../ports/job-queue.ts'
import type { Schema } from './schema.ts'

/**
 * pg-boss as this product uses it: a queue a kind, an entry an attempt. When an attempt is over its entry goes, and another is
 * written for the next one, in the transaction that writes the outcome into `jobs`. An attempt whose heartbeat has stopped is put back by
 * pg-boss itself under the same entry.
 */
export type QueueEntries = {
  prepare(heartbeatSeconds: number): Promise<void>
  add(transaction: Transaction<Schema>, entry: NewEntry): Promise<string>
  remove(transaction: Transaction<Schema>, kind: JobKind, entryId: string): Promise<void>
  /** The next entry that is due and whose group has room; taken from the queue with it. */
  take(kind: JobKind): Promise<{ readonly entryId: string; readonly jobId: string } | null>
  /** Tells pg-boss that the attempt still runs. */
  touch(kind: JobKind, entryIds: readonly string[]): Promise<void>
}

export type NewEntry = {
  readonly jobId: string
  readonly kind: JobKind
  readonly group: string | null
  readonly groupLimit: number
  readonly priority: number
  readonly delaySeconds: number
}

const queueName = (kind: JobKind): string => `stillbox-${kind}`

/** pg-boss looks a group's limit up by the tier its entry names, so each limit is a tier of its own. */
const highestGroupLimit = 64
const tierOf = (groupLimit: number): string => String(Math.max(1, Math.min(highestGroupLimit, groupLimit)))
const groupConcurrency = {
  default: 1,
  tiers: Object.fromEntries(Array.from({ length: highestGroupLimit }, (_, index) => [tierOf(index + 1), index + 1])),
}

const daySeconds = 86_400

export const createQueueEntries = (boss: PgBoss): QueueEntries => ({
  prepare: async (heartbeatSeconds) => {
    const options = {
      heartbeatSeconds,
      // The heartbeat tells a dead attempt from a long one. This is the most that pg-boss takes; attempts end themselves before.
      expireInSeconds: daySeconds,
      retentionSeconds: 365 * daySeconds,
      // Attempts are counted in `jobs`; an entry is put back as often as its process dies.
      retryLimit: 10_000,
      retryDelay: 0,
      retryBackoff: false,
    }
    for (const kind of jobKinds) {
      await boss.createQueue(queueName(kind), options)
      await boss.updateQueue(queueName(kind), options)
      // pg-boss forgets what it knows of a queue when it is changed, and asks for it with the next call, beside the transaction of that call:
      // on the embedded database, whose only connection the transaction holds, it would wait for ever. So it asks here.
      await boss.touch(queueName(kind), [randomUUID()])
    }
  },

  add: async (transaction, { jobId, kind, group, groupLimit, priority, delaySeconds }) => {
    const id = randomUUID()
    const added = await boss.send(
      queueName(kind),
      { jobId },
      {
        id,
        priority,
        ...(delaySeconds > 0 ? { startAfter: new Date(Date.now() + delaySeconds * 1000) } : {}),
        ...(group === null ? {} : { group: { id: group, tier: tierOf(groupLimit) } }),
        db: fromKysely(transaction),
      },
    )
    if (added === null) throw new Error('the queue did not take an entry')
    return id
  },

  remove: async (transaction, kind, entryId) => {
    await boss.deleteJob(queueName(kind), entryId, { db: fromKysely(transaction) })
  },

  take: async (kind) => {
    const [entry] = await boss.fetch<{ jobId: string }>(queueName(kind), { batchSize: 1, groupConcurrency })
    return entry ? { entryId: entry.id, jobId: entry.data.jobId } : null
  },

  touch: async (kind, entryIds) => {
    if (entryIds.length > 0) await boss.touch(queueName(kind), [...entryIds])
  },
})
