import { expect } from 'vitest'
import { accessTokenStoreContract } from '../../ports/access-token-store.contract.ts'
import { accountStoreContract } from '../../ports/account-store.contract.ts'
import { destinationStoreContract } from '../../ports/destination-store.contract.ts'
import { jobQueueContract } from '../../ports/job-queue.contract.ts'
import { secondFactorStoreContract } from '../../ports/second-factor-store.contract.ts'
import { snapshotStoreContract } from '../../ports/snapshot-store.contract.ts'
import { createDatabaseAccessTokenStore } from './access-token-store.ts'
import { createDatabaseAccountStore } from './account-store.ts'
import { createDatabaseDestinationStore } from './destination-store.ts'
import { forgetFinishedContract } from './forget-finished.contract.ts'
import type { Database } from './open-database.ts'
import { openJobQueue } from './pg-boss-queue.ts'
import { createDatabaseSecondFactorStore } from './second-factor-store.ts'
import { createDatabaseSnapshotStore } from './snapshot-store.ts'

/** Everything that is kept in a database, on this one. `open` gives an empty database each time. */
export const databaseContract = (name: string, open: () => Promise<Database>): void => {
  snapshotStoreContract(name, async () => {
    const database = await open()
    return { store: createDatabaseSnapshotStore({ database }), close: database.close }
  })
  accountStoreContract(name, async () => {
    const database = await open()
    return { store: createDatabaseAccountStore({ database }), close: database.close }
  })
  destinationStoreContract(name, async () => {
    const database = await open()
    return { store: createDatabaseDestinationStore({ database }), close: database.close }
  })
  forgetFinishedContract(name, open)
  accessTokenStoreContract(name, async () => {
    const database = await open()
    return {
      tokens: createDatabaseAccessTokenStore({ database }),
      accounts: createDatabaseAccountStore({ database }),
      close: database.close,
    }
  })
  secondFactorStoreContract(name, async () => {
    const database = await open()
    return {
      factors: createDatabaseSecondFactorStore({ database }),
      accounts: createDatabaseAccountStore({ database }),
      close: database.close,
    }
  })
  jobQueueContract(name, async () => {
    const database = await open()
    const errors: string[] = []
    const jobs = await openJobQueue({ database, onError: (error) => void errors.push(String(error)) })
    return {
      jobs,
      snapshots: createDatabaseSnapshotStore({ database }),
      close: async () => {
        await jobs.stop()
        await database.close()
        expect(errors.filter((text) => !text.includes('a mistake in the program'))).toEqual([])
      },
    }
  })
}
