import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import type { Schema } from '../schema.ts'
import { snapshotsAndJobs } from './0001-snapshots-and-jobs.ts'
import { accounts } from './0002-accounts.ts'
import { forgetting } from './0003-forgetting.ts'
import { access } from './0004-access.ts'
import { destinations } from './0005-destinations.ts'
import { snapshotDelivery } from './0006-snapshot-delivery.ts'
import { audit } from './0007-audit.ts'
import { exports } from './0008-exports.ts'

/** In order; a migration that has been released is never changed. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-snapshots-and-jobs': snapshotsAndJobs,
  '0002-accounts': accounts,
  '0003-forgetting': forgetting,
  '0004-access': access,
  '0005-destinations': destinations,
  '0006-snapshot-delivery': snapshotDelivery,
  '0007-audit': audit,
  '0008-exports': exports,
}

/** Brings the tables up to date. For one process at a time: the caller holds the lock. @throws Error when one fails; nothing of it is kept. */
export const migrate = async (db: Kysely<Schema>): Promise<void> => {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')
  throw new Error(`the database could not be migrated${failed ? ` (${failed.migrationName})` : ''}`, { cause: error })
}
