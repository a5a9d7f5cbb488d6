import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { type Access, type Role, roleMay } from '@stillbox/shared/vocabulary/access.ts'

/** Who makes a call: an account that has signed in. */
export type Caller = { readonly userName: string; readonly role: Role }

/**
 * The one check of rights. Nobody (`null`) may only do what is public.
 * @throws AppError `not_signed_in`, `forbidden`
 */
export const authorize = (caller: Caller | null, access: Access): void => {
  if (access === 'public') return
  if (caller === null) throw new AppError('not_signed_in')
  if (!roleMay(caller.role, access)) throw new AppError('forbidden', { details: { access } })
}
