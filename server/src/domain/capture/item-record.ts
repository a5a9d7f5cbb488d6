import type { ItemFields } from '@stillbox/shared/vocabulary/item-fields.ts'
import type { ItemRecord } from '../../ports/archive-index.ts'
import type { ItemFacts, SourceFolder } from '../../ports/source.ts'

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** INTERNALDATE (RFC 9051 §9 date-time) as ISO 8601 with the zone kept; null when it is not one. */
export const isoFromInternalDate = (text: string): string | null => {
  const match = /^\s?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/.exec(text)
  const month = match ? months.indexOf(match[2]!.toLowerCase()) + 1 : 0
  if (!match || month === 0) return null
  return `${match[3]}-${String(month).padStart(2, '0')}-${match[1]!.padStart(2, '0')}T${match[4]}${match[5]}:${match[6]}`
}

const receivedAt = (facts: ItemFacts): string | null =>
  (facts.internalDate === undefined ? null : isoFromInternalDate(facts.internalDate)) ??
  (facts.receivedAtMs === null ? null : new Date(facts.receivedAtMs).toISOString())

const optional = <K extends string, V>(key: K, value: V | null | undefined): { readonly [P in K]?: V } =>
  (value === null || value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }

/** The line of items.jsonl for an item: everything needed to put it back, and nothing of this capture. */
export const toItemRecord = (
  folder: SourceFolder,
  label: string,
  entry: string,
  facts: ItemFacts,
  fields: ItemFields,
  bytes: { readonly sizeBytes: number; readonly sha256: string },
): ItemRecord => {
  const common = { entry, kind: folder.kind, folder: label, sizeBytes: bytes.sizeBytes, sha256: bytes.sha256 }
  if (typeof facts.ref === 'string')
    return { ...common, href: facts.ref, ...optional('etag', facts.etag), ...optional('objectUid', fields.uniqueId) }
  return {
    ...common,
    uid: facts.ref,
    ...optional('uidValidity', folder.generation),
    ...optional('internalDate', receivedAt(facts)),
    ...optional('flags', facts.flags),
    ...optional('messageId', fields.uniqueId),
    ...optional('modSeq', facts.modSeq),
    ...optional('emailId', facts.emailId),
    ...optional('threadId', facts.threadId),
  }
}
