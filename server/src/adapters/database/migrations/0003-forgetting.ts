import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Schema } from '../schema.ts'

/** For the jobs whose time is up, and for the tokens that go with each of them. */
export const forgetting: Migration = {
  up: async (db: Kysely<Schema>) => {
    await db.schema
      .createIndex('jobs_finished')
      .on('jobs')
      .columns(['finished_at'])
      .where(sql.ref('finished_at'), 'is not', null)
      .execute()
    await db.schema.createIndex('status_tokens_of').on('status_tokens').columns(['job_id']).execute()
  },
}
