import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { AuditFilter, AuditLog } from '../../ports/audit-log.ts'
import type { Caller } from '../access/authorize.ts'

export type AuditFilterParams = Omit<Params<'GetAuditLog'>, 'limit' | 'before'>

/** What a caller asks for, as far as the caller may see it: whoever has some organizations sees what is theirs, and what he did himself. */
export const seenFilter = (
  { action, ...same }: AuditFilterParams,
  { organizations, userName }: Pick<Caller, 'organizations' | 'userName'>,
): AuditFilter => ({
  ...same,
  actions: action,
  ...(organizations === null ? {} : { seenBy: { organizations, actor: userName } }),
})

export const createGetAuditLog =
  ({ log }: { readonly log: Pick<AuditLog, 'page'> }) =>
  async ({ limit, before, ...filter }: Params<'GetAuditLog'>, caller: Caller): Promise<Result<'GetAuditLog'>> => {
    const { entries, next } = await log.page(seenFilter(filter, caller), { limit, before })
    return { entries: [...entries], next }
  }
