import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'
import type { EntryPlace, IndexRow, ItemRecord } from '../../ports/archive-index.ts'

/** Columns of a row, in the order of `toColumns`; `fromColumns` reads them in that order, followed by kind and label. */
const columns = [
  ['folder_no', 'integer not null'],
  ['uid', 'integer'],
  ['href', 'text'],
  ['entry', 'text not null'],
  ['entry_crc', 'integer not null'],
  ['size_bytes', 'integer not null'],
  ['sha256', 'blob not null'],
  ['uid_validity', 'text'],
  ['internal_date', 'text'],
  ['flags', 'text'],
  ['mod_seq', 'text'],
  ['email_id', 'text'],
  ['thread_id', 'text'],
  ['etag', 'text'],
  ['message_id', 'text'],
  ['object_uid', 'text'],
  ['header_offset', 'integer not null'],
  ['compressed_bytes', 'integer not null'],
  ['method', 'integer not null'],
  ['crc32', 'integer not null'],
  ['title', 'text not null'],
  ['sender', 'text not null'],
  ['recipients', 'text not null'],
  ['date', 'text'],
  ['end_date', 'text'],
  ['place', 'text not null'],
  ['phone', 'text not null'],
  ['company', 'text not null'],
  ['categories', 'text not null'],
  ['has_attachment', 'integer not null'],
  ['unique_id', 'text'],
  ['component', 'text'],
  ['is_well_formed', 'integer not null'],
  ['same_ids', 'integer not null'],
] as const

export const columnNames = columns.map(([name]) => name).join(', ')
export const columnDefinitions = columns.map(([name, type]) => `${name} ${type}`).join(', ')
export const placeholders = columns.map(() => '?').join(', ')

/**
 * The Message-ID or UID of a record nearly always is the row's `unique_id`. Then `same_ids` says so, and the column of its
 * own stays empty: bit 0 for `message_id`, bit 1 for `object_uid`.
 */
const sameMessageId = 1
const sameObjectUid = 2

const sameIds = (record: ItemRecord, uniqueId: string | null): number =>
  uniqueId === null
    ? 0
    : (record.messageId === uniqueId ? sameMessageId : 0) | (record.objectUid === uniqueId ? sameObjectUid : 0)

/** Finds a row by its entry through a small index instead of one that repeats every name. */
export const entryCrc = (entry: string): number => crc32(entry)

export const toColumns = ({ record, fields, place, folderNo }: IndexRow): SQLInputValue[] => [
  folderNo,
  record.uid ?? null,
  record.href ?? null,
  record.entry,
  entryCrc(record.entry),
  record.sizeBytes,
  Buffer.from(record.sha256, 'hex'),
  record.uidValidity ?? null,
  record.internalDate ?? null,
  record.flags === undefined ? null : JSON.stringify(record.flags),
  record.modSeq ?? null,
  record.emailId ?? null,
  record.threadId ?? null,
  record.etag ?? null,
  record.messageId === fields.uniqueId ? null : (record.messageId ?? null),
  record.objectUid === fields.uniqueId ? null : (record.objectUid ?? null),
  place.headerOffset,
  place.compressedBytes,
  place.method,
  place.crc32,
  fields.title,
  fields.from,
  fields.to,
  fields.date,
  fields.endDate,
  fields.place,
  fields.phone,
  fields.company,
  fields.categories,
  fields.hasAttachment ? 1 : 0,
  fields.uniqueId,
  fields.component,
  fields.isWellFormed ? 1 : 0,
  sameIds(record, fields.uniqueId),
]

/** A row read as an array: the columns above, then kind and label of its folder. */
export type StoredRow = SQLOutputValue[]

const text = (value: SQLOutputValue | undefined): string | null =>
  value === null || value === undefined ? null : String(value)

const hex = (value: SQLOutputValue | undefined): string =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
    : String(value)

/** @throws AppError `archive_invalid`: whoever forges an index may write anything there */
const flagsOf = (json: string): string[] => {
  try {
    return JSON.parse(json) as string[]
  } catch (cause) {
    throw new AppError('archive_invalid', { details: { reason: 'its index has flags that are none' }, cause })
  }
}

/** The record and place of a stored row; keys appear in the order in which items.jsonl is written. */
export const toRecord = (row: StoredRow): { record: ItemRecord; place: EntryPlace } => {
  const same = Number(row[33])
  const record: { -readonly [Key in keyof ItemRecord]: ItemRecord[Key] } = {
    entry: String(row[3]),
    kind: row[34] as ItemKind,
    folder: String(row[35]),
    sizeBytes: Number(row[5]),
    sha256: hex(row[6]),
  }
  if (row[1] !== null) record.uid = Number(row[1])
  if (row[7] !== null) record.uidValidity = String(row[7])
  if (row[8] !== null) record.internalDate = String(row[8])
  if (row[9] !== null) record.flags = flagsOf(String(row[9]))
  const messageId = text(same & sameMessageId ? row[30] : row[14])
  if (messageId !== null) record.messageId = messageId
  if (row[10] !== null) record.modSeq = String(row[10])
  if (row[11] !== null) record.emailId = String(row[11])
  if (row[12] !== null) record.threadId = String(row[12])
  if (row[2] !== null) record.href = String(row[2])
  if (row[13] !== null) record.etag = String(row[13])
  const objectUid = text(same & sameObjectUid ? row[30] : row[15])
  if (objectUid !== null) record.objectUid = objectUid
  const place: EntryPlace = {
    headerOffset: Number(row[16]),
    compressedBytes: Number(row[17]),
    method: row[18] === 8 ? 8 : 0,
    crc32: Number(row[19]),
  }
  return { record, place }
}

export const toIndexRow = (row: StoredRow): IndexRow => ({
  ...toRecord(row),
  folderNo: Number(row[0]),
  fields: {
    title: String(row[20]),
    from: String(row[21]),
    to: String(row[22]),
    date: text(row[23]),
    endDate: text(row[24]),
    place: String(row[25]),
    phone: String(row[26]),
    company: String(row[27]),
    categories: String(row[28]),
    hasAttachment: row[29] === 1,
    uniqueId: text(row[30]),
    component: text(row[31]),
    isWellFormed: row[32] === 1,
  },
})
