import type { Result } from '@stillbox/shared/contract/registry.ts'
import { deliveryActions, supportedActions } from '@stillbox/shared/vocabulary/delivery-action.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { Secrets } from '../../ports/secrets.ts'

export type GetServerInfoNeeds = {
  readonly archives: Pick<ArchiveStore, 'usage'>
  readonly secrets: Pick<Secrets, 'signingPublicKey'>
}

export type ServerFacts = {
  readonly version: string
  readonly archiveFormatVersion: number
  readonly database: 'embedded' | 'postgresql'
  readonly startedAt: Date
}

export const createGetServerInfo =
  ({ archives, secrets }: GetServerInfoNeeds, facts: ServerFacts) =>
  async (): Promise<Result<'GetServerInfo'>> => ({
    product: 'Stillbox',
    version: facts.version,
    archiveFormatVersion: facts.archiveFormatVersion,
    database: facts.database,
    actions: deliveryActions.filter((action) => supportedActions.has(action)),
    signingKey: secrets.signingPublicKey,
    store: await archives.usage(),
    startedAt: facts.startedAt.toISOString(),
  })
