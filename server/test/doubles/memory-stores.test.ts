import { accessTokenStoreContract } from '../../src/ports/access-token-store.contract.ts'
import { accountStoreContract } from '../../src/ports/account-store.contract.ts'
import { destinationStoreContract } from '../../src/ports/destination-store.contract.ts'
import { secondFactorStoreContract } from '../../src/ports/second-factor-store.contract.ts'
import { createMemoryAccessTokens } from './memory-access-tokens.ts'
import { createMemoryAccounts } from './memory-accounts.ts'
import { createMemoryDestinations } from './memory-destinations.ts'
import { createMemorySecondFactors } from './memory-second-factors.ts'

const close = async () => {}

accountStoreContract('the double', async () => ({ store: createMemoryAccounts(), close }))
accessTokenStoreContract('the double', async () => {
  const accounts = createMemoryAccounts()
  return { tokens: createMemoryAccessTokens(accounts), accounts, close }
})
secondFactorStoreContract('the double', async () => {
  const { store: factors, kindsOf } = createMemorySecondFactors()
  return { factors, accounts: createMemoryAccounts(kindsOf), close }
})
destinationStoreContract('the double', async () => ({ store: createMemoryDestinations(), close }))
