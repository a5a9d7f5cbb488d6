import { vi } from 'vitest'
import { databaseContract } from './database.contract.ts'
import { openDatabaseInMemory } from './open-database.ts'

vi.setConfig({ testTimeout: 30_000 })
databaseContract('the embedded database', openDatabaseInMemory)
