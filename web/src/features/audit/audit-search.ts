import { type AuditAction, AuditOutcome, auditActions } from '@stillbox/shared/vocabulary/audit-action.ts'
import { Instant } from '@stillbox/shared/vocabulary/date-range.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { z } from 'zod'

const Text = z.string().trim().min(1).max(320).optional().catch(undefined)

/** Several are written with commas in the address; what an outdated link names wrongly is left out. */
const Actions = z
  .preprocess(
    (given) => (typeof given === 'string' ? given.split(',') : given),
    z.array(z.string()).transform((names) => {
      const known = auditActions.filter((action) => names.includes(action))
      return known.length === 0 ? undefined : known
    }),
  )
  .optional()
  .catch(undefined)

/** What of the audit log is shown, as the address bar holds it, and the entry whose details are open. */
export const AuditSearch = z.object({
  actor: Text,
  action: Actions,
  outcome: AuditOutcome.optional().catch(undefined),
  target: Text,
  organization: OrganizationId.optional().catch(undefined),
  from: Instant.optional().catch(undefined),
  to: Instant.optional().catch(undefined),
  entry: z.coerce.number().int().positive().optional().catch(undefined),
})
export type AuditSearch = {
  readonly actor?: string | undefined
  readonly action?: readonly AuditAction[] | undefined
  readonly outcome?: AuditOutcome | undefined
  readonly target?: string | undefined
  readonly organization?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly entry?: number | undefined
}

/** The filters alone, without those that are not set: parameters of GetAuditLog. */
export const narrowingOf = ({ entry: _, action, ...rest }: AuditSearch) => ({
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
  ...(action ? { action: [...action] } : {}),
})

export const isNarrowed = (search: AuditSearch): boolean => Object.keys(narrowingOf(search)).length > 0

/** Everything gone but what is open. */
export const noNarrowing = {
  actor: undefined,
  action: undefined,
  outcome: undefined,
  target: undefined,
  organization: undefined,
  from: undefined,
  to: undefined,
} as const

/** Where the log is handed out as a file, with the same filters. */
export const exportHref = (format: 'jsonl' | 'csv', search: AuditSearch): string => {
  const query = new URLSearchParams(
    Object.entries(narrowingOf(search)).map(([name, value]) => [name, String(value)]),
  ).toString()
  return `/audit-log.${format}${query && `?${query}`}`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** An instant as a field for date and time holds it, in the reader’s own zone. */
export const toLocalField = (instant: string | undefined): string => {
  if (instant === undefined) return ''
  const at = new Date(instant)
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

export const fromLocalField = (text: string): string | undefined => {
  const at = new Date(text)
  return text === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
