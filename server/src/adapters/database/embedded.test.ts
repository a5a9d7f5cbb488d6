import { afterAll, beforeAll, vi } from 'vitest'
import { clusterInMemory } from '../../../testkit/embedded-cluster.ts'
import { databaseContract } from './database.contract.ts'
import { type Database, openDatabaseInMemory } from './open-database.ts'

// Making the embedded database is most of what this file takes, so its contracts share one.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 })
let database: Database
beforeAll(async () => {
  database = await openDatabaseInMemory(await clusterInMemory())
})
afterAll(() => database.close())

databaseContract('the embedded database', async () => ({ ...database, close: async () => {} }))
