import { AppError } from '@stillbox/shared/errors/app-error.ts'
import {
  type Access,
  type ClientKind,
  type Role,
  roleMay,
  scopeMay,
  type TokenScope,
} from '@stillbox/shared/vocabulary/access.ts'
import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Account } from '../../ports/account-store.ts'

/** Who makes a call: an account that has signed in, as it is at the time of the call. */
export type Caller = {
  readonly userName: string
  readonly role: Role
  /** The organizations the caller may deal with; null: all of them. */
  readonly organizations: readonly OrganizationId[] | null
  readonly client?: ClientKind
  /** What the access token may be used for; null for any other sign-in. */
  readonly scope?: TokenScope | null
  /** The session of the web interface, if that is how the caller signed in. */
  readonly sessionId?: string | null
  /** Its role needs a second factor and it has none yet: it may only set one up. */
  readonly lacksSecondFactor?: boolean
}

export type SignedInBy = {
  readonly client: ClientKind
  readonly scope?: TokenScope
  readonly sessionId?: string
}

/** Makes the caller of an account, whichever way it signed in. A client certificate counts as a second factor. */
export const createCallerOf =
  ({ requireSecondFactor }: { readonly requireSecondFactor: readonly Role[] }) =>
  (account: Account, { client, scope, sessionId }: SignedInBy): Caller => ({
    userName: account.userName,
    role: account.role,
    organizations: account.organizations,
    client,
    scope: scope ?? null,
    sessionId: sessionId ?? null,
    lacksSecondFactor:
      client !== 'certificate' && account.secondFactors.length === 0 && requireSecondFactor.includes(account.role),
  })
export type CallerOf = ReturnType<typeof createCallerOf>

/**
 * The one check of rights. Nobody (`null`) may only do what is public.
 * @throws AppError `not_signed_in`, `forbidden`, `token_scope`, `second_factor_missing`
 */
export const authorize = (caller: Caller | null, access: Access): void => {
  if (access === 'public') return
  if (caller === null) throw new AppError('not_signed_in')
  if (!roleMay(caller.role, access)) throw new AppError('forbidden', { details: { access } })
  const scope = caller.scope ?? null
  if (scope !== null && !scopeMay(scope, access))
    throw new AppError('token_scope', {
      details: { scope, access: access === 'own' ? 'a sign-in with user name and password' : access },
    })
  if (caller.lacksSecondFactor && access !== 'own')
    throw new AppError('second_factor_missing', { details: { role: caller.role } })
}

/** The rights a method needs, as the registry has them. */
export type MethodRights = { readonly access: Access; readonly othersAccess?: Access }

/**
 * Whether a caller may call a method: before its parameters are read whether at all, and with them whether so.
 * @throws AppError as `authorize` does
 */
export const authorizeMethod = (
  caller: Caller | null,
  { access, othersAccess }: MethodRights,
  params: unknown = null,
): void => {
  if (othersAccess === undefined) authorize(caller, access)
  else if (params !== null) authorize(caller, isAboutOthers(caller, params) ? othersAccess : access)
  else if (!may(caller, access)) authorize(caller, othersAccess)
}

const may = (caller: Caller | null, access: Access): boolean => {
  try {
    authorize(caller, access)
    return true
  } catch {
    return false
  }
}

const isAboutOthers = (caller: Caller | null, params: unknown): boolean => {
  const named = typeof params === 'object' && params !== null && 'userName' in params ? params.userName : undefined
  return typeof named === 'string' && (caller === null || !isSameUser(named, caller.userName))
}

/** User names are the same without regard to case and Unicode form. */
export const isSameUser = (one: string, other: string): boolean =>
  one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase()
