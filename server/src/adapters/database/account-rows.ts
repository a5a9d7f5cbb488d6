import { Role, type SecondFactorKind } from '@stillbox/shared/vocabulary/access.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Account } from '../../ports/account-store.ts'
import type { Schema } from './schema.ts'
import { storableText } from './storable.ts'

/** Accounts are found by their name without regard to case and Unicode form. */
export const nameKey = (userName: string): string => storableText(userName.normalize('NFC').toLowerCase())

/** Selected beside the columns of `accounts`: the kinds of second factors the account has. */
export const secondFactors: RawBuilder<string[]> = sql<string[]>`to_jsonb(array_remove(array[
  case when exists (select 1 from totp_devices t where t.name_key = accounts.name_key and t.is_confirmed) then 'totp' end,
  case when exists (select 1 from passkeys p where p.name_key = accounts.name_key) then 'passkey' end
], null))`

export const toAccount = (
  row: Selectable<Schema['accounts']> & { readonly second_factors: readonly string[] },
): Account => ({
  userName: row.user_name,
  fullName: row.full_name,
  emailAddresses: row.email_addresses as string[],
  role: Role.parse(row.role),
  organizations: row.organizations as OrganizationId[] | null,
  passwordHash: row.password_hash,
  secondFactors: row.second_factors as SecondFactorKind[],
})
