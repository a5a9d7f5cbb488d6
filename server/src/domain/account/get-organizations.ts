import type { Result } from '@stillbox/shared/contract/registry.ts'
import type { AccountDirectory } from '../../ports/account-directory.ts'

/** The organizations of the configuration, without anything of how they are reached. */
export const createGetOrganizations =
  ({ directory }: { readonly directory: Pick<AccountDirectory, 'organizations'> }) =>
  async (): Promise<Result<'GetOrganizations'>> => ({
    organizations: directory.organizations().map(({ organization, name, types, userNameHint, isSample }) => ({
      organization,
      name,
      types: [...types],
      userNameHint,
      isSample,
    })),
  })
