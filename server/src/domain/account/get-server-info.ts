import type { Result } from '@stillbox/shared/contract/registry.ts'
import { deliveryActions } from '@stillbox/shared/vocabulary/delivery-action.ts'
import type { ArchiveStore } from '../../ports/archive-store.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import type { Retention } from '../snapshot/retention.ts'

export type GetServerInfoNeeds = {
  readonly archives: Pick<ArchiveStore, 'usage'>
  readonly secrets: Pick<Secrets, 'signingPublicKey'>
  readonly snapshots: Pick<SnapshotStore, 'archiveUsage'>
}

export type ServerFacts = {
  readonly version: string
  readonly archiveFormatVersion: number
  readonly database: 'embedded' | 'postgresql'
  readonly startedAt: Date
  readonly deliveryKeys: Result<'GetServerInfo'>['deliveryKeys']
  readonly retention: Retention
  readonly expiryWarningDays: number
}

export const createGetServerInfo =
  ({ archives, secrets, snapshots }: GetServerInfoNeeds, facts: ServerFacts) =>
  async (_: unknown, { organizations }: Caller): Promise<Result<'GetServerInfo'>> => ({
    product: 'Stillbox',
    version: facts.version,
    archiveFormatVersion: facts.archiveFormatVersion,
    database: facts.database,
    actions: [...deliveryActions],
    deliveryKeys: facts.deliveryKeys,
    retentionDays: { ...facts.retention },
    expiryWarningDays: facts.expiryWarningDays,
    signingKey: secrets.signingPublicKey,
    // How much the others have, and what the disk still holds, is nothing for whoever is limited to some organizations.
    store:
      organizations === null
        ? await archives.usage()
        : { ...(await snapshots.archiveUsage({ organizations })), freeBytes: null },
    startedAt: facts.startedAt.toISOString(),
  })
