import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Caller } from '../../src/domain/access/authorize.ts'

/** Somebody who may do everything. */
export const someAdministrator: Caller = { userName: 'admin', role: 'administrator', organizations: null }

/** Support staff of some organizations. */
export const operatorOf = (...organizations: readonly OrganizationId[]): Caller => ({
  userName: 'olga',
  role: 'operator',
  organizations,
})
