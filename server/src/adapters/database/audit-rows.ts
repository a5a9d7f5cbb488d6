import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { type ExpressionBuilder, type Insertable, type Selectable, type SqlBool, sql } from 'kysely'
import type { AuditDraft, AuditFilter } from '../../ports/audit-log.ts'
import type { AuditTable, Schema } from './schema.ts'
import { storableText } from './storable.ts'

const storable = (text: string | null): string | null => (text === null ? null : storableText(text))

/** The draft as the database gives it back: what is hashed must be what is read later. */
export const storableDraft = (draft: AuditDraft): AuditDraft => ({
  ...draft,
  at: new Date(draft.at).toISOString(),
  actor: storable(draft.actor),
  address: storable(draft.address),
  target: storable(draft.target),
  organization: storable(draft.organization),
  details: Object.fromEntries(
    Object.entries(draft.details).map(([name, value]) => [
      storableText(name),
      typeof value === 'string' ? storableText(value) : value,
    ]),
  ),
})

export const toRow = ({ requestId, details, previousHash, ...same }: AuditEntry): Insertable<AuditTable> => ({
  ...same,
  request_id: requestId,
  details: JSON.stringify(details),
  previous_hash: previousHash,
})

/** Taken as it stands, be it nonsense: somebody may have written into the table, and the check of the chain is to find it. */
export const toEntry = (row: Selectable<AuditTable>): AuditEntry => ({
  number: row.number,
  at: row.at,
  action: row.action as AuditEntry['action'],
  outcome: row.outcome as AuditEntry['outcome'],
  code: row.code,
  actor: row.actor,
  client: row.client as AuditEntry['client'],
  address: row.address,
  requestId: row.request_id,
  target: row.target,
  organization: row.organization,
  details: detailsOf(row.details),
  previousHash: row.previous_hash,
  hash: row.hash,
})

const detailsOf = (text: string): AuditEntry['details'] => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as AuditEntry['details']
  } catch {
    // Falls through to what never was in it.
  }
  return { unreadable: text }
}

/** @param names the actors whose name contains the filter's, where they are few enough to be looked up one by one */
export const matches = (
  { eb, and, or }: ExpressionBuilder<Schema, 'audit_log'>,
  { actor, actions, outcome, target, organization, from, to, seenBy }: AuditFilter,
  names: readonly string[] | null,
) =>
  and([
    ...(actor === undefined || actor === ''
      ? []
      : [
          names === null
            ? sql<SqlBool>`strpos(lower(actor), lower(${actor}::text)) > 0`
            : sql<SqlBool>`lower(actor) = any(${[...names]}::text[])`,
        ]),
    ...(actions === undefined || actions.length === 0 ? [] : [eb('action', 'in', actions)]),
    ...(outcome === undefined ? [] : [eb('outcome', '=', outcome)]),
    ...(target === undefined || target === '' ? [] : [eb('target', '=', storableText(target))]),
    ...(organization === undefined ? [] : [eb('organization', '=', organization)]),
    ...(from === undefined ? [] : [eb('at', '>=', from)]),
    ...(to === undefined ? [] : [eb('at', '<', to)]),
    ...(seenBy === undefined
      ? []
      : [
          or([
            sql<SqlBool>`organization = any(${[...seenBy.organizations]}::text[])`,
            sql<SqlBool>`lower(actor) = lower(${seenBy.actor}::text)`,
          ]),
        ]),
  ])
