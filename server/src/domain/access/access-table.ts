import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import {
  type Access,
  type Role,
  roleMay,
  scopeMay,
  type TokenScope,
  tokenScopes,
} from '@stillbox/shared/vocabulary/access.ts'

/** Somebody as the table knows them: `isElsewhere` is limited to other organizations than the one a call is about. */
export type Kind = { readonly name: string; readonly role: Role | null; readonly isElsewhere: boolean }

export const kinds = [
  { name: 'nobody', role: null, isElsewhere: false },
  { name: 'auditor', role: 'auditor', isElsewhere: false },
  { name: 'operator', role: 'operator', isElsewhere: false },
  { name: 'operator elsewhere', role: 'operator', isElsewhere: true },
  { name: 'administrator elsewhere', role: 'administrator', isElsewhere: true },
  { name: 'administrator', role: 'administrator', isElsewhere: false },
] as const satisfies readonly Kind[]

/**
 * `own`: about the own account only. `some`: what belongs to its organizations. `hidden`: what belongs to other organizations does
 * not exist.
 */
export type Verdict = 'yes' | 'no' | 'own' | 'some' | 'hidden'

export type Rights = Pick<MethodDefinition, 'othersAccess' | 'limit'> & { readonly access: Access }

export const verdictOf = ({ access, othersAccess, limit }: Rights, { role, isElsewhere }: Kind): Verdict => {
  if (access === 'public') return 'yes'
  if (role === null) return 'no'
  const mayForOthers = othersAccess !== undefined && roleMay(role, othersAccess)
  if (!roleMay(role, access) && !mayForOthers) return 'no'
  if (othersAccess !== undefined && !mayForOthers) return 'own'
  if (!isElsewhere || limit === undefined) return 'yes'
  return limit === 'filtered' ? 'some' : limit === 'hidden' ? 'hidden' : 'no'
}

/** The narrowest scope of an access token that will do; null where no token will. */
export const scopeFor = ({ access, othersAccess }: Rights): TokenScope | null =>
  tokenScopes.find((scope) => scopeMay(scope, access)) ??
  tokenScopes.find((scope) => othersAccess !== undefined && scopeMay(scope, othersAccess)) ??
  null
