import { Buffer } from 'node:buffer'
import { IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import { z } from 'zod'
import type { ItemRecord } from '../../ports/archive-index.ts'
import type { ItemRef } from '../../ports/source.ts'

/** The fields of a line of items.jsonl, in the order in which they are written. */
const itemFields = {
  entry: z.string().min(1),
  kind: ItemKind,
  folder: z.string(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  uid: z.int().min(1).max(0xffff_ffff).optional(),
  uidValidity: z.string().optional(),
  internalDate: z.string().optional(),
  flags: z.array(z.string()).optional(),
  messageId: z.string().optional(),
  modSeq: z.string().optional(),
  emailId: z.string().optional(),
  threadId: z.string().optional(),
  href: z.string().optional(),
  etag: z.string().optional(),
  objectUid: z.string().optional(),
} as const satisfies Record<keyof ItemRecord, z.ZodType>

const ItemLine = z
  .strictObject(itemFields)
  .refine(({ kind, uid, href }) => (kind === 'mail' ? uid !== undefined : href !== undefined), {
    error: 'a message has a uid, any other item an href',
  })
const IssueLineForm = z.strictObject(IssueLine.shape)

const itemKeys = Object.keys(itemFields) as readonly (keyof ItemRecord)[]
const issueKeys = Object.keys(IssueLine.shape) as readonly (keyof IssueLine)[]

// JSON.stringify with a list of keys writes them in the order of the list, and leaves out what is undefined.
const line = (value: object, keys: readonly string[]): string => JSON.stringify(value, keys as string[])

/** The one way to write this item as a line of items.jsonl, without the newline: keys in fixed order, no spaces. */
export const itemLine = (record: ItemRecord): string => line(record, itemKeys)

/** The one way to write this issue as a line of issues.jsonl, without the newline. */
export const issueLine = (issue: IssueLine): string => line(issue, issueKeys)

/** @throws AppError `archive_invalid` when the line is no item or is not written as `itemLine` writes it. */
export const parseItemLine = (text: string): ItemRecord => parsed(text, ItemLine, itemLine) as ItemRecord

/** @throws AppError `archive_invalid` */
export const parseIssueLine = (text: string): IssueLine => parsed(text, IssueLineForm, issueLine)

const parsed = <T>(text: string, schema: z.ZodType<T>, write: (value: never) => string): T => {
  const invalid = (reason: string, cause?: unknown) => new AppError('archive_invalid', { details: { reason }, cause })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('a line is not JSON', cause)
  }
  const result = schema.safeParse(value)
  if (!result.success) throw invalid(`a line has a wrong ${result.error.issues[0]?.path.join('.') || 'set of keys'}`)
  // One text for one value: a key given twice, say, would let two readers see two items.
  if (write(result.data as never) !== text) throw invalid('a line is not in canonical form')
  return result.data
}

/** The item's identity within its folder. */
export const refOf = (record: ItemRecord): ItemRef => record.uid ?? record.href ?? ''

/** Canonical order within a folder: UIDs as numbers, hrefs by their UTF-8 bytes. */
export const compareRefs = (a: ItemRef, b: ItemRef): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a), 'utf8'), Buffer.from(String(b), 'utf8'))
