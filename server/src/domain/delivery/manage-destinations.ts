import { randomUUID } from 'node:crypto'
import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { DestinationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { CheckHost, CheckPrivateKey } from '../../ports/delivery.ts'
import type { DestinationStore, SavedDestination } from '../../ports/destination-store.ts'
import type { Secrets } from '../../ports/secrets.ts'
import type { Caller } from '../access/authorize.ts'
import { chosenOrganizations, type KnownOrganizations } from '../account/manage-accounts.ts'
import { chooseSecret } from './choose-secret.ts'
import { findOwnDestination, seesDestination, shownDestination, unknownDestination } from './destination-limit.ts'
import { type DestinationSecret, secretContext } from './destination-spec.ts'

export type ManageDestinationsNeeds = {
  readonly destinations: DestinationStore
  readonly directory: KnownOrganizations
  readonly secrets: Pick<Secrets, 'seal'>
  readonly clock: Clock
  readonly checkHost: CheckHost
  readonly checkPrivateKey: CheckPrivateKey
}

/** Where and as whom a connection is made: a secret was given for this, and for nothing else. */
const signInFields = ['host', 'port', 'username', 'authMethod'] as const
/** All that a test of the destination says something about. */
const testedFields = [...signInFields, 'protocol', 'path', 'hostKeyFingerprints'] as const

const differIn = <K extends keyof SavedDestination>(
  fields: readonly K[],
  one: SavedDestination,
  other: SavedDestination,
): boolean => fields.some((field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]))

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
const definedIn = <T extends object>(given: T): Defined<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>

/** Lists, saves, changes and deletes destinations. No answer holds a password or key. */
export const createManageDestinations = (needs: ManageDestinationsNeeds) => {
  const { destinations, directory, secrets, clock, checkHost, checkPrivateKey } = needs
  const sealed = (secret: DestinationSecret | null, destinationId: DestinationId): string | null =>
    secret && secrets.seal(JSON.stringify(secret), secretContext(destinationId))
  /** Whoever compares two states by it must see them differ, whatever the clock does. */
  const instantAfter = (before: string): string =>
    new Date(Math.max(clock.now().getTime(), Date.parse(before) + 1)).toISOString()

  return {
    GetDestinations: async (_: Params<'GetDestinations'>, caller: Caller): Promise<Result<'GetDestinations'>> => ({
      destinations: (await destinations.list())
        .filter((destination) => seesDestination(caller, destination))
        .map((destination) => shownDestination(destination, caller)),
    }),

    /** @throws AppError `invalid_params`, `destination_forbidden`, `destination_secret_missing`, `destination_name_taken` */
    CreateDestination: async (
      params: Params<'CreateDestination'>,
      caller: Caller,
    ): Promise<Result<'CreateDestination'>> => {
      const { password, privateKey, passphrase, organizations, ...rest } = params
      checkHost(rest.host)
      const secret = chooseSecret(
        rest.authMethod,
        { password, privateKey, passphrase },
        { mayKeep: false, checkPrivateKey },
      )
      const destinationId = DestinationId.parse(randomUUID())
      const chosen = chosenOrganizations(organizations ?? ['*'], caller, directory)
      const now = clock.now().toISOString()
      const saved: SavedDestination = {
        ...rest,
        destinationId,
        organizations: chosen && [...chosen],
        createdAt: now,
        createdBy: caller.userName,
        changedAt: now,
        lastTest: null,
        sealedSecret: sealed(secret === 'keep' ? null : secret, destinationId),
      }
      await destinations.add(saved)
      return shownDestination(saved, caller)
    },

    /** @throws AppError as for CreateDestination, and `not_found`, `forbidden`, `destination_changed` */
    EditDestination: async (params: Params<'EditDestination'>, caller: Caller): Promise<Result<'EditDestination'>> => {
      const { destinationId, password, privateKey, passphrase, organizations, ...rest } = params
      const before = await findOwnDestination(destinations, destinationId, caller)
      const given = definedIn(rest)
      const after: SavedDestination = { ...before, ...given }
      if (differIn(['host', 'port'], before, after)) {
        checkHost(after.host)
        if (given.hostKeyFingerprints === undefined)
          throw new AppError('invalid_params', {
            details: { reason: 'With another host or port, hostKeyFingerprints is needed: ask ReadHostKeys.' },
          })
      }
      const mayKeep = before.sealedSecret !== null && !differIn(signInFields, before, after)
      const secret = chooseSecret(after.authMethod, { password, privateKey, passphrase }, { mayKeep, checkPrivateKey })
      const chosen = organizations && chosenOrganizations(organizations, caller, directory)
      const isUntested = differIn(testedFields, before, after) || (secret !== 'keep' && secret !== null)
      const changed = await destinations.change(destinationId, before.changedAt, {
        ...given,
        ...(secret === 'keep' ? {} : { sealedSecret: sealed(secret, destinationId) }),
        ...(chosen === undefined ? {} : { organizations: chosen && [...chosen] }),
        ...(isUntested ? { lastTest: null } : {}),
        changedAt: instantAfter(before.changedAt),
      })
      if (changed) return shownDestination(changed, caller)
      const now = await destinations.find(destinationId)
      throw now ? new AppError('destination_changed', { details: { name: now.name } }) : unknownDestination()
    },

    /** Those whose snapshots still wait to be delivered there learn of it then. @throws AppError `not_found`, `forbidden` */
    DeleteDestination: async (
      { destinationId }: Params<'DeleteDestination'>,
      caller: Caller,
    ): Promise<Result<'DeleteDestination'>> => {
      await findOwnDestination(destinations, destinationId, caller)
      if (!(await destinations.remove(destinationId))) throw unknownDestination()
      return null
    },
  }
}
