import type { Result } from '@stillbox/shared/contract/registry.ts'
import type { AccountDirectory } from '../../ports/account-directory.ts'
import type { Caller } from '../access/authorize.ts'
import { seesOrganization } from '../access/organization-limit.ts'

/** The organizations of the configuration that the caller may deal with, without anything of how they are reached. */
export const createGetOrganizations =
  ({ directory }: { readonly directory: Pick<AccountDirectory, 'organizations'> }) =>
  async (_: unknown, caller: Caller): Promise<Result<'GetOrganizations'>> => ({
    organizations: directory
      .organizations()
      .filter(({ organization }) => seesOrganization(caller, organization))
      .map(({ organization, name, types, userNameHint, isSample }) => ({
        organization,
        name,
        types: [...types],
        userNameHint,
        isSample,
      })),
  })
