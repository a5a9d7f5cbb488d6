import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { createForgetFinished } from './forget-finished.ts'
import type { Database } from './open-database.ts'
import { issueToken, readToken } from './status-tokens.ts'

const dayMs = 86_400_000

/** Jobs that ended long ago go, and nothing else does. `open` gives a database without jobs of this age. */
export const forgetFinishedContract = (name: string, open: () => Promise<Database>): void => {
  it(`${name} forgets jobs that ended long ago, with their tokens`, async () => {
    const database = await open()
    const now = new Date('2020-06-30T12:00:00.000Z')
    const put = async (state: string, finishedDaysAgo: number | null) => {
      const jobId = randomUUID()
      const at = (days: number) => new Date(now.getTime() - days * dayMs).toISOString()
      await database.db
        .insertInto('jobs')
        .values({
          job_id: jobId,
          kind: 'verify',
          snapshot_id: null,
          state,
          messages: '[]',
          result: null,
          group_limit: 1,
          priority: 0,
          attempt: 1,
          created_at: at(400),
          finished_at: finishedDaysAgo === null ? null : at(finishedDaysAgo),
        })
        .execute()
      return { jobId, token: await issueToken(database.db, jobId as Parameters<typeof issueToken>[1], at(400)) }
    }
    const old = await put('succeeded', 31)
    const recent = await put('failed', 29)
    const running = await put('running', null)

    await createForgetFinished(database, { clock: { now: () => now }, keepDays: 30 })(new AbortController().signal)

    const kept = await database.db.selectFrom('jobs').select('job_id').where('priority', '=', 0).execute()
    const keptIds = kept.map((row) => row.job_id)
    expect(keptIds).toEqual(expect.arrayContaining([recent.jobId, running.jobId]))
    expect(keptIds).not.toContain(old.jobId)
    await expect(readToken(database.db, old.token, null)).rejects.toMatchObject({ code: 'status_token_unknown' })
    expect((await readToken(database.db, recent.token, null)).state).toBe('failed')
    await database.db.deleteFrom('jobs').where('job_id', 'in', [recent.jobId, running.jobId]).execute()
    await database.close()
  })
}
