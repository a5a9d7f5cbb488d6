import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Caller } from '../access/authorize.ts'
import { chosenOrganizations, type ManageNeeds, roleOf } from './manage-accounts.ts'
import type { Passwords } from './password.ts'
import { checkPasswordRules, type PasswordRules } from './password-rules.ts'

export type CreateUserNeeds = ManageNeeds & { readonly passwords: Passwords; readonly clock: Clock }

/**
 * Makes an account. Nobody gets all organizations by leaving them out but an administrator, as MailStore’s clients make them.
 * @throws AppError `name_taken`, `invalid_params`
 */
export const createCreateUser =
  ({ accounts, directory, passwords, clock }: CreateUserNeeds, rules: PasswordRules) =>
  async (params: Params<'CreateUser'>, caller: Caller): Promise<Result<'CreateUser'>> => {
    const { userName, fullName, password, emailAddresses } = params
    const role = roleOf(params.privileges)
    const givenOrganizations = (): readonly OrganizationId[] | null => {
      if (params.organizations !== undefined) return chosenOrganizations(params.organizations, caller, directory)
      if (role === 'administrator') return caller.organizations
      throw new AppError('invalid_params', {
        details: { reason: `organizations is needed for an ${role}: ids separated by commas, or * for all.` },
      })
    }
    const organizations = givenOrganizations()
    if (password !== undefined) checkPasswordRules({ userName, password }, rules)
    if (await accounts.find(userName)) throw new AppError('name_taken', { details: { userName } })
    await accounts.create(
      {
        userName,
        fullName: fullName ?? '',
        emailAddresses: emailAddresses ?? [],
        role,
        organizations,
        passwordHash: password === undefined ? '' : await passwords.hash(password),
      },
      { at: clock.now().toISOString(), by: caller.userName },
    )
    return null
  }
