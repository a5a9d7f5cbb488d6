import { existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { PGlite, types } from '@electric-sql/pglite'
import { Kysely, PGliteDialect } from 'kysely'
import { fromPglite } from 'pg-boss'
import { migrate } from './migrations/migrate.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'

const toIso = (text: string): string => new Date(text).toISOString()
const toDate = (text: string): Date => new Date(text)

/**
 * The first start takes seconds, and a process that dies in it would leave files that are no database and no empty folder either. So it is
 * made under another name.
 */
const makeIfMissing = async (folder: string): Promise<void> => {
  if (existsSync(folder)) return
  const draft = `${folder}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  const pglite = new PGlite(draft)
  await pglite.waitReady
  await pglite.close()
  await rename(draft, folder)
}

/**
 * @param folder where PGlite keeps its files; null for one in memory that is gone on `close`. The caller holds the lock of the folder.
 * @param cluster what one in memory begins with, as PGlite dumps it; otherwise it is made, which takes seconds.
 */
export const openEmbedded = async (folder: string | null, release: () => void, cluster?: Blob): Promise<Database> => {
  if (folder !== null) {
    await makeIfMissing(folder)
    // PGlite makes its files readable and writable for everybody, whatever the umask says: so nobody else gets to them.
    await chmod(folder, 0o700)
  }
  const pglite = new PGlite(folder === null ? 'memory://' : folder, {
    parsers: { [types.TIMESTAMPTZ]: toIso, [types.INT8]: Number },
    ...(cluster === undefined ? {} : { loadDataDir: cluster }),
  })
  await pglite.waitReady
  const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) })
  await migrate(db)
  // pg-boss reckons with Date objects.
  const parsers = { [types.TIMESTAMPTZ]: toDate }
  return {
    kind: 'embedded',
    db,
    queue: fromPglite({
      query: (text, values) => pglite.query(text, values, { parsers }),
      exec: (text) => pglite.exec(text, { parsers }),
    }),
    close: async () => {
      await db.destroy()
      release()
    },
  }
}
