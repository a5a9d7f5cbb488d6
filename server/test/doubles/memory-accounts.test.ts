import { accountStoreContract } from '../../src/ports/account-store.contract.ts'
import { createMemoryAccounts } from './memory-accounts.ts'

accountStoreContract('the double', async () => ({ store: createMemoryAccounts(), close: async () => {} }))
