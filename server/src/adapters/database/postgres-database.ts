import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { migrate } from './migrations/migrate.ts'
import type { Database } from './open-database.ts'
import type { Schema } from './schema.ts'

const connectTimeoutMs = 10_000
/** Any number that nothing else on the database uses; it serializes the start of several processes. */
const startLock = 5_714_608_462

const parseDate = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)

const parsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === pg.types.builtins.INT8) return Number
    if (oid === pg.types.builtins.TIMESTAMPTZ) return (text: string) => (parseDate(text) as Date).toISOString()
    return pg.types.getTypeParser(oid, format)
  }) as typeof pg.types.getTypeParser,
}

/** @throws Error that says which server and what is wrong, without credentials. */
export const openPostgres = async (url: string, maxConnections: number): Promise<Database> => {
  const pool = new pg.Pool({
    connectionString: url,
    // One holds the lock of the start while another migrates.
    max: Math.max(2, maxConnections),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: parsers,
    application_name: 'stillbox',
  })
  // An idle connection that the server closes is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => {})
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrateAlone(pool, db)
  } catch (error) {
    await db.destroy()
    throw unreachable(url, error)
  }
  return {
    kind: 'postgresql',
    db,
    // pg-boss reckons with Date objects, so its queries keep the driver's own parsers.
    queue: {
      executeSql: (text, values) =>
        pool.query({ text, types: pg.types, ...(values === undefined ? {} : { values: [...values] }) }),
    },
    close: () => db.destroy(),
  }
}

const migrateAlone = async (pool: pg.Pool, db: Kysely<Schema>): Promise<void> => {
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [startLock])
    await migrate(db)
    await client.query('SELECT pg_advisory_unlock($1)', [startLock])
    client.release()
  } catch (error) {
    // Closed, not returned: the lock goes with its connection.
    client.release(true)
    throw error
  }
}

const unreachable = (url: string, error: unknown): Error => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null
  const reason =
    code === '28P01' || code === '28000'
      ? 'it refused the user name or the password'
      : code === '3D000'
        ? 'it has no database of this name'
        : code === '42501'
          ? 'the user may not create tables there'
          : code !== null
            ? code
            : error instanceof Error && /timeout/i.test(error.message)
              ? `no answer within ${connectTimeoutMs / 1000} seconds`
              : null
  // What is no failure of the connection is a mistake of ours and keeps its own words.
  if (reason === null) return error instanceof Error ? error : new Error('the database could not be opened')
  return new Error(
    `The PostgreSQL server at ${serverName(url)} cannot be used: ${reason}. Check DATABASE_URL, and that the server runs and lets this machine in.`,
  )
}

const serverName = (url: string): string => {
  if (!URL.canParse(url)) return 'the address in DATABASE_URL'
  const { hostname, port, pathname } = new URL(url)
  return `${hostname || 'localhost'}:${port || '5432'}${pathname}`
}
