import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Db } from 'pg-boss'
import { openEmbedded } from './embedded-database.ts'
import { lockFolder } from './folder-lock.ts'
import { openPostgres } from './postgres-database.ts'
import type { Schema } from './schema.ts'

export type Database = {
  readonly kind: 'embedded' | 'postgresql'
  readonly db: Kysely<Schema>
  /** The same database as pg-boss speaks to it. */
  readonly queue: Db
  /** Closes every connection and lets go of the folder; nothing of it can be used afterwards. */
  close(): Promise<void>
}

export type DatabaseSettings = {
  /** A PostgreSQL server, as in `postgres://user:password@host:5432/name`; null for the embedded database. */
  readonly url: string | null
  /** Data folder: the embedded database lies in `database` below it, and `lock.sqlite` beside that keeps others out. */
  readonly folder: string
  /** Connections to the server at most; the embedded database has one. */
  readonly maxConnections?: number
}

/**
 * Opens the database and brings its tables up to date; safe when several processes start on one server at once.
 * @throws Error with a sentence for the administrator when it cannot be used: unreachable, or held by another process.
 */
export const openDatabase = async ({ url, folder, maxConnections = 8 }: DatabaseSettings): Promise<Database> => {
  if (url !== null) return openPostgres(url, maxConnections)
  const lock = lockFolder(folder)
  try {
    return await openEmbedded(join(folder, 'database'), lock.release)
  } catch (error) {
    lock.release()
    throw error
  }
}

/** An embedded database in memory, for tests, from a cluster without tables. */
export const openDatabaseInMemory = (cluster: Blob): Promise<Database> => openEmbedded(null, () => {}, cluster)
