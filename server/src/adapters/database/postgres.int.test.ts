import { afterAll, beforeAll, describe } from 'vitest'
import { needs } from '../../../testkit/servers/needs.ts'
import { type PostgresServer, startPostgres } from '../../../testkit/servers/postgres.ts'
import { databaseContract } from './database.contract.ts'
import { openDatabase } from './open-database.ts'

describe.skipIf(!needs('postgres'))('with a PostgreSQL server', () => {
  let server: PostgresServer
  let databases = 0
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  databaseContract('PostgreSQL', async () =>
    openDatabase({ url: await server.createDatabase(`contract_${++databases}`), folder: '/nowhere' }),
  )
})
