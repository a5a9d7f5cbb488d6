import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Caller } from '../access/authorize.ts'
import type { CallOrigin } from './audit-trail.ts'
import { type AuditFilterParams, seenFilter } from './get-audit-log.ts'

export type AuditExportFormat = 'jsonl' | 'csv'

/**
 * Notes that the log was exported, and then gives it piece by piece, oldest entries first, this note among them: so an export without
 * filter is whole up to its last line.
 */
export type ExportAuditLog = (
  wanted: { readonly format: AuditExportFormat; readonly filter: AuditFilterParams },
  caller: Caller,
  origin: CallOrigin,
) => Promise<AsyncIterable<string>>

/** The names of the columns are those of the entry; `details` is JSON in its cell. */
export const csvColumns = [
  'number',
  'at',
  'action',
  'outcome',
  'code',
  'actor',
  'client',
  'address',
  'requestId',
  'target',
  'organization',
  'details',
  'previousHash',
  'hash',
] as const satisfies readonly (keyof AuditEntry)[]

/**
 * RFC 4180 §2. A spreadsheet takes a cell that begins like a formula for one, and the names in here were made up by whoever tried to sign
 * in: such a cell begins with an apostrophe.
 */
const cell = (value: AuditEntry[(typeof csvColumns)[number]]): string => {
  if (value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csvHead = `${csvColumns.join(',')}\r\n`
export const csvLine = (entry: AuditEntry): string => `${csvColumns.map((name) => cell(entry[name])).join(',')}\r\n`
export const jsonLine = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`

export type ExportAuditNeeds = {
  readonly log: Pick<AuditLog, 'pages'>
  readonly note: (note: {
    readonly action: 'audit.export'
    readonly actor: string
    readonly client: AuditEntry['client']
    readonly address: string
    readonly requestId: string
    readonly details: AuditEntry['details']
  }) => Promise<{ readonly number: number }>
}

const listed = (filter: AuditFilterParams): AuditEntry['details'] =>
  Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : String(value)]],
    ),
  )

export const createExportAuditLog =
  ({ log, note }: ExportAuditNeeds): ExportAuditLog =>
  async ({ format, filter }, caller, origin) => {
    const { number } = await note({
      action: 'audit.export',
      actor: caller.userName,
      client: caller.client ?? null,
      ...origin,
      details: { format, ...listed(filter) },
    })
    const line = format === 'csv' ? csvLine : jsonLine
    const pages = log.pages(seenFilter(filter, caller), number)
    return (async function* () {
      if (format === 'csv') yield csvHead
      for await (const entries of pages) yield entries.map(line).join('')
    })()
  }
